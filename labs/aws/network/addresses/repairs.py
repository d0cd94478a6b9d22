"""Repairs of a plan: changes that can be applied, each found so that what it takes is really free."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from labs.aws.network.addresses.arithmetic import free
from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.plans import Plan, Subnet, Survey
from labs.aws.network.addresses.ranges import secondary_remarks, vpc_remarks
from labs.aws.network.addresses.sizes import LARGEST, SMALLEST

__all__ = [
    "Add",
    "Change",
    "Move",
    "Rebase",
    "Repair",
    "moving",
    "place_for",
    "private_block",
    "repaired",
    "spot",
]


@dataclass(frozen=True, slots=True)
class Move:
    """A subnet gets another block; of another size too, where it was too small."""

    subnet: str
    to: Block


@dataclass(frozen=True, slots=True)
class Add:
    """One more subnet; its zone joins those of the plan."""

    subnet: Subnet


@dataclass(frozen=True, slots=True)
class Rebase:
    """The VPC gets other blocks, one for each that it has; subnets that these would lose move along."""

    blocks: tuple[Block, ...]


Change: TypeAlias = Move | Add | Rebase


@dataclass(frozen=True, slots=True)
class Repair:
    """What would mend a violation: a sentence, and the changes; none where no change of the plan does it."""

    sentence: str
    changes: tuple[Change, ...] = ()


_PRIVATE: Final = tuple(map(Block.parse, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_SHARED: Final = Block.parse("100.64.0.0/10")
_AVOIDED: Final = (Block.parse("172.17.0.0/16"),)


def repaired(plan: Plan, repair: Repair) -> Plan:
    """The plan with all changes of a repair."""
    for change in repair.changes:
        plan = _changed(plan, change)
    return plan


def _changed(plan: Plan, change: Change) -> Plan:
    match change:
        case Move(name, to):
            moved = (replace(each, block=to) if each.name == name else each for each in plan.subnets)
            return replace(plan, subnets=tuple(moved))
        case Add(subnet):
            asked = plan.requirements
            if subnet.zone not in asked.zones:
                asked = replace(asked, zones=(*asked.zones, subnet.zone))
            return replace(plan, requirements=asked, subnets=(*plan.subnets, subnet))
        case Rebase(blocks):
            asked = replace(plan.requirements, blocks=blocks)
            moved = (replace(each, block=_along(plan, blocks, each.block)) for each in plan.subnets)
            return replace(plan, requirements=asked, subnets=tuple(moved))


def _along(plan: Plan, blocks: Sequence[Block], block: Block) -> Block:
    """Where a subnet's block is when the VPC's blocks have moved."""
    for old, new in zip(plan.requirements.blocks, blocks, strict=True):
        if old.covers(block) and not new.covers(block):
            return Block(4, block.start + new.start - old.start, block.prefix)
    return block


def spot(
    survey: Survey, prefix: int, *, leaving: Collection[str] = (), avoid: Iterable[Block] = ()
) -> Block | None:
    """A free block of a size in the VPC, the best in this order: with room to double, and in nobody's room.

    `leaving` names subnets whose addresses become free; `avoid` is taken as if subnets had it.
    """
    taken = [each.block for each in survey.subnets if each.name not in leaving]
    taken += avoid
    roomy, rooms = max(prefix - 1, LARGEST), survey.rooms
    for size, protected in ((roomy, rooms), (roomy, ()), (prefix, rooms), (prefix, ())):
        for block in free(survey.plan.requirements.blocks, [*taken, *protected]):
            if block.prefix <= size:
                return Block(4, block.start, prefix)
    return None


def moving(name: str, place: Block | None) -> Repair:
    """The repair that gives one subnet a free block."""
    if place is None:
        return Repair("No free block of its size is left. Take a larger VPC, or smaller subnets.")
    return Repair(f"Move {name} to {place}, which is free.", (Move(name, place),))


def place_for(survey: Survey, subnet: Subnet, prefix: int, avoid: Sequence[Block] = ()) -> Block | None:
    """Where a subnet can have a size: around its own addresses if nobody else is there, else a free block."""
    here = subnet.block.resized(prefix)
    if (
        survey.in_vpc(here)
        and not survey.others(subnet, here)
        and not any(here.overlaps(each) for each in avoid)
    ):
        return here
    return spot(survey, prefix, leaving=(subnet.name,), avoid=avoid)


def private_block(plan: Plan, place: int) -> Block | None:
    """A private block that could be the VPC's at a place, of the same size where AWS has it; None if none is.

    It overlaps neither the peers nor the VPC's other blocks, and AWS does not refuse it.
    """
    asked = plan.requirements
    others = [*asked.blocks[:place], *asked.blocks[place + 1 :]]
    prefix = min(max(asked.blocks[place].prefix, LARGEST), SMALLEST)
    taken = [*others, *(peer.block for peer in asked.peers), *_AVOIDED]
    for home in (*_PRIVATE, _SHARED) if place else _PRIVATE:
        for block in free((home,), taken):
            if block.prefix > prefix:
                continue
            for found in (Block(4, block.start, prefix), Block(4, block.stop - (1 << (32 - prefix)), prefix)):
                remarks = secondary_remarks(asked.blocks[:place], found) if place else vpc_remarks(found)
                if not any(each.refused for each in remarks):
                    return found
    return None
