"""Changes of a plan by hand: a subnet split, joined, moved, placed, retiered, rezoned, taken or dropped.

Each is a function from a plan to a plan and refuses what makes no sense; whether the result is a good plan is
for the judge to say. Source: VPC User Guide, "Subnet CIDR blocks".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count

from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.plans import Plan, Subnet
from labs.aws.network.addresses.sizes import SMALLEST, subnet_sized
from labs.errors import InputError

__all__ = ["dropped", "halved", "joined", "moved", "placed", "retiered", "rezoned", "taken"]


def halved(plan: Plan, name: str) -> Plan:
    """The plan with a subnet cut in two; the second half is a new subnet of the same tier and zone.

    Raises:
        InputError: there is no such subnet, or AWS has none so small as its halves.
    """
    subnet = _named(plan, name)
    if subnet.block.prefix >= SMALLEST:
        raise InputError(
            f"{name} cannot be split",
            f"AWS has no subnet smaller than a /{SMALLEST}, and {subnet.block} is one.",
            "Move it to a larger block first.",
        )
    first, second = subnet.block.halves
    new = Subnet(subnet.tier, subnet.zone, second, _free_name(plan, subnet.name))
    return _with(plan, [*_without(plan, name), replace(subnet, block=first), new])


def joined(plan: Plan, name: str) -> Plan:
    """The plan with a subnet joined with its other half, which is free or holds only subnets of its tier.

    Raises:
        InputError: there is no such subnet, the other half has another owner, or lies outside the VPC.
    """
    subnet = _named(plan, name)
    whole, other = subnet.block.parent, subnet.block.sibling
    if whole is None or other is None or not any(each.covers(whole) for each in plan.requirements.blocks):
        raise InputError(
            f"{name} cannot be joined", f"Its other half, {other}, is not in the VPC.", "Move it first."
        )
    neighbours = [each for each in plan.subnets if each.name != name and each.block.overlaps(whole)]
    strangers = [each.name for each in neighbours if each.tier != subnet.tier or not whole.covers(each.block)]
    if strangers:
        raise InputError(
            f"{name} cannot be joined",
            f"Its other half, {other}, belongs to {', '.join(strangers)}.",
            "Move what stands there, or move this subnet.",
        )
    gone = {name, *(each.name for each in neighbours)}
    kept = [each for each in plan.subnets if each.name not in gone]
    return _with(plan, [*kept, replace(subnet, block=whole)])


def moved(plan: Plan, name: str) -> Plan:
    """The plan with a subnet at the next place of its size that is free; after the last, at the first.

    Raises:
        InputError: there is no such subnet, or no other free place.
    """
    subnet = _named(plan, name)
    rest = _without(plan, name)
    taken_already = [each.block for each in rest]
    places = [
        place
        for place in _places(plan.requirements.blocks, subnet.block.prefix)
        if place != subnet.block and not any(place.overlaps(other) for other in taken_already)
    ]
    if not places:
        raise InputError(
            f"{name} cannot be moved",
            f"No other /{subnet.block.prefix} of the VPC is free.",
            "Drop or shrink another subnet, or give the VPC one more block.",
        )
    place = next((each for each in places if each > subnet.block), places[0])
    return _with(plan, [*rest, replace(subnet, block=place)])


def placed(plan: Plan, name: str, block: Block) -> Plan:
    """The plan with a subnet at another block, of any size; it may overlap others, which the judge tells.

    Raises:
        InputError: there is no such subnet, the block lies outside the VPC, or no subnet can have its size.
    """
    subnet = _named(plan, name)
    if not any(each.covers(block) for each in plan.requirements.blocks):
        within = ", ".join(map(str, plan.requirements.blocks))
        raise InputError(f"{name} cannot go there", f"{block} is not in the VPC.", f"It has {within}.")
    if not subnet_sized(block):
        raise InputError(
            f"{name} cannot be {block}", "A subnet is a /16 at most and a /28 at least.", "Take another size."
        )
    return _with(plan, [*_without(plan, name), replace(subnet, block=block)])


def rezoned(plan: Plan, name: str) -> Plan:
    """The plan with a subnet in the next of the plan's zones, renamed if its name was tier and zone.

    Raises:
        InputError: there is no such subnet.
    """
    subnet = _named(plan, name)
    return _with(
        plan,
        [*_without(plan, name), _renamed(plan, subnet, zone=_next(plan.requirements.zones, subnet.zone))],
    )


def retiered(plan: Plan, name: str) -> Plan:
    """The plan with a subnet in the next of the plan's tiers, renamed if its name was tier and zone.

    Raises:
        InputError: there is no such subnet.
    """
    subnet = _named(plan, name)
    tiers = [each.name for each in plan.requirements.tiers] or [subnet.tier]
    return _with(plan, [*_without(plan, name), _renamed(plan, subnet, tier=_next(tiers, subnet.tier))])


def taken(plan: Plan, block: Block, tier: str | None = None, zone: str | None = None) -> Plan:
    """The plan with a subnet more, in a free block; of the plan's first tier and zone if nothing is said.

    Raises:
        InputError: the block is not wholly free, or too large or too small for a subnet.
    """
    if not any(free.covers(block) for free in plan.free):
        raise InputError(f"{block} is not free", "A subnet has addresses of it.", "Take a free block.")
    asked = plan.requirements
    tier = tier or (asked.tiers[0].name if asked.tiers else "web")
    zone = zone or asked.zones[0]
    new = Subnet(tier, zone, block, _free_name(plan, f"{tier} {zone}"))
    return _with(plan, [*plan.subnets, new])


def dropped(plan: Plan, name: str) -> Plan:
    """The plan without a subnet.

    Raises:
        InputError: there is no such subnet.
    """
    _named(plan, name)
    return _with(plan, _without(plan, name))


def _named(plan: Plan, name: str) -> Subnet:
    found = next((each for each in plan.subnets if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in plan.subnets) or "none"
        raise InputError("There is no such subnet", f"It is {name!r}.", f"The plan has {known}.")
    return found


def _without(plan: Plan, name: str) -> list[Subnet]:
    return [each for each in plan.subnets if each.name != name]


def _with(plan: Plan, subnets: Sequence[Subnet]) -> Plan:
    return Plan(plan.requirements, tuple(subnets))


def _places(blocks: Sequence[Block], prefix: int) -> Iterator[Block]:
    """All blocks of a size, in order of address."""
    for block in sorted(blocks):
        if prefix >= block.prefix:
            size = 1 << (block.bits - prefix)
            yield from (Block.around(start, prefix) for start in range(block.start, block.stop, size))


def _next(names: Sequence[str], name: str) -> str:
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def _renamed(plan: Plan, subnet: Subnet, *, tier: str = "", zone: str = "") -> Subnet:
    changed = Subnet(tier or subnet.tier, zone or subnet.zone, subnet.block, subnet.name)
    if subnet.name.split("/")[0] != f"{subnet.tier} {subnet.zone}":
        return changed
    others = Plan(plan.requirements, tuple(_without(plan, subnet.name)))
    return replace(changed, name=_free_name(others, f"{changed.tier} {changed.zone}"))


def _free_name(plan: Plan, name: str) -> str:
    """The name, or the name with a number that no subnet has yet: `web a`, `web a/2`."""
    names = {each.name for each in plan.subnets}
    base = name.split("/")[0]
    return base if base not in names else next(f"{base}/{n}" for n in count(2) if f"{base}/{n}" not in names)
