"""Why a request was decided as it was, in the few lines that fit below a list.

The whole ladder is drawn by `tui.draw.decision`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from tui.widgets.line import NOTHING, Hanging, Line, Piece, foreign

if TYPE_CHECKING:
    from labs.aws.iam import Decision, ElementTrace, PolicyTrace, StatementTrace

__all__ = ["nearest", "why"]

ELEMENT_WIDTH = 17


def why(decision: Decision) -> Iterator[Piece]:
    """The reason in a sentence, then the statement that decided, or those that came closest."""
    yield Hanging(NOTHING, foreign(decision.reason), 0)
    yield Line(NOTHING)
    for policy, statement in deciding(decision) or nearest(decision):
        yield from statement_pieces(policy, statement)


def deciding(decision: Decision) -> list[tuple[PolicyTrace, StatementTrace]]:
    """The statements that matched in the stage where the decision fell."""
    return [
        (policy, statement)
        for stage in decision.trace
        if stage.stage == decision.stage
        for policy in stage.policies
        for statement in policy.statements
        if statement.matched
    ]


def nearest(decision: Decision, most: int = 2) -> list[tuple[PolicyTrace, StatementTrace]]:
    """The Allow statements that failed in the fewest elements: what came closest to allowing the request."""
    candidates = [
        (policy, statement)
        for stage in decision.trace
        for policy in stage.policies
        for statement in policy.statements
        if statement.effect == "Allow"
        and not statement.matched
        and misses(statement) < len(statement.elements)
    ]
    return sorted(candidates, key=lambda each: misses(each[1]))[:most]


def misses(statement: StatementTrace) -> int:
    """How many elements of a statement did not match."""
    return sum(not element.matched for element in statement.elements)


def statement_pieces(policy: PolicyTrace, statement: StatementTrace) -> Iterator[Piece]:
    """A statement with its policy's name, and each of its elements: what it says, what was asked."""
    name = foreign(policy.name or "policy", "$primary")
    about = foreign(f" · statement {statement.label} · {statement.effect}", "$dim")
    yield Line(Content("    ") + name + about)
    for element in statement.elements:
        yield from element_pieces(element)


def element_pieces(element: ElementTrace) -> Iterator[Piece]:
    """One element: its sign and name, what the statement says and, where they do not fit, what was asked."""
    sign, colour = ("✓", "$success") if element.matched else ("✗", "$error")
    label = Content.assemble("    ", (sign, colour), " ", foreign(element.label, "$dim"))
    yield Hanging(label, foreign(", ".join(element.expected)), ELEMENT_WIDTH)
    if not element.matched:
        asked = ", ".join(element.actual)
        yield Hanging(
            Content.styled("      asked" if asked else "", "$dim"),
            foreign(asked) if asked else foreign(element.why, "$warning"),
            ELEMENT_WIDTH,
        )
