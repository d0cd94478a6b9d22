"""What the parts of one world's process share: the gate, the control endpoint and the metadata service."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from labs.sandbox.clock import Clock
from labs.sandbox.journal import Journal
from labs.sandbox.ledger import Ledger
from labs.sandbox.values import ACCOUNT, REGION

__all__ = ["WorldState"]


@dataclass
class WorldState:
    """One world, apart from what moto holds.

    `seed` and the numbers in the journal decide all ids; `secret` is mixed into the keys of admin and root.
    `lock` orders all changes; whoever waits for something (a long poll) must not hold it. `on_instance` says
    for each access key that the metadata service gave out which instance it was given to.
    """

    seed: int = 0
    secret: bytes = field(default=b"", repr=False)
    account: str = ACCOUNT
    region: str = REGION
    clock: Clock = field(default_factory=Clock)
    ledger: Ledger = field(default_factory=Ledger)
    journal: Journal = field(init=False)
    lock: threading.RLock = field(default_factory=threading.RLock)
    on_instance: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.journal = Journal(self.seed)
