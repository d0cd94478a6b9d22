"""What background work tells the screens: workers post these and touch nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from graders import Report
    from labs.aws.iam import Decision
    from labs.course import Exercise
    from labs.course.review import ReviewCard
    from labs.sandbox import Event
    from tui.attempts import Compared
    from tui.session import Stage

__all__ = [
    "ComparedWith",
    "Due",
    "Explained",
    "Failed",
    "Judged",
    "Printed",
    "Requests",
    "SandboxReady",
    "SandboxState",
]


class SandboxState(Message):
    """The sandbox's state as a word for the header: "warming", "ready", "stopped"; of a stage, if of one."""

    def __init__(self, word: str, stage: Stage | None = None) -> None:
        super().__init__()
        self.word = word
        self.stage = stage


class SandboxReady(Message):
    """A world answers; its requests follow."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage


class Requests(Message):
    """Requests that the world has answered since the last of these messages."""

    def __init__(self, stage: Stage, events: tuple[Event, ...]) -> None:
        super().__init__()
        self.stage = stage
        self.events = events


class Judged(Message):
    """An exercise was marked."""

    def __init__(self, exercise: Exercise, report: Report) -> None:
        super().__init__()
        self.exercise = exercise
        self.report = report


class ComparedWith(Message):
    """What was written was compared with the last attempt."""

    def __init__(self, compared: Compared) -> None:
        super().__init__()
        self.compared = compared


class Due(Message):
    """What is due for review."""

    def __init__(self, cards: tuple[ReviewCard, ...]) -> None:
        super().__init__()
        self.cards = cards


class Explained(Message):
    """A decision was run again, with its trace; `event_id` names the request that it belongs to, if one."""

    def __init__(self, decision: Decision, title: str, event_id: str | None = None) -> None:
        super().__init__()
        self.decision = decision
        self.title = title
        self.event_id = event_id


class Printed(Message):
    """A command has run: the line as one types it, and what it printed."""

    def __init__(self, line: str, text: str) -> None:
        super().__init__()
        self.line = line
        self.text = text


class Failed(Message):
    """Background work met an error; `doing` says what it was doing, as in "marking the exercise"."""

    def __init__(self, error: BaseException, doing: str) -> None:
        super().__init__()
        self.error = error
        self.doing = doing
