"""The page on which a class votes: one question, its choices as buttons of a plain form, no script needed.

A vote counts with the cookie that came with the page, and from a page of ours: no other site can vote for
somebody who visits it. The cookie is a random number with our signature. Whoever throws it away is a new
device, so this is a show of hands and not an election; limits keep one machine from drowning the class.
Requests are not logged, and no address is looked at.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from aiohttp import web

from tui.web.ballot import Allowance, Ballot, Question
from tui.web.door import Door, same

if TYPE_CHECKING:
    from socket import socket as Socket

__all__ = ["PollServer"]

COOKIE = "skylab-device"
MOST_BYTES = 1024
"""Bytes of a vote."""
A_DAY = 86400
REQUESTS_OF_ALL = (500.0, 3000)
"""How many a second, and how many at once."""
FILES = {"poll.css": "text/css", "poll.js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class PollServer:
    """Shows what a ballot asks, and takes votes for it."""

    def __init__(self, door: Door, ballot: Ballot, clock: Callable[[], float] = time.monotonic) -> None:
        self.door, self.ballot = door, ballot
        self._key = secrets.token_bytes(32)
        self._allowance = Allowance(*REQUESTS_OF_ALL, clock)

    async def start(self, listener: Socket) -> web.AppRunner:
        """Serve on a socket; the runner ends it."""
        # aiohttp logs the address of a client whose request fails; this logger says nothing to anybody.
        silent = logging.Logger("silent")
        silent.addHandler(logging.NullHandler())
        runner = web.AppRunner(
            self.application(), access_log=None, logger=silent, keepalive_timeout=5, shutdown_timeout=1
        )
        await runner.setup()
        await web.SockSite(runner, listener).start()
        return runner

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self.let_in], client_max_size=MOST_BYTES)
        app.add_routes(
            [
                web.get("/", self.handle_page),
                web.post("/", self.handle_vote),
                web.get("/state", self.handle_state),
                *(web.get(f"/{name}", partial(handle_file, name)) for name in FILES),
            ]
        )
        app.on_response_prepare.append(shut_in)
        return app

    @web.middleware
    async def let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass on what is meant for this page, and votes from the page itself only."""
        if not self._allowance.take():
            return web.Response(status=503, text="Too many ask at once. Try again in a moment.\n")
        if not self.door.knows_host(request.headers):
            return web.Response(status=403, text=f"Open it as {self.door.origin}\n")
        if not self.door.knows_origin(request.headers, needed=request.method == "POST"):
            return web.Response(status=403, text="Only the page itself can vote.\n")
        return await handler(request)

    async def handle_page(self, request: web.Request) -> web.Response:
        return self.page(request, self.device(request))

    async def handle_vote(self, request: web.Request) -> web.Response:
        """Take a vote and show the page again; a vote that is not taken is told there."""
        device = self.device(request)
        if not device:
            why = "The vote needs the page's cookie. Allow cookies for it, and vote again."
            return self.page(request, device, why, status=403)
        if request.content_type != "application/x-www-form-urlencoded":
            raise web.HTTPUnsupportedMediaType
        form = await request.post()
        slide, letter = str(form.get("slide", "")), str(form.get("choice", ""))
        number = int(slide) if re.fullmatch("[0-9]{1,5}", slide) else -1
        why = self.ballot.vote(device, number, letter)
        if why:
            return self.page(request, device, why, status=409)
        raise web.HTTPSeeOther("/")

    async def handle_state(self, request: web.Request) -> web.Response:
        """What the page's script asks for: the state that a page should show, and when to ask again."""
        again = 2 + self.ballot.devices / 100  # seconds: some ninety requests a second from the largest class
        return web.json_response({"state": state_of(self.ballot.question), "again": again})

    def page(self, request: web.Request, device: str, refusal: str = "", status: int = 200) -> web.Response:
        """The page as a device sees it; one without a cookie gets one."""
        question = self.ballot.question
        mine = self.ballot.vote_of(device, question.slide) if question and device else ""
        template = Template(files("tui.web").joinpath("pages", "poll.html").read_text("utf-8"))
        text = template.substitute(
            title=escape(question.title if question else "Skylab"),
            state=state_of(question),
            body="\n".join(body_of(question, mine, refusal)),
        )
        response = web.Response(text=text, content_type="text/html", status=status)
        if not device:
            response.set_cookie(
                COOKIE, self.new_device(), httponly=True, samesite="Strict", max_age=A_DAY, path="/"
            )
        return response

    def new_device(self) -> str:
        """A cookie for a device that has none."""
        number = secrets.token_hex(16)
        return f"{number}.{self._signature(number)}"

    def device(self, request: web.Request) -> str:
        """The number of the device that asks, if it was given one here; else nothing."""
        number, _, signature = request.cookies.get(COOKIE, "").partition(".")
        return number if same(signature, self._signature(number)) else ""

    def _signature(self, number: str) -> str:
        return hmac.new(self._key, number.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


async def shut_in(request: web.Request, response: web.StreamResponse) -> None:
    """Have the browser load nothing from elsewhere, keep nothing, and show the page in nobody's frame."""
    response.headers.update(
        {
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
    )


async def handle_file(name: str, request: web.Request) -> web.Response:
    """A file of the page."""
    body = files("tui.web").joinpath("pages", name).read_bytes()
    return web.Response(body=body, content_type=FILES[name], charset="utf-8")


def state_of(question: Question | None) -> str:
    return question.state if question else "none"


def body_of(question: Question | None, mine: str, refusal: str) -> Iterator[str]:
    """What stands on the page, in HTML; `mine` is the letter that the device has voted."""
    if refusal:
        yield f'<p class="said refused" role="alert">{escape(refusal)}</p>'
    if question is None:
        yield "<h1>No question now</h1>"
        yield "<p>Leave this page open: the next question comes by itself.</p>"
        return
    yield f"<h1>{inline(question.title)}</h1>"
    yield from (f"<p>{inline(each)}</p>" for each in re.split(r"\n\s*\n", question.text.strip()) if each)
    yield from (f"<pre>{escape(each)}</pre>" for each in question.code)
    if not refusal:
        yield f'<p class="said" role="status">{said(question, mine)}</p>'
    if question.open:
        yield f'<form method="post" action="/"><input type="hidden" name="slide" value="{question.slide}">'
    yield '<ul class="choices">'
    for option in question.options:
        kinds = ["choice", *(["mine"] if option.letter == mine else [])]
        notes = ['<span class="note">Your vote</span>'] if option.letter == mine else []
        if option.letter == question.answer:
            kinds.append("right")
            notes.insert(0, '<span class="note right">✓ The answer</span>')
        inside = f'<span class="letter">{escape(option.letter)}</span><span>{inline(option.text)}</span>'
        inside += "".join(notes)
        if question.open:
            yield (
                f'<li><button class="{" ".join(kinds)}" name="choice" value="{escape(option.letter)}">'
                f"{inside}</button></li>"
            )
        else:
            yield f'<li><div class="{" ".join(kinds)}">{inside}</div></li>'
    yield "</ul>"
    if question.open:
        yield "</form>"


def said(question: Question, mine: str) -> str:
    """Where the vote stands, for whoever has voted and whoever has not."""
    if question.open:
        return "You may change your vote until the vote closes." if mine else "Tap your answer."
    return "The vote is closed." if question.revealed else "The vote is closed. The answer comes soon."


def inline(markdown: str) -> str:
    """A line of the course's Markdown in HTML: code and bold; everything else is text."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(markdown))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", text)
