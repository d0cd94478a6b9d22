"""Whether things may move by themselves: not where the learner, or the terminal, wants it calm."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

__all__ = ["may_move"]

VARIABLE = "TEXTUAL_ANIMATIONS"


def may_move(app: App[int]) -> bool:
    """Whether a drawing may change without a key: only at Textual's full level of animation.

    `TEXTUAL_ANIMATIONS=none`, and `basic`, which asks for less motion, turn it off.
    """
    # Textual reads the variable when it is imported, which may be before somebody sets it.
    wanted = os.environ.get(VARIABLE, "full").lower()
    return app.animation_level == "full" and wanted not in ("none", "basic")
