"""What the teacher reads on a second terminal: the slide, its answer, the notes, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from labs.course.walkthrough import Slide, name_of
from tui.draw.layout import page, row, rule
from tui.draw.prose import prose
from tui.draw.slides import beliefs
from tui.draw.words import shown
from tui.presenting import Presented

__all__ = ["clock_text", "speaker_drawn"]

_COLUMNS = (2, 3, None, 6)


def speaker_drawn(
    unit: str, slides: Sequence[Slide], now: Presented, *, plain: bool = False
) -> RenderableType:
    """All that the notes of a slide hold, for the slide that the class sees."""
    return page(*_speaker(unit, slides, now, plain))


def clock_text(now: Presented, moment: float) -> str:
    """What is left of a discussion; empty when there is none."""
    left = 0 if now.until is None else max(0, round(now.until - moment))
    return f"discuss {left // 60}:{left % 60:02}" if left else ""


def _speaker(unit: str, slides: Sequence[Slide], now: Presented, plain: bool) -> Iterator[RenderableType]:
    slide = slides[now.slide]
    yield shown(f"{unit} · slide {now.slide + 1} of {len(slides)}", "quiet")
    yield shown(name_of(slide), "accent")
    yield rule()
    if slide.poll is not None:
        yield prose(slide.poll.question, plain=plain)
        for option in slide.poll.options:
            right = option.letter == slide.poll.answer
            sign = Text("✓", "allowed") if right else Text(" ")
            votes = f"{now.votes[option.letter]:>6}" if option.letter in now.votes else ""
            text = shown(option.text.replace("`", ""), "title" if right else "")
            yield row(sign, Text(option.letter, "accent"), text, votes, widths=_COLUMNS)
        answer = slide.poll.answer or "the class decides"
        seen = "the class sees it" if now.revealed else "the class does not see it yet"
        yield Text()
        yield Text.assemble(("Answer  ", "quiet"), (answer, "title"), (f"   {seen}", "quiet"))
        yield from (shown(each, "quiet") for each in beliefs(slide))
    yield Text()
    yield prose(slide.notes or "Nothing to add.", plain=plain)
    yield Text()
    for number, call in enumerate(slide.calls):
        done = "has run" if number < now.ran else "x runs it" if number == now.ran else "later"
        yield Text.assemble(("$ ", "quiet"), shown(call), (f"   {done}", "quiet"))
    yield rule()
    yield Text.assemble(("Next  ", "quiet"), shown(_next(slides, now)))


def _next(slides: Sequence[Slide], now: Presented) -> str:
    """What the next key brings."""
    slide = slides[now.slide]
    if slide.poll is not None and not now.revealed:
        return "the answer"
    if now.slide + 1 == len(slides):
        return "nothing, this is the last slide"
    following = slides[now.slide + 1]
    return f"{name_of(following)}{' (a poll)' if following.poll else ''}"
