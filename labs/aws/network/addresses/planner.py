"""The planner: subnets for tiers over zones, in sizes that differ (VLSM), with room to double where it fits.

All sizes are powers of two. Laid one behind the other, the largest first, such blocks are aligned by
themselves and leave no gap; so the plan fits exactly when the sum of its sizes does. A tier that gets room to
double takes twice the size, and stays in the lower half. Tiers that only wish for it get it in the order of
what it costs, the cheapest first, and in all their zones or none. The same requirements always give the same
plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.judging import of_the_vpc
from labs.aws.network.addresses.plans import Plan, Requirements, Subnet, Tier
from labs.aws.network.addresses.sizes import LARGEST, SMALLEST
from labs.aws.network.addresses.violations import Violation
from labs.errors import InputError

__all__ = ["Need", "NoPlan", "make_plan"]


@dataclass(frozen=True, slots=True)
class Need:
    """What one tier takes: how many subnets of which size, and whether each keeps as much again free."""

    tier: str
    count: int
    prefix: int
    room: bool

    @property
    def addresses(self) -> int:
        """How many addresses the tier takes, room included."""
        return self.count << (32 - self.slot)

    @property
    def slot(self) -> int:
        """The prefix length of the block that each subnet takes, room included."""
        return self.prefix - self.room


@dataclass(frozen=True, slots=True)
class NoPlan:
    """There is no plan, and why.

    `needed`, `available` and `missing` count addresses; `prefix` is the smallest VPC that would do, None when
    even a /16 would not, or size is not what is wrong. `violations` are what no placing of subnets mends.
    """

    requirements: Requirements
    sentence: str
    needs: tuple[Need, ...]
    needed: int
    available: int
    prefix: int | None = None
    violations: tuple[Violation, ...] = ()

    @property
    def missing(self) -> int:
        """How many addresses the VPC is short of; 0 when that is not what is wrong."""
        return max(0, self.needed - self.available)


def make_plan(requirements: Requirements) -> Plan | NoPlan:
    """Plan the subnets, or say why there is no plan.

    Raises:
        InputError: there is no tier, no zone, or a tier without a size.
    """
    asked = replace(requirements, blocks=tuple(each.canonical for each in requirements.blocks))
    needs = _needs(asked)
    whole = sum(each.size for each in asked.blocks)
    available = whole * (100 - asked.keep_free) // 100
    if problem := _hopeless(asked, needs, available):
        return problem
    if not _fits(_slots(needs), asked.blocks) or _taken(needs) > available:
        return _too_small(asked, needs, available)
    needs = _with_room(asked, needs)
    subnets = _placed(asked, needs)
    settled = replace(
        asked,
        tiers=tuple(replace(tier, double=need.room) for tier, need in zip(asked.tiers, needs, strict=True)),
        min_zones=min(asked.min_zones, len({each.zone for each in subnets})),
    )
    return Plan(settled, subnets, tuple(_notes(requirements, asked, settled, needs)))


def _needs(asked: Requirements) -> tuple[Need, ...]:
    """What each tier takes, with room where the tier insists on it."""
    if not asked.tiers:
        raise InputError("There is nothing to plan", "No tier is given.", "Give tiers: web=100, db=/27.")
    if not asked.zones:
        raise InputError("The plan has no zones", "A subnet is in exactly one zone.", "Name them: a, b.")
    return tuple(_need(asked, tier) for tier in asked.tiers)


def _need(asked: Requirements, tier: Tier) -> Need:
    prefix = tier.size
    if prefix is None:
        detail = "Neither hosts nor a prefix is given."
        raise InputError(f"The tier {tier.name} has no size", detail, f"{tier.name}=100 or {tier.name}=/24.")
    return Need(tier.name, len(asked.zones_of(tier)), prefix, tier.double is True)


def _hopeless(asked: Requirements, needs: Sequence[Need], available: int) -> NoPlan | None:
    """What is wrong wherever the subnets are: the VPC's blocks, its peers, the quota, a /16 to double."""
    needed = _taken(needs)

    def no(sentence: str, violations: tuple[Violation, ...] = ()) -> NoPlan:
        return NoPlan(asked, sentence, tuple(needs), needed, available, None, violations)

    if violations := of_the_vpc(asked):
        return no(violations[0].sentence, violations)
    count = sum(each.count for each in needs)
    if count > asked.quota:
        said = f"The plan has {count:,} subnets, and the quota is {asked.quota:,} for a VPC."
        return no(f"{said} Ask AWS for more, or take fewer and larger subnets.")
    if large := next((each for each in needs if each.slot < LARGEST), None):
        return no(f"{large.tier} is to double, and no subnet is larger than its /{large.prefix}.")
    return None


def _too_small(asked: Requirements, needs: tuple[Need, ...], available: int) -> NoPlan:
    whole = sum(each.size for each in asked.blocks)
    blocks = " and ".join(map(str, asked.blocks))
    room = ", room to double included" if any(each.room for each in needs) else ""
    counts = ((_taken(needs), available), (sum(each.addresses for each in needs), whole))
    needed, available = max(counts, key=lambda count: count[0] - count[1])
    if needed > available:
        keep = f", of which {asked.keep_free} % stay free" if available < whole else ""
        missing = f"{needed - available:,} {'is' if needed - available == 1 else 'are'} missing"
        said = f"The subnets take {needed:,} addresses{room}, and {blocks} has {whole:,}{keep}: {missing}."
    else:
        largest = min(each.slot for each in needs)
        said = f"{blocks} has addresses enough, but no block for each /{largest}{room}."
    if (prefix := _smallest(needs, asked.keep_free)) is not None:
        said += f" The smallest VPC that would do is a /{prefix}."
    else:
        said += f" Even a /{LARGEST} is too small: take several VPCs, or add blocks to this one."
    if room and _fits(_slots([replace(each, room=False) for each in needs]), asked.blocks):
        said += " Without room to double it would fit."
    return NoPlan(asked, said, needs, needed, available, prefix)


def _taken(needs: Sequence[Need]) -> int:
    """How many addresses the subnets themselves take: what is kept as room stays free."""
    return sum(each.count << (32 - each.prefix) for each in needs)


def _smallest(needs: Sequence[Need], free: int) -> int | None:
    """The prefix length of the smallest VPC that would do."""
    slots = sum(each.addresses for each in needs)
    taken = -(-_taken(needs) * 100 // (100 - free))
    prefix = 32 - (max(slots, taken) - 1).bit_length()
    return min(prefix, SMALLEST) if prefix >= LARGEST else None


def _slots(needs: Sequence[Need]) -> Counter[int]:
    """How many slots of each prefix length there are."""
    slots: Counter[int] = Counter()
    for need in needs:
        slots[need.slot] += need.count
    return slots


def _fits(slots: Counter[int], blocks: Sequence[Block]) -> bool:
    """Whether all slots fit into blocks: from the largest down, what is left of a size is two of the next."""
    given = Counter(each.prefix for each in blocks)
    left = 0
    for prefix in range(min(*slots, *given), max(*slots, *given) + 1):
        left = 2 * left + given[prefix] - slots[prefix]
        if left < 0:
            return False
    return True


def _with_room(asked: Requirements, needs: tuple[Need, ...]) -> tuple[Need, ...]:
    """The needs, with room to double for the tiers that wish for it and can have it."""
    wishing = [
        place
        for place, tier in enumerate(asked.tiers)
        if tier.double is None and needs[place].prefix > LARGEST
    ]
    chosen, slots = list(needs), _slots(needs)
    for place in sorted(wishing, key=lambda place: (needs[place].addresses, place)):
        need = needs[place]
        trial = slots + Counter({need.slot - 1: need.count})
        trial[need.slot] -= need.count
        if _fits(trial, asked.blocks):
            chosen[place], slots = replace(need, room=True), trial
    return tuple(chosen)


class _Slot(NamedTuple):
    """One subnet to place; the order of the fields is the order of placing."""

    prefix: int
    tier: int
    zone: int


def _placed(asked: Requirements, needs: Sequence[Need]) -> tuple[Subnet, ...]:
    """The subnets, the largest slots first, each at the first place that is left."""
    slots = sorted(
        _Slot(need.slot, place, zone) for place, need in enumerate(needs) for zone in range(need.count)
    )
    places = [each.start for each in asked.blocks]
    subnets = []
    for slot in slots:
        size = 1 << (32 - slot.prefix)
        home = next(
            number
            for number, block in enumerate(asked.blocks)
            if block.size >= size and places[number] + size <= block.stop
        )
        tier = asked.tiers[slot.tier]
        block = Block(4, places[home], needs[slot.tier].prefix)
        subnets.append(Subnet(tier.name, asked.zones_of(tier)[slot.zone], block))
        places[home] += size
    return tuple(subnets)


def _notes(
    given: Requirements, asked: Requirements, settled: Requirements, needs: Sequence[Need]
) -> list[str]:
    """What somebody who reads the plan should know."""
    notes = [f"AWS makes {each} of {each.written}." for each in given.blocks if each.host]
    left = sum(each.size for each in asked.blocks) - sum(each.addresses for each in needs)
    cramped = [
        need for need, tier in zip(needs, asked.tiers, strict=True) if tier.double is None and not need.room
    ]
    for need in cramped:
        if need.prefix == LARGEST:
            notes.append(f"{need.tier} cannot double: no subnet is larger than a /{LARGEST}.")
        else:
            more = f"that takes {need.addresses:,} addresses more, and {left:,} are left."
            notes.append(f"{need.tier} has no room to double: {more}")
    everything = [replace(need, room=need.room or need.prefix > LARGEST) for need in needs]
    prefix = _smallest(everything, asked.keep_free) if cramped else None
    if prefix is not None and prefix < min(each.prefix for each in asked.blocks):
        notes.append(f"A /{prefix} would have room for every tier to double.")
    if settled.min_zones < asked.min_zones:
        notes.append("All subnets are in one zone: when it fails, everything does.")
    return notes
