"""The rules that repair moto's state do so where moto makes it: they are patches of its classes."""

from __future__ import annotations

from labs.sandbox.strict import networks

__all__ = ["install"]


def install() -> None:
    """Patch moto; calling it again changes nothing."""
    networks.patch()
