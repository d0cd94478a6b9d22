"""A walkthrough as slides: what the class sees, what the teacher says, polls, and calls that can be run.

Each first-level heading of `walkthrough.md` begins a slide. A list of `- A. …` is a poll; the id of a
misconception in parentheses behind an option says who would choose it, and is not shown. What stands before
the options is the question, and what stands behind them comes after the poll. On a slide without a poll all
prose is the teacher's. Lines of code that begin with a command can be run. The last slide, "For the teacher",
has notes alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from labs.course.exercise import sections

__all__ = ["Option", "Poll", "Slide", "name_of", "slides"]

COMMANDS = ("aws", "curl", "echo", "eval", "export", "python", "python3", "skylab")
CLOSING = "For the teacher"

_OPTION = re.compile(r"^- ([A-E])\. (.*?)(?: \(([A-Z]\d+)\))?$", re.MULTILINE)
_ANSWER = re.compile(r"\bAnswer: ([A-E])\.")
_FENCE = re.compile(r"^```")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a poll; `misconception` is the belief behind it, empty where there is none."""

    letter: str
    text: str
    misconception: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """A question to the class; `answer` is the letter that is right, empty where the class decides."""

    question: str
    options: tuple[Option, ...]
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Slide:
    """One idea.

    `code` is shown with it and `later` once a poll's answer is known; `calls` are the commands in both, and
    `notes` what the teacher reads.
    """

    title: str
    poll: Poll | None = None
    code: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    notes: str = ""


def slides(walkthrough: str) -> tuple[Slide, ...]:
    """The slides of a walkthrough in Markdown; the closing one has notes alone."""
    return tuple(_slide(title, list(_blocks(body))) for title, body in sections(walkthrough))


def name_of(slide: Slide) -> str:
    """A slide's title as a class reads it: polls are numbered for the teacher alone."""
    return re.sub(r"^Poll \d+: ", "", slide.title)


def _blocks(body: str) -> Iterator[str]:
    """The paragraphs, lists and fenced pieces of code, in their order."""
    block: list[str] = []
    fenced = False
    for line in body.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        if line.strip() or fenced:
            block.append(line)
        elif block:
            yield "\n".join(block)
            block = []
    if block:
        yield "\n".join(block)


def _slide(title: str, blocks: list[str]) -> Slide:
    code = tuple(_inside(each) for each in blocks if each.startswith("```"))
    calls = tuple(call for each in code for call in _calls(each))
    prose = [each for each in blocks if not each.startswith("```")]
    place = next((place for place, each in enumerate(prose) if _OPTION.match(each)), None)
    if place is None or title == CLOSING:
        shown = () if title == CLOSING else code
        return Slide(title, None, shown, calls=calls, notes="\n\n".join(prose))
    said = [each for each in prose[:place] if _to_the_teacher(each)]
    question = [each for each in prose[:place] if not _to_the_teacher(each)]
    notes = "\n\n".join([*said, *prose[place + 1 :]])
    options = tuple(Option(*(part or "" for part in found)) for found in _OPTION.findall(prose[place]))
    right = _ANSWER.search(notes)
    poll = Poll("\n\n".join(question), options, right[1] if right else "")
    at = blocks.index(prose[place])
    before = tuple(_inside(each) for each in blocks[:at] if each.startswith("```"))
    return Slide(title, poll, before, code[len(before) :], calls, notes)


def _to_the_teacher(paragraph: str) -> bool:
    return paragraph.startswith(("Say:", "Open ", "Have ", "Write ", "Show ", "Put "))


def _inside(fence: str) -> str:
    return "\n".join(fence.splitlines()[1:-1])


def _calls(code: str) -> Iterator[str]:
    """The commands in a piece of code, each on one line; one that leaves something open with … is not one."""
    for line in code.replace("\\\n", " ").splitlines():
        words = line.split()
        if words and words[0] in COMMANDS and "…" not in line and not line.startswith(" "):
            yield " ".join(words)
