"""What the sandbox remembers of an EC2 instance beside moto: when it was in which state, how hard it worked,
and what lies ahead of it. It hangs on moto's own object, so it is kept and forgotten with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from labs.aws.ec2.lifecycle import InstanceState
from labs.sandbox.live import live

__all__ = ["Life", "Notice", "find_instance", "life_of"]


@dataclass(frozen=True, slots=True)
class Notice:
    """The interruption of a Spot Instance, as its metadata tell it: what will be done to it, and when."""

    action: str
    moment: datetime


@dataclass
class Life:
    """The life of one instance so far.

    `states` says since when it has been in each of its states, in order; `loads` since when it has worked how
    hard, as a fraction of all its vCPUs; `credits` since when it has had which credit specification.
    `arrives` is when the change of state under way will be complete. `on_interruption` is what becomes of a
    Spot Instance when EC2 wants it back. `public_key` is that of the key pair at its launch, in OpenSSH's
    form and with the key pair's name; empty without one.
    """

    states: list[tuple[datetime, InstanceState]] = field(default_factory=list)
    loads: list[tuple[datetime, Decimal]] = field(default_factory=list)
    credits: list[tuple[datetime, str]] = field(default_factory=list)
    arrives: datetime | None = None
    on_interruption: str = "terminate"
    notice: Notice | None = None
    public_key: str = ""


def life_of(instance: Any) -> Life:
    """The life of an instance of moto's."""
    life = vars(instance).setdefault("_life", Life())
    assert isinstance(life, Life)
    return life


def find_instance(account: str, region: str | None, instance_id: str) -> Any:
    """moto's instance with this id, in a region or in all of them; None where there is none."""
    from moto.ec2.models import ec2_backends

    backends = (
        list(ec2_backends.get(account, {}).values()) if region is None else [live("ec2", account, region)]
    )
    for backend in backends:
        for reservation in list(backend.reservations.values()) if backend is not None else ():
            for instance in reservation.instances:
                if instance.id == instance_id:
                    return instance
    return None
