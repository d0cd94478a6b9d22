"""The judge of subnet plans: by properties, not by one right answer.

Each violation has a name, a sentence, the subnets concerned and a repair. A block is judged as AWS makes it,
with its host bits at zero. Sources: VPC User Guide, "VPC CIDR blocks", "Subnet CIDR blocks", "Amazon VPC
quotas"; VPC Peering Guide, "VPC peering limitations" (overlapping blocks); EC2 API Reference, "Error codes".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from labs.aws.network.addresses.arithmetic import overlap
from labs.aws.network.addresses.block import Block, beginning
from labs.aws.network.addresses.judging_tiers import capacity, room, symmetry, zones
from labs.aws.network.addresses.plans import Plan, Requirements, Survey
from labs.aws.network.addresses.ranges import secondary_remarks, vpc_remarks
from labs.aws.network.addresses.repairs import (
    Move,
    Rebase,
    Repair,
    moving,
    private_block,
    repaired,
    spot,
)
from labs.aws.network.addresses.sizes import LARGEST, SMALLEST, fits_aws
from labs.aws.network.addresses.violations import Property, Violation

__all__ = ["Judgement", "judge", "of_the_vpc"]

_Rule: TypeAlias = Callable[[Survey], Iterable[Violation]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A plan and its violations: those of the VPC first, then property by property."""

    plan: Plan
    violations: tuple[Violation, ...]

    @property
    def ok(self) -> bool:
        """Whether every property holds."""
        return not self.violations


def judge(plan: Plan) -> Judgement:
    """Judge a plan by every property; each repair is for the plan as it is, so mend one and judge again."""
    survey = Survey(plan)
    found = (*of_the_vpc(plan.requirements), *(each for rule in _RULES for each in rule(survey)))
    return Judgement(plan, found)


def of_the_vpc(asked: Requirements) -> tuple[Violation, ...]:
    """What is wrong with the VPC itself: blocks that AWS refuses, and networks that it overlaps."""
    empty = Plan(asked, ())
    return (*_blocks(empty), *_peers(empty))


def _blocks(plan: Plan) -> Iterator[Violation]:
    blocks = plan.requirements.blocks
    for place, block in enumerate(blocks):
        if block.host:
            repair = Repair(f"Write {block}.", (_rebased(plan, place, block.canonical),))
            sentence = (
                f"The VPC is written {block.written}, and AWS makes {block} of it: {beginning(block.prefix)}"
            )
            yield Violation(Property.ALIGNMENT, block.written, sentence, (), repair)
        remarks = secondary_remarks(blocks[:place], block) if place else vpc_remarks(block)
        refusal = next((each for each in remarks if each.refused), None)
        if refusal is not None:
            repair = _another_block(plan, place)
            yield Violation(Property.VPC, str(block), refusal.sentence, (), repair, "InvalidVpc.Range")


def _another_block(plan: Plan, place: int) -> Repair:
    block = plan.requirements.blocks[place]
    resized = block.resized(min(max(block.prefix, LARGEST), SMALLEST))
    earlier = plan.requirements.blocks[:place]
    remarks = secondary_remarks(earlier, resized) if place else vpc_remarks(resized)
    found = private_block(plan, place) if any(each.refused for each in remarks) else resized
    if found is None:
        return Repair("No private block of this size is left. Take smaller blocks, or fewer.")
    return Repair(f"Take {found} instead.", (_rebased(plan, place, found),))


def _rebased(plan: Plan, place: int, block: Block) -> Rebase:
    blocks = plan.requirements.blocks
    return Rebase((*blocks[:place], block, *blocks[place + 1 :]))


def _peers(plan: Plan) -> Iterator[Violation]:
    for place, block in enumerate(plan.requirements.blocks):
        for peer in plan.requirements.peers:
            if peer.block.overlaps(block):
                name = f"{peer.name} ({peer.block})" if peer.name != str(peer.block) else peer.name
                sentence = (
                    f"The VPC's {block} overlaps {name}: AWS peers no VPCs that overlap, and of two routes "
                    "to the same addresses one is never taken."
                )
                found = private_block(plan, place)
                repair = Repair("No private block of this size is free of them. Take a smaller VPC.")
                if found is not None:
                    said = f"Move the VPC's block to {found}; its subnets move along."
                    repair = Repair(said, (_rebased(plan, place, found),))
                yield Violation(Property.PEERS, f"{block} and {peer.name}", sentence, (), repair)


def _alignment(survey: Survey) -> Iterator[Violation]:
    for each in survey.subnets:
        if each.block.host:
            block = each.block.canonical
            sentence = (
                f"{each.name} is written {each.block.written}, and AWS makes {block} of it: "
                f"{beginning(block.prefix)}"
            )
            repair = Repair(f"Write {block}.", (Move(each.name, block),))
            yield Violation(Property.ALIGNMENT, each.name, sentence, (each.name,), repair)


def _size(survey: Survey) -> Iterator[Violation]:
    for each in survey.subnets:
        prefix = each.block.prefix
        if not fits_aws(prefix):
            which = "larger" if prefix < LARGEST else "smaller"
            sentence = (
                f"{each.name} is a /{prefix}; a subnet is a /{LARGEST} to a /{SMALLEST}, and this is {which}."
            )
            place = spot(survey, min(max(prefix, LARGEST), SMALLEST), leaving=(each.name,))
            yield Violation(
                Property.SIZE,
                each.name,
                sentence,
                (each.name,),
                moving(each.name, place),
                "InvalidSubnet.Range",
            )


def _containment(survey: Survey) -> Iterator[Violation]:
    blocks = survey.plan.requirements.blocks
    for each in survey.subnets:
        if not survey.in_vpc(each.block):
            beyond = any(block.overlaps(each.block) for block in blocks)
            where = "reaches beyond" if beyond else "is outside"
            sentence = f"{each.name} ({each.block}) {where} the VPC's {' and '.join(map(str, blocks))}."
            place = spot(survey, each.block.prefix, leaving=(each.name,))
            yield Violation(
                Property.CONTAINMENT,
                each.name,
                sentence,
                (each.name,),
                moving(each.name, place),
                "InvalidSubnet.Range",
            )


def _disjointness(survey: Survey) -> Iterator[Violation]:
    places = {each.name: place for place, each in enumerate(survey.subnets)}
    for inner in survey.subnets:
        before = [
            each for each in survey.others(inner, inner.block) if places[each.name] < places[inner.name]
        ]
        if before:
            outer = before[-1]
            sentence = f"{inner.name} and {outer.name} overlap. {overlap(inner.block, outer.block).sentence}"
            repair = moving(inner.name, spot(survey, inner.block.prefix, leaving=(inner.name,)))
            names = (outer.name, inner.name)
            yield Violation(
                Property.DISJOINTNESS, inner.name, sentence, names, repair, "InvalidSubnet.Conflict"
            )


def _free(survey: Survey) -> Iterator[Violation]:
    asked, share = survey.plan.requirements, survey.plan.share_free
    if share < asked.keep_free:
        sentence = f"{share:.1f} % of the VPC is free, and the plan asks for {asked.keep_free} %."
        yield Violation(Property.FREE, "the VPC", sentence, (), _larger_vpc(survey.plan))


def _larger_vpc(plan: Plan) -> Repair:
    """The smallest block around the VPC's first one with which as much is free as is asked."""
    first, *others = plan.requirements.blocks
    larger = first.parent
    while larger is not None and larger.prefix >= LARGEST:
        change = Rebase((larger, *others))
        changed = repaired(plan, Repair("", (change,)))
        if not of_the_vpc(changed.requirements) and changed.share_free >= changed.requirements.keep_free:
            return Repair(f"Take {larger} for the VPC.", (change,))
        larger = larger.parent
    return Repair("Take smaller subnets, or add a block to the VPC.")


def _quota(survey: Survey) -> Iterator[Violation]:
    count, quota = len(survey.subnets), survey.plan.requirements.quota
    if count > quota:
        sentence = f"The plan has {count:,} subnets, and the quota is {quota:,} for a VPC."
        repair = Repair("Ask AWS for a higher quota, or take fewer and larger subnets.")
        yield Violation(Property.QUOTA, "the VPC", sentence, (), repair, "SubnetLimitExceeded")


_RULES: Final[tuple[_Rule, ...]] = (
    _alignment,
    _size,
    _containment,
    _disjointness,
    capacity,
    zones,
    symmetry,
    room,
    _free,
    _quota,
)
