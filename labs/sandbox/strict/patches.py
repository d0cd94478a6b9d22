"""The rules that repair moto's state do so where moto makes it: they are patches of its classes."""

from __future__ import annotations

from labs.sandbox.strict import (
    buckets,
    deliveries,
    filters,
    functions,
    gateways,
    instances,
    interfaces,
    launches,
    networks,
    peerings,
    routes,
    spots,
    volumes,
)

__all__ = ["install"]


_MODULES = (
    buckets,
    deliveries,
    filters,
    functions,
    gateways,
    instances,
    interfaces,
    launches,
    networks,
    peerings,
    routes,
    spots,
    volumes,
)


def install() -> None:
    """Patch moto; call this once, before any region is founded."""
    for module in _MODULES:
        module.patch()
