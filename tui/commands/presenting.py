"""A walkthrough for a class: `present`, the page for votes, and the notes on a second terminal."""

from __future__ import annotations

import sys
import time
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.face import Face, face_of, skylab_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labs.course import Unit
    from labs.course.walkthrough import Slide
    from tui.presenting import Presented
    from tui.web.polling import PollPage

__all__ = ["present", "with_poll_place"]

POLL = "--poll"


def with_poll_place(words: list[str]) -> list[str]:
    """The words with an empty one behind a --poll that names no address: options always take a value."""
    whole: list[str] = []
    for word, following in zip_longest(words, words[1:], fillvalue="-"):
        whole += [word, ""] if word == POLL and following.startswith("-") else [word]
    return whole


def present(
    context: typer.Context,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="The unit whose walkthrough is presented.")],
    poll: Annotated[
        str | None,
        typer.Option(
            POLL,
            metavar="[ADDRESS[:PORT]]",
            help="Let the class vote by phone, at this address of this machine; alone, it finds the address.",
        ),
    ] = None,
    notes: Annotated[
        bool, typer.Option("--notes", help="Follow a presentation in another terminal, with your notes.")
    ] = False,
) -> None:
    """Present a unit's walkthrough to a class.

    One idea a screen, live calls on a key that can be taken back, polls, a timer, and notes for you.
    """
    from labs.errors import InputError

    face = face_of(context)
    on_screen = sys.stdin.isatty() and sys.stdout.isatty()
    if poll is not None and (notes or not (on_screen or face.plain)):
        raise InputError(
            "The page for votes belongs to the slides",
            "--poll does not go with --notes, and needs a terminal, or --plain.",
            "Give --poll where the slides are shown.",
        )
    page = poll_page(poll) if poll is not None else None
    if notes:
        follow_notes(face, unit)
    elif face.plain:
        from tui.lines import run_lines

        raise typer.Exit(run_lines(face, unit, page))
    elif on_screen:
        from tui.app import run

        raise typer.Exit(run(lambda: face.workspace().folder, presenting=unit, polls=page))
    else:
        show_walkthrough(face, unit)


def poll_page(place: str) -> PollPage:
    """The page for votes, listening."""
    from tui.web.polling import PollPage, read_place

    return PollPage(*read_place(place))


def show_walkthrough(face: Face, name: str) -> None:
    """Print a walkthrough, the notes with it: there is no class that reads a pipe."""
    from labs.course import load_course
    from labs.course.walkthrough import slides
    from tui.draw.slides import notes_drawn, slide_drawn

    for slide in slides(load_course().unit(name).walkthrough):
        face.show(slide_drawn(slide, votes={}, revealed=True), notes_drawn(slide))


def follow_notes(face: Face, name: str) -> None:
    """Show the notes for the slide that the class sees, until Ctrl+C."""
    from labs.course import load_course
    from labs.course.walkthrough import slides
    from tui.commands.sandbox import ended_by_signals
    from tui.draw.words import shown as drawn
    from tui.presenting import presentation_file, presented_from_now_on

    unit = load_course().unit(name)
    pages = slides(unit.walkthrough)
    shown: Presented | None = None
    told = ""
    with ended_by_signals():
        for now in presented_from_now_on(presentation_file(face.workspace().sandbox_file)):
            if now is not None and now.unit == unit.id and now.slide < len(pages):
                show_notes(face, unit, pages, now, shown)
                shown, told = now, ""
            elif told != (waiting := waiting_for(face, unit, now)):
                face.clear()
                face.show(drawn(waiting))
                shown, told = None, waiting


def waiting_for(face: Face, unit: Unit, now: Presented | None) -> str:
    """What to say when there is nothing to follow."""
    other = f" Another unit is presented now: {now.unit}." if now is not None and now.unit != unit.id else ""
    command = f"{skylab_command(face.workspace().folder)} present {unit.id}"
    return f"Waiting for the presentation.{other} In the other terminal: {command}"


def show_notes(
    face: Face, unit: Unit, pages: Sequence[Slide], now: Presented, before: Presented | None
) -> None:
    """Show the notes anew when the slide has changed; else only the clock, where it can be shown in place."""
    from tui.draw.speaker import clock_text, speaker_drawn

    moving = sys.stdout.isatty() and not face.plain
    clock = clock_text(now, time.time())
    if now != before:
        face.clear()
        face.show(speaker_drawn(unit.title, pages, now, plain=face.plain))
        if clock and not moving:
            print(clock, flush=True)
    if moving:
        sys.stdout.write(f"\r\x1b[2K  {clock}")
        sys.stdout.flush()
