"""What became of a request, in one word with its sign, and whether a filter lets the request through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from labs.sandbox import Check, Event

__all__ = ["COLOURS", "SIGNS", "Verdict", "denied_check", "passes", "verdict_of"]

Verdict = Literal["allowed", "denied", "failed", "refused"]

SIGNS: dict[Verdict, str] = {"allowed": "✓", "denied": "✗", "failed": "!", "refused": "!"}
COLOURS: dict[Verdict, str] = {
    "allowed": "$success",
    "denied": "$error",
    "failed": "$warning",
    "refused": "$warning",
}


def denied_check(event: Event) -> Check | None:
    """The check that denied a request, when one did."""
    return next((each for each in event.checks if each.decision != "Allowed"), None)


def verdict_of(event: Event) -> Verdict:
    """Allowed or denied by IAM; failed though IAM allowed it; refused before IAM was asked."""
    if denied_check(event) is not None:
        return "denied"
    if event.error:
        return "failed" if event.checks else "refused"
    return "allowed"


def passes(event: Event, words: str) -> bool:
    """Whether every word of a filter is somewhere in a request; one with `-` before it must not be.

    What is searched: the verdict, the call, who asked, the actions and resources of its checks, the error.
    """
    told = [verdict_of(event), f"{event.service}:{event.operation}", event.principal, event.error or ""]
    told += [part for check in event.checks for part in (check.action, check.resource)]
    text = "\n".join(told).lower()
    for word in words.lower().split():
        wanted = word.removeprefix("-")
        if wanted and (wanted in text) == word.startswith("-"):
            return False
    return True
