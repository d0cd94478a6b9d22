"""The world: its requests, what exists in it, its network, its bill, its time; and ways to move that.

`screen` holds the panes together; each part of the world has a module of its own.
"""

from tui.screens.world.screen import WorldScreen

__all__ = ["WorldScreen"]
