"""What the tests of an exercise found: what does not hold, and which changed solutions a check lets pass."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from tui.draw.layout import indented, page
from tui.draw.words import marked, shown

__all__ = ["verified"]


def verified(
    exercise: str, faults: Sequence[str], variants: int, mutants: int, survivors: Sequence[str]
) -> RenderableType:
    """One exercise: whether all holds, each fault, and each mutant that earned full marks."""
    head = marked("✗", "does not hold", "denied") if faults else marked("✓", "holds", "allowed")
    lines: list[RenderableType] = [Text.assemble(shown(exercise, "accent"), "  ", head)]
    lines += [indented(shown(fault), 2) for fault in faults]
    if not faults:
        lines.append(Text(f"  variants {variants}, mutants {mutants}, survivors {len(survivors)}", "quiet"))
        lines += [indented(shown(f"survived: {each}", "partly"), 2) for each in survivors]
    return page(*lines)
