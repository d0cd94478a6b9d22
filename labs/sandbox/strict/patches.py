"""The rules that repair moto's state do so where moto makes it: they are patches of its classes."""

from __future__ import annotations

from labs.sandbox.strict import filters, gateways, interfaces, launches, networks, peerings, routes

__all__ = ["install"]


def install() -> None:
    """Patch moto; call this once, before any region is founded."""
    for module in (filters, gateways, interfaces, launches, networks, peerings, routes):
        module.patch()
