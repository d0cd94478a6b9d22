"""The page for votes as a phone, a script and a foreign page meet it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from http.client import HTTPConnection

import pytest
from aiohttp import ClientSession, CookieJar

from labs.course.walkthrough import Option
from labs.errors import EnvironmentFailure, InputError
from tui.web import polling
from tui.web.ballot import Ballot, Question
from tui.web.door import Door, listen
from tui.web.polling import PollPage, read_place
from tui.web.polls import PollServer

LOOPBACK = ipaddress.ip_address("127.0.0.1")
ASKED = Question(
    3,
    "two sides <b>",
    "bob has **no** policy. May he `s3:GetObject`?\n\n<script>alert(1)</script>",
    (Option("A", 'No: "both" must <i>allow</i>.', "I5"), Option("B", "Yes.")),
    ("aws s3 ls <bucket>",),
)


class Phone:
    """A device of a student's."""

    def __init__(self, origin: str, ballot: Ballot, session: ClientSession) -> None:
        self.origin, self.ballot, self.session = origin, ballot, session

    async def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        async with self.session.get(self.origin + path, headers=headers) as answer:
            return answer.status, await answer.text()

    async def vote(self, letter: str, slide: str = "3", **headers: str) -> tuple[int, str]:
        sent = {"Origin": self.origin, **headers}
        async with self.session.post(
            self.origin + "/",
            data={"slide": slide, "choice": letter},
            headers={name: value for name, value in sent.items() if value},
        ) as answer:
            return answer.status, await answer.text()


@asynccontextmanager
async def polling_at(ballot: Ballot, phones: int = 1) -> AsyncIterator[list[Phone]]:
    with listen(LOOPBACK, 0) as listener:
        door = Door(LOOPBACK, listener.getsockname()[1])
        runner = await PollServer(door, ballot, lambda: 0.0).start(listener)
        sessions = [ClientSession(cookie_jar=CookieJar(unsafe=True)) for _ in range(phones)]
        try:
            yield [Phone(door.origin, ballot, each) for each in sessions]
        finally:
            for each in sessions:
                await each.close()
            await runner.cleanup()


@pytest.fixture
def ballot() -> Ballot:
    ballot = Ballot()
    ballot.ask(ASKED)
    return ballot


async def test_two_devices_vote_and_one_changes_its_mind(ballot: Ballot) -> None:
    async with polling_at(ballot, 2) as (one, two):
        for phone, letter in ((one, "A"), (two, "B"), (one, "B")):
            await phone.get()
            status, page = await phone.vote(letter)
            assert status == 200
            assert re.search(rf'class="choice mine" name="choice" value="{letter}"', page)
            assert page.count("Your vote") == 1

    assert ballot.counts(3) == {"B": 2}
    assert ballot.devices == 2


async def test_what_is_asked_stands_there_as_text_and_its_code_as_code(ballot: Ballot) -> None:
    async with polling_at(ballot) as (phone,):
        _, page = await phone.get()

    assert "<h1>two sides &lt;b&gt;</h1>" in page
    assert "<strong>no</strong>" in page
    assert "<code>s3:GetObject</code>" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "No: &quot;both&quot; must &lt;i&gt;allow&lt;/i&gt;." in page
    assert "<pre>aws s3 ls &lt;bucket&gt;</pre>" in page
    assert "I5" not in page
    assert "://" not in page


async def test_the_answer_comes_when_it_is_revealed_and_the_vote_is_closed_by_then(ballot: Ballot) -> None:
    async with polling_at(ballot) as (phone,):
        await phone.get()
        await phone.vote("A")
        _, before = await phone.get("/state")
        ballot.ask(replace(ASKED, open=False))
        _, closed = await phone.get()
        late, told = await phone.vote("B")
        ballot.ask(replace(ASKED, open=False, revealed=True, answer="B"))
        _, after = await phone.get("/state")
        _, revealed = await phone.get()

    assert "The vote is closed. The answer comes soon." in closed
    assert "<button" not in closed
    assert "The answer</span>" not in closed
    assert late == 409
    assert "closed before yours came" in told
    assert before != after
    assert "✓ The answer" in revealed
    assert revealed.count("Your vote") == 1
    assert ballot.counts(3) == {"A": 1}


async def test_between_two_polls_the_page_waits(ballot: Ballot) -> None:
    ballot.ask(None)
    async with polling_at(ballot) as (phone,):
        _, page = await phone.get()
        status, told = await phone.vote("A")

    assert "No question now" in page
    assert status == 409
    assert "another question" in told


@pytest.mark.parametrize(
    ("headers", "status", "sentence"),
    [
        ({"Origin": "http://evil.example"}, 403, "Only the page itself can vote"),
        ({"Origin": "null"}, 403, "Only the page itself can vote"),
        ({"Origin": ""}, 403, "Only the page itself can vote"),
        ({"Host": "evil.example"}, 403, "Open it as http://127.0.0.1"),
        ({"Content-Type": "text/plain"}, 415, ""),
    ],
)
async def test_a_vote_from_elsewhere_is_not_taken(
    headers: dict[str, str], status: int, sentence: str, ballot: Ballot
) -> None:
    async with polling_at(ballot) as (phone,):
        await phone.get()
        refused, text = await phone.vote("A", **headers)

    assert refused == status
    assert sentence in text
    assert ballot.counts(3) == {}


@pytest.mark.parametrize("cookie", ["", "a-number", "a-number.signed-by-nobody", "\udcff.\udcff"])
async def test_a_vote_without_a_cookie_of_ours_is_not_taken(cookie: str, ballot: Ballot) -> None:
    async with polling_at(ballot) as (phone,):
        status, text = await phone.vote("A", Cookie=f"skylab-device={cookie}" if cookie else "")

    assert status == 403
    assert "needs the page&#x27;s cookie" in text
    assert ballot.counts(3) == {}


@pytest.mark.parametrize("slide", ["", "-3", "3.0", "٣", "9" * 30, "2"])
async def test_a_vote_for_no_question_of_now_is_not_taken(slide: str, ballot: Ballot) -> None:
    async with polling_at(ballot) as (phone,):
        await phone.get()
        status, _ = await phone.vote("A", slide=slide)

    assert status == 409


async def test_a_vote_that_is_far_too_long_is_not_read(ballot: Ballot) -> None:
    async with polling_at(ballot) as (phone,):
        await phone.get()
        status, _ = await phone.vote("A" * 2000)

    assert status == 413


async def test_a_cookie_is_for_this_page_alone_and_no_script_reads_it(ballot: Ballot) -> None:
    async with polling_at(ballot) as (phone,), phone.session.get(phone.origin) as answer:
        (cookie,) = answer.headers.getall("Set-Cookie")
        policy = answer.headers["Content-Security-Policy"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "default-src 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_flood_is_turned_away_and_takes_no_votes(
    ballot: Ballot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.web.polls.REQUESTS_OF_ALL", (1.0, 3))
    async with polling_at(ballot) as (phone,):
        answers = [await phone.get("/state") for _ in range(4)]

    assert [status for status, _ in answers] == [200, 200, 200, 503]


def test_the_page_runs_beside_the_presentation_and_ends_with_it() -> None:
    page = PollPage(LOOPBACK, 0)
    page.ballot.ask(ASKED)
    page.start()
    connection = HTTPConnection("127.0.0.1", page.door.port, timeout=30)
    connection.request("GET", "/state")
    state = connection.getresponse().read()
    connection.close()
    page.close()
    page.close()

    assert b"3-open" in state
    with pytest.raises(ConnectionRefusedError):
        connection.connect()


def test_a_page_that_never_began_can_be_closed() -> None:
    PollPage(LOOPBACK, 0).close()


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(EnvironmentFailure, match="cannot be served there"):
        PollPage(ipaddress.ip_address("192.0.2.7"), 0)


@pytest.mark.parametrize(
    ("address", "warning"),
    [
        ("127.0.0.1", "Only this machine"),
        ("192.168.1.20", ""),
        ("10.3.4.5", ""),
        ("100.64.1.2", ""),
        ("fd00::1", ""),
        ("52.95.110.1", "anybody on the internet"),
        ("2600:1f14::1", "anybody on the internet"),
    ],
)
def test_an_address_that_is_not_private_is_warned_of(
    address: str, warning: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "listen", lambda _address, port: listen(LOOPBACK, 0))
    page = PollPage(ipaddress.ip_address(address))
    page.close()

    assert (warning in page.warning) if warning else page.warning == ""


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("192.168.1.20", "192.168.1.20", 8000),
        ("192.168.1.20:81", "192.168.1.20", 81),
        ("::1", "::1", 8000),
        ("[::1]", "::1", 8000),
        ("[fd00::1]:0", "fd00::1", 0),
    ],
)
def test_a_place_is_an_address_and_perhaps_a_port(text: str, address: str, port: int) -> None:
    assert read_place(text) == (ipaddress.ip_address(address), port)


@pytest.mark.parametrize(
    "text", ["policies", "0.0.0.0", "::", "224.0.0.1", "1.2.3.4:70000", "1.2.3.4:x", "[x]:1"]
)
def test_a_place_that_no_phone_could_open_is_told(text: str) -> None:
    with pytest.raises(InputError):
        read_place(text)


def test_the_machine_s_own_address_is_the_one_by_which_it_reaches_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "NOWHERE", ("127.0.0.1", 9))

    assert (read_place(""), read_place(":81")) == ((LOOPBACK, 8000), (LOOPBACK, 81))


def test_a_machine_that_is_on_no_network_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "NOWHERE", ("255.255.255.255", 9))

    with pytest.raises(InputError, match="on no network"):
        read_place("")
