"""The errors that Skylab raises on purpose: one tree, each with a title, a detail and a hint.

    SkylabError
    ├── InputError                what somebody typed, or what a file holds, is wrong   exit 2
    │   ├── AddressError          carries what the text probably meant
    │   ├── ArnError
    │   ├── PolicyError           carries the JSON path of the fault
    │   ├── Ec2Error              carries AWS's error code where AWS would refuse
    │   ├── UsageError            carries the place in the usage document
    │   ├── CourseError           no such exercise; an exercise folder that is damaged
    │   ├── WorkspaceError        no workspace here; a workspace that cannot be read
    │   └── SubmissionError       a submission that cannot be read
    └── EnvironmentFailure        the machine or the sandbox failed, not the user       exit 3
        ├── SandboxError          the world cannot start, or cannot be reached
        ├── JournalError          a journal that cannot be read or replayed
        ├── IsolationError        student code cannot be shut in on this machine
        └── WorkerError           a process that judges was lost; a cluster that cannot be reached

A face shows `title` as the headline, `detail` as what was found and where, and `hint` as what to do next.
"""

from __future__ import annotations

__all__ = [
    "AddressError",
    "ArnError",
    "CourseError",
    "Ec2Error",
    "EnvironmentFailure",
    "InputError",
    "IsolationError",
    "JournalError",
    "PolicyError",
    "SandboxError",
    "SkylabError",
    "SubmissionError",
    "UsageError",
    "WorkerError",
    "WorkspaceError",
]


class SkylabError(Exception):
    """An error that Skylab explains: what was wrong, where, and what to do."""

    exit_status = 3

    def __init__(self, title: str, detail: str = "", hint: str = "") -> None:
        super().__init__(title, detail, hint)
        self.title = title
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return ". ".join(part.rstrip(".") for part in (self.title, self.detail, self.hint) if part)

    def as_json(self) -> dict[str, str]:
        """The form that every `--json` and `--jsonl` answer uses for an error."""
        return {"title": self.title, "detail": self.detail, "hint": self.hint}


class InputError(SkylabError):
    """What somebody typed, or what a file holds, is wrong."""

    exit_status = 2


class ArnError(InputError, ValueError):
    """A text that is no ARN."""


class AddressError(InputError, ValueError):
    """A text that is no address block; `meant` is the block that was probably meant, where there is one."""

    def __init__(self, title: str, detail: str = "", hint: str = "", *, meant: str | None = None) -> None:
        super().__init__(title, detail, hint)
        self.meant = meant

    def as_json(self) -> dict[str, str]:
        return {**super().as_json(), **({"meant": self.meant} if self.meant else {})}


class PolicyError(InputError, ValueError):
    """A policy document that AWS would refuse; `path` is where, as in `Statement[1].Action`."""

    def __init__(self, title: str, detail: str = "", hint: str = "", *, path: str = "") -> None:
        super().__init__(title, detail, hint)
        self.path = path

    def as_json(self) -> dict[str, str]:
        return {**super().as_json(), "path": self.path}


class Ec2Error(InputError, ValueError):
    """A name, number or request that EC2 would refuse; `code` is AWS's error code, or empty."""

    def __init__(self, title: str, detail: str = "", hint: str = "", *, code: str = "") -> None:
        super().__init__(title, detail, hint)
        self.code = code

    def as_json(self) -> dict[str, str]:
        return {**super().as_json(), "code": self.code}


class UsageError(InputError, ValueError):
    """Metered usage that cannot be billed; `path` is where, as in `usage[2].start`."""

    def __init__(self, title: str, detail: str = "", hint: str = "", *, path: str = "") -> None:
        super().__init__(title, f"At {path}: {detail}" if path else detail, hint)
        self.path = path
        self.found = detail

    def within(self, place: str) -> UsageError:
        """The same error, where its path lies within a place."""
        dot = "." if self.path and not self.path.startswith("[") else ""
        return UsageError(self.title, self.found, self.hint, path=f"{place}{dot}{self.path}")

    def as_json(self) -> dict[str, str]:
        return {**super().as_json(), "path": self.path}


class CourseError(InputError):
    """An exercise or unit that does not exist, or whose folder is damaged."""


class WorkspaceError(InputError):
    """A workspace that is absent or cannot be read."""


class SubmissionError(InputError):
    """A submission that cannot be read."""


class EnvironmentFailure(SkylabError):
    """The machine or the sandbox failed, not the user."""


class SandboxError(EnvironmentFailure):
    """A world that cannot start or cannot be reached."""


class JournalError(EnvironmentFailure):
    """A journal that cannot be read or replayed."""


class IsolationError(EnvironmentFailure):
    """Student code cannot be shut in on this machine."""


class WorkerError(EnvironmentFailure):
    """A process that judges was lost, or the cluster of such processes cannot be reached."""
