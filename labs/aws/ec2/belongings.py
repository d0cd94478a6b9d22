"""What an instance has: what each state bills of it, and what a reboot, a stop or a termination leaves.

Source: EC2 User Guide, "Amazon EC2 instance state changes" (the table of differences between reboot, stop,
hibernate and terminate); EC2 API Reference, `Instance` (LaunchTime).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from labs.aws.ec2.lifecycle import InstanceState

__all__ = ["Action", "Belongings", "Charge", "DataVolume", "Effect", "Fate", "charges", "effects"]

_LIFECYCLE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html"
_ADDRESSING: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html"
_ELASTIC: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html"
_HIBERNATE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Hibernate.html"
_STORE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-lifetime.html"
_TERMINATING: Final = (
    "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html"
)
_INSTANCE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html"


@dataclass(frozen=True, slots=True)
class DataVolume:
    """An EBS volume beside the root; without `delete_on_termination` it outlives the instance."""

    name: str
    delete_on_termination: bool = False


@dataclass(frozen=True, slots=True)
class Belongings:
    """What an instance with an EBS root has.

    `address` is its public IPv4 address: none, one that AWS gave at launch, or an Elastic IP.
    """

    address: Literal["none", "assigned", "elastic"] = "assigned"
    ipv6: bool = False
    root_delete_on_termination: bool = True
    data_volumes: tuple[DataVolume, ...] = ()
    instance_store: bool = False

    @property
    def outliving(self) -> tuple[str, ...]:
        """The volumes that are still there, and bill, after the instance is terminated."""
        root = () if self.root_delete_on_termination else ("the root volume",)
        return (*root, *(each.name for each in self.data_volumes if not each.delete_on_termination))


@dataclass(frozen=True, slots=True)
class Charge:
    """Whether one thing is paid for in a state, and why."""

    item: Literal["compute", "EBS", "public IPv4", "Elastic IP"]
    billed: bool
    says: str
    source: str


def charges(
    state: InstanceState, belongings: Belongings | None = None, *, hibernating: bool = False
) -> tuple[Charge, ...]:
    """What a state bills of an instance and its belongings; `hibernating` matters in `stopping` only."""
    return tuple(_charges(state, belongings or Belongings(), hibernating))


def _charges(state: InstanceState, belongings: Belongings, hibernating: bool) -> Iterator[Charge]:
    gone = state is InstanceState.TERMINATED
    yield _compute(state, hibernating)
    if gone:
        left = belongings.outliving
        named = ", ".join(left)
        says = (
            f"What outlives the instance bills on: {named}." if left else "Its volumes are deleted with it."
        )
        yield Charge("EBS", bool(left), says, _TERMINATING)
    else:
        yield Charge(
            "EBS", True, "Volumes bill for their provisioned size until they are deleted.", _LIFECYCLE
        )
    if belongings.address == "assigned":
        held = not gone and state is not InstanceState.STOPPED
        if held:
            says = "A public IPv4 address bills by the hour while it is held."
        else:
            says = "The address that AWS gave went back when the instance stopped or ended."
        yield Charge("public IPv4", held, says, _ADDRESSING)
    elif belongings.address == "elastic":
        whose = "though no instance has it any more" if gone else "in every state of the instance"
        says = f"An Elastic IP address bills until it is released, {whose}."
        yield Charge("Elastic IP", True, says, _ELASTIC)


def _compute(state: InstanceState, hibernating: bool) -> Charge:
    if state is InstanceState.RUNNING:
        return Charge(
            "compute", True, "A running instance bills by the second, at least a minute.", _LIFECYCLE
        )
    if state is InstanceState.STOPPING and hibernating:
        says = "While memory is written to disk for hibernation, the instance still bills."
        return Charge("compute", True, says, _HIBERNATE)
    return Charge("compute", False, f"Nothing is paid for an instance that is {state}.", _LIFECYCLE)


class Action(StrEnum):
    """Something that is done to a running instance."""

    REBOOT = "reboot"
    STOP_START = "stop and start"
    HIBERNATE_START = "hibernate and start"
    TERMINATE = "terminate"


class Fate(StrEnum):
    """What becomes of one thing."""

    KEPT = "kept"
    CHANGED = "changed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one thing, in a word and a sentence."""

    subject: str
    fate: Fate
    says: str
    source: str


def effects(action: Action, belongings: Belongings | None = None) -> tuple[Effect, ...]:
    """What an action on a running instance keeps, changes or loses, one effect for each thing it has."""
    return tuple(_effects(action, belongings or Belongings()))


def _effects(action: Action, belongings: Belongings) -> Iterator[Effect]:
    ends, reboots = action is Action.TERMINATE, action is Action.REBOOT
    yield _instance_id(ends)
    yield _host(ends, reboots)
    yield _memory(action)
    yield _launch_time(ends, reboots)
    if ends:
        yield Effect("private IPv4", Fate.LOST, "The address goes back to the subnet.", _LIFECYCLE)
    else:
        yield Effect(
            "private IPv4", Fate.KEPT, "It belongs to the network interface, which stays.", _LIFECYCLE
        )
    if belongings.ipv6:
        fate = Fate.LOST if ends else Fate.KEPT
        yield Effect("IPv6", fate, "It belongs to the network interface.", _LIFECYCLE)
    yield from _address(action, belongings)
    yield _root(ends, belongings)
    for volume in belongings.data_volumes:
        yield _data(ends, volume)
    if belongings.instance_store:
        yield _instance_store(reboots)


def _instance_id(ends: bool) -> Effect:
    if ends:
        says = "It names the terminated instance for about an hour, and then nothing."
        return Effect("instance id", Fate.LOST, says, _LIFECYCLE)
    return Effect("instance id", Fate.KEPT, "An instance has one id all its life.", _LIFECYCLE)


def _host(ends: bool, reboots: bool) -> Effect:
    if ends:
        return Effect("host", Fate.LOST, "The instance has no host any more.", _LIFECYCLE)
    if reboots:
        return Effect("host", Fate.KEPT, "A reboot stays on the same host.", _LIFECYCLE)
    return Effect("host", Fate.CHANGED, "In most cases it starts on another host.", _LIFECYCLE)


def _memory(action: Action) -> Effect:
    if action is Action.HIBERNATE_START:
        says = "Hibernation writes it to the root volume, and reads it back at the start."
        return Effect("memory", Fate.KEPT, says, _HIBERNATE)
    return Effect("memory", Fate.LOST, "Whatever is in RAM is erased.", _LIFECYCLE)


def _launch_time(ends: bool, reboots: bool) -> Effect:
    if ends or reboots:
        says = "It still tells the last launch or start." if ends else "A reboot is no launch."
        return Effect("LaunchTime", Fate.KEPT, says, _INSTANCE)
    says = "It tells the last start; the attach time of the primary interface tells the first launch."
    return Effect("LaunchTime", Fate.CHANGED, says, _INSTANCE)


def _address(action: Action, belongings: Belongings) -> Iterator[Effect]:
    if belongings.address == "elastic":
        if action is Action.TERMINATE:
            says = "It is disassociated, stays yours, and bills until it is released."
            yield Effect("Elastic IP", Fate.LOST, says, _ELASTIC)
        else:
            yield Effect("Elastic IP", Fate.KEPT, "It stays associated with the interface.", _ELASTIC)
    elif belongings.address == "assigned":
        if action is Action.REBOOT:
            yield Effect("public IPv4", Fate.KEPT, "A reboot keeps it.", _ADDRESSING)
        elif action is Action.TERMINATE:
            yield Effect("public IPv4", Fate.LOST, "It goes back to AWS.", _ADDRESSING)
        else:
            says = "It goes back to AWS at the stop, and the start brings another one."
            yield Effect("public IPv4", Fate.CHANGED, says, _ADDRESSING)


def _root(ends: bool, belongings: Belongings) -> Effect:
    if not ends:
        return Effect("root volume", Fate.KEPT, "EBS volumes stay attached.", _LIFECYCLE)
    if belongings.root_delete_on_termination:
        says = "DeleteOnTermination is true for the root volume unless somebody changes it."
        return Effect("root volume", Fate.LOST, says, _TERMINATING)
    says = "DeleteOnTermination is false: it stays, detached, and bills."
    return Effect("root volume", Fate.KEPT, says, _TERMINATING)


def _data(ends: bool, volume: DataVolume) -> Effect:
    if not ends:
        return Effect(volume.name, Fate.KEPT, "EBS volumes stay attached.", _LIFECYCLE)
    if volume.delete_on_termination:
        return Effect(volume.name, Fate.LOST, "DeleteOnTermination is true for it.", _TERMINATING)
    says = "DeleteOnTermination is false for a volume that is attached later: it stays, and bills."
    return Effect(volume.name, Fate.KEPT, says, _TERMINATING)


def _instance_store(reboots: bool) -> Effect:
    if reboots:
        return Effect("instance store", Fate.KEPT, "A reboot stays on the host that holds the disks.", _STORE)
    return Effect("instance store", Fate.LOST, "The disks belong to the host, and are wiped.", _STORE)
