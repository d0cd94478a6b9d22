"""What the event of an invocation tells besides: that it began cold, that it failed, that its log is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labs.sandbox.strict.functions import COLD_START, HANDLER_FAILED, LOG_IN_CLOUDWATCH
from labs.sandbox.values import Explanation

__all__ = ["notes_on"]


def notes_on(arguments: Mapping[str, Any], lost: str) -> tuple[Explanation, ...]:
    """The notes on an invocation.

    Args:
        arguments: of the deed that ends it.
        lost: the action that the role lacks for its log; empty when the log was written.
    """
    return tuple(_notes(arguments, lost))


def _notes(arguments: Mapping[str, Any], lost: str) -> Iterator[Explanation]:
    if arguments["init"] is not None:
        text = f"A cold start: it took {arguments['init']:.0f} ms to begin an environment and load the code."
        yield COLD_START.explain("noted", text)
    if arguments["error"]:
        text = f"The function failed with {arguments['error']}: {arguments['message']}"
        yield HANDLER_FAILED.explain("noted", text, "Its log says more.")
    if lost:
        text = f"The log of the function is lost: its role does not permit {lost}."
        yield LOG_IN_CLOUDWATCH.explain("dropped", text, "Attach AWSLambdaBasicExecutionRole to the role.")
