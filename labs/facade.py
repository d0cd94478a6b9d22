"""The face of a package: its public names, each loaded from its module when somebody first asks for it.

A package with many modules costs whoever needs one class of it no more than that class. Write it so:

    if TYPE_CHECKING:                        # for the reader and the type checker
        from labs.somewhere.blocks import Block, beginning

    __all__ = ["Block", "beginning"]
    __getattr__, __dir__ = facade(__name__, {"blocks": "Block beginning"})

No module may have the name of one of its package's public names: once loaded, it would stand in its place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["facade"]


def facade(package: str, modules: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A package's `__getattr__` and `__dir__`.

    Args:
        package: its whole name.
        modules: the public names of each of its modules, separated by blanks, by the module's name within
            the package, or by its whole name.
    """
    top = package.partition(".")[0]
    homes = {name: module for module, names in modules.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name]
        value = getattr(import_module(home if home.startswith(f"{top}.") else f"{package}.{home}"), name)
        setattr(sys.modules[package], name, value)  # asked once
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return load, names
