"""A module of Python's with some of its names replaced, for a module of moto that imports it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

__all__ = ["StandIn"]


class StandIn(ModuleType):
    """Like a module, but for the names that are given."""

    def __init__(self, module: ModuleType, **instead: Any) -> None:
        super().__init__(module.__name__)
        self._module = module
        vars(self).update(instead)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)
