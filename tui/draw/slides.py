"""A slide for the projector: one idea, large and alone; and the teacher's notes for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from labs.course.walkthrough import Poll, Slide, name_of
from tui.draw.layout import indented, page, row, rule
from tui.draw.prose import prose
from tui.draw.voting import Place, place_drawn
from tui.draw.words import shown

__all__ = ["beliefs", "notes_drawn", "slide_drawn"]

BAR = 24
MOST_OUTPUT = 12
"""Lines that a live call shows; the class reads no more."""


def slide_drawn(
    slide: Slide,
    *,
    votes: Mapping[str, int],
    revealed: bool,
    ran: Sequence[tuple[str, str]] = (),
    following: str = "",
    running: bool = False,
    clock: str = "",
    place: Place | None = None,
) -> RenderableType:
    """The slide as far as the class may see it.

    `ran` are live calls with what they printed, `following` is the next one, `running` whether it runs now;
    `place` is the page for votes, where the slide is to name it.
    """
    return page(*_slide(slide, votes, revealed, ran, following, running, clock, place))


def _slide(
    slide: Slide,
    votes: Mapping[str, int],
    revealed: bool,
    ran: Sequence[tuple[str, str]],
    following: str,
    running: bool,
    clock: str,
    place: Place | None,
) -> Iterator[RenderableType]:
    yield Text()
    yield shown(name_of(slide), "accent")
    yield Text()
    if slide.poll is not None and slide.poll.question:
        yield prose(slide.poll.question)
        yield Text()
    for code in slide.code + (slide.later if revealed else ()):
        if not any(code.strip() == call for call in slide.calls):
            yield indented(shown(code), 2)
            yield Text()
    if slide.poll is not None:
        yield from _poll(slide.poll, votes, revealed, close=place is not None)
        yield Text()
    if place is not None:
        yield from place_drawn(place)
        yield Text()
    for command, output in ran:
        yield from _ran(command, output)
    if following:
        word = "running" if running else "x runs"
        yield Text.assemble(("$ ", "quiet"), shown(following, "quiet"), (f"   {word}", "accent"))
    if clock:
        yield Text(clock, "accent", justify="right")


def _poll(poll: Poll, votes: Mapping[str, int], revealed: bool, *, close: bool) -> Iterator[RenderableType]:
    """The options, with bars once there are votes; `close` together where more has to stand on the slide."""
    most = max(votes.values(), default=0)
    for option in poll.options:
        right = revealed and option.letter == poll.answer
        sign = Text("✓", "allowed") if right else Text(" ")
        text = shown(option.text.replace("`", ""), "title" if right else "")
        yield row(sign, Text(option.letter, "accent"), text, widths=(2, 2, None))
        if votes:
            count = votes.get(option.letter, 0)
            bar = "▇" * max(1, count * BAR // most) if count else ""
            yield row("", "", Text.assemble((f"{bar:<{BAR}}", "accent"), f"{count:>5}"), widths=(2, 2, None))
        if not (votes and close):
            yield Text()


def _ran(command: str, output: str) -> Iterator[RenderableType]:
    yield Text.assemble(("$ ", "quiet"), shown(command, "title"))
    lines = output.rstrip().splitlines()
    for line in lines[:MOST_OUTPUT]:
        yield shown(line)
    if len(lines) > MOST_OUTPUT:
        yield Text(f"… and {len(lines) - MOST_OUTPUT} lines more", "quiet")
    yield Text()


def notes_drawn(slide: Slide) -> RenderableType:
    """What the teacher reads."""
    return page(
        rule(),
        Text("Notes", "quiet"),
        prose(slide.notes or "Nothing to add."),
        *(shown(each, "quiet") for each in beliefs(slide)),
    )


def beliefs(slide: Slide) -> Iterator[str]:
    """What those may believe who choose a wrong answer, and what to say to it."""
    from labs.course.misconceptions import misconceptions

    for option in slide.poll.options if slide.poll else ():
        if option.misconception:
            known = misconceptions()[option.misconception]
            said = f"{option.letter} may believe: {known.belief} Say: {known.refutation}"
            yield said.replace("`", "")
