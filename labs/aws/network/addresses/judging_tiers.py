"""The rules of the judge that know tiers: room for the hosts, zones, symmetry, room to double."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.plans import Plan, Subnet, Survey, Tier
from labs.aws.network.addresses.repairs import Add, Move, Repair, place_for, spot
from labs.aws.network.addresses.sizes import KEPT, LARGEST, SMALLEST, fits_aws, prefix_for, usable
from labs.aws.network.addresses.violations import Property, Violation, listed

__all__ = ["capacity", "room", "symmetry", "zones"]

_FULL = "No free block is left for it. Take a larger VPC, or smaller subnets."


def capacity(survey: Survey) -> Iterator[Violation]:
    """Each subnet has addresses for the hosts of its tier, beside the five that AWS keeps."""
    for each in survey.subnets:
        tier = survey.plan.tier(each.tier)
        needed = tier.needed
        if needed is None:
            needed = 0 if tier.prefix is None else (1 << (32 - tier.prefix)) - KEPT
        if usable(each.block) < needed:
            sentence = (
                f"{each.name} ({each.block}) has {usable(each.block):,} usable addresses of "
                f"{each.block.size:,}, for AWS keeps {KEPT}; {needed:,} are needed."
            )
            repair = _resized(survey, [each], prefix_for(needed))
            yield Violation(Property.CAPACITY, each.name, sentence, (each.name,), repair)


def zones(survey: Survey) -> Iterator[Violation]:
    """Each tier is in each of its zones, and the plan in as many as it must be."""
    plan = survey.plan
    asked = plan.requirements
    placed = Counter((each.tier, each.zone) for each in survey.subnets)
    for tier in asked.tiers:
        for zone in asked.zones_of(tier):
            if not placed[tier.name, zone]:
                names = tuple(each.name for each in survey.subnets if each.tier == tier.name)
                sentence = f"{tier.name} has no subnet in zone {zone}."
                repair = _added(survey, [tier], zone)
                yield Violation(Property.ZONES, f"{tier.name} in zone {zone}", sentence, names, repair)
    used = sorted({each.zone for each in survey.subnets})
    if used and len(used) < asked.min_zones:
        count = f"one zone, {used[0]}" if len(used) == 1 else f"{len(used)} zones, {listed(used)}"
        sentence = (
            f"All subnets are in {count}; {asked.min_zones} are needed, for a zone can fail as a whole."
        )
        tiers = [tier for tier in asked.tiers if tier.zones is None]
        new = next((zone for zone in asked.zones if zone not in used), None) or _next_zone(used)
        names = tuple(each.name for each in survey.subnets)
        yield Violation(Property.ZONES, "the plan", sentence, names, _added(survey, tiers, new))


def _next_zone(used: Sequence[str]) -> str:
    """A zone that no subnet is in: of us-east-1a, it is us-east-1b."""
    stem = re.sub(r"[a-z]$", "", used[0])
    letters = (f"{stem}{chr(code)}" for code in range(ord("a"), ord("z") + 1))
    return next(zone for zone in letters if zone not in used)


def _added(survey: Survey, tiers: Sequence[Tier], zone: str) -> Repair:
    """Subnets for tiers in one more zone, each of the size that its tier has elsewhere."""
    changes: list[Add] = []
    for tier in tiers:
        sizes = [each.block.prefix for each in survey.subnets if each.tier == tier.name]
        prefix = min(sizes, default=tier.size)
        taken = [change.subnet.block for change in changes]
        size = None if prefix is None else min(max(prefix, LARGEST), SMALLEST)
        place = None if size is None else spot(survey, size, avoid=taken)
        if place is None:
            return Repair(_FULL if prefix is not None else f"Say how large the subnets of {tier.name} are.")
        changes.append(Add(Subnet(tier.name, zone, place, _free_name(survey.plan, f"{tier.name} {zone}"))))
    if not changes:
        return Repair("Put a tier into another zone.")
    added = listed([f"{change.subnet.name} as {change.subnet.block}" for change in changes])
    return Repair(f"Add {added}, which {'is' if len(changes) == 1 else 'are'} free.", tuple(changes))


def _free_name(plan: Plan, name: str) -> str:
    """The name, with a number behind it if a subnet has it already."""
    taken = {each.name for each in plan.subnets}
    candidates = (name if number == 1 else f"{name} {number}" for number in range(1, len(taken) + 2))
    return next(each for each in candidates if each not in taken)


def symmetry(survey: Survey) -> Iterator[Violation]:
    """The subnets of a tier are of one size."""
    for name in dict.fromkeys(each.tier for each in survey.subnets):
        of_tier = [each for each in survey.subnets if each.tier == name]
        prefixes = Counter(each.block.prefix for each in of_tier)
        if len(prefixes) > 1:
            sizes = listed([f"{each.name} is a /{each.block.prefix}" for each in of_tier])
            sentence = f"{name} differs between zones: {sizes}; when a zone fails, the others carry its load."
            names = tuple(each.name for each in of_tier)
            repair = _alike(survey, of_tier, min(prefixes))
            yield Violation(Property.SYMMETRY, name, sentence, names, repair)


def _alike(survey: Survey, of_tier: Sequence[Subnet], largest: int) -> Repair:
    """All as large as the largest; where that does not fit, all as small as the hosts allow."""
    if fits_aws(largest):
        smaller = [each for each in of_tier if each.block.prefix > largest]
        if (repair := _resized(survey, smaller, largest)).changes:
            return repair
    tier = survey.plan.tier(of_tier[0].tier)
    smallest = max(each.block.prefix for each in of_tier)
    if not fits_aws(smallest) or (tier.size is not None and tier.size < smallest):
        return Repair(_FULL)
    cut = tuple(
        Move(each.name, Block(4, each.block.start, smallest))
        for each in of_tier
        if each.block.prefix < smallest
    )
    named = listed([f"{move.subnet} {move.to}" for move in cut])
    return Repair(f"Make {named}: nothing larger is free.", cut)


def _resized(survey: Survey, subnets: Sequence[Subnet], prefix: int) -> Repair:
    """Each of the subnets with another size, where they are if nobody is in the way, else in a free place."""
    changes: list[Move] = []
    for each in subnets:
        place = place_for(survey, each, prefix, [change.to for change in changes])
        if place is None:
            return Repair(_FULL)
        changes.append(Move(each.name, place))
    named = listed([f"{move.subnet} {move.to}" for move in changes])
    return Repair(f"Make {named}, which {'is' if len(changes) == 1 else 'are'} free.", tuple(changes))


def room(survey: Survey) -> Iterator[Violation]:
    """Each subnet can double in place: the other half of its parent is free."""
    seen: set[Block] = set()
    for each in survey.subnets:
        parent = each.block.parent
        if (
            parent is None
            or not fits_aws(each.block.prefix)
            or not survey.wants_to_double(each)
            or survey.doubled(each) is not None
            or not survey.in_vpc(each.block)
            or parent in seen
        ):
            continue
        seen.add(parent)
        in_the_way = survey.others(each, parent)
        names = (each.name, *(other.name for other in in_the_way))
        yield Violation(
            Property.ROOM, each.name, _cramped(survey, each, parent), names, _room_for(survey, each, parent)
        )


def _cramped(survey: Survey, subnet: Subnet, parent: Block) -> str:
    if parent.prefix < LARGEST:
        return f"{subnet.name} cannot double: it is a /{LARGEST}, and no subnet is larger."
    said = f"{subnet.name} cannot double in place: {parent} would"
    if not survey.in_vpc(parent):
        return f"{said} reach beyond the VPC."
    return f"{said} swallow {listed([each.name for each in survey.others(subnet, parent)])}."


def _room_for(survey: Survey, subnet: Subnet, parent: Block) -> Repair:
    """Move those in the way, or else the subnet itself to where twice its size is free."""
    if parent.prefix < LARGEST:
        return Repair("Divide its hosts over two subnets in each zone, or say that it need not double.")
    if survey.in_vpc(parent):
        changes: list[Move] = []
        for other in survey.others(subnet, parent):
            leaving = (other.name, *(change.subnet for change in changes))
            avoid = [parent, *(change.to for change in changes)]
            place = spot(survey, other.block.prefix, leaving=leaving, avoid=avoid)
            if place is None:
                break
            changes.append(Move(other.name, place))
        else:
            named = listed([f"{move.subnet} to {move.to}" for move in changes])
            said = f"Move {named}, which {'is' if len(changes) == 1 else 'are'} free."
            return Repair(said, tuple(changes))
    place = spot(survey, parent.prefix, leaving=(subnet.name,))
    if place is None:
        return Repair(
            f"No free block is left for that. Take a larger VPC, or say that {subnet.tier} need not double."
        )
    to = Block(4, place.start, subnet.block.prefix)
    return Repair(
        f"Move {subnet.name} to {to}: {place} is free, and it can double there.", (Move(subnet.name, to),)
    )
