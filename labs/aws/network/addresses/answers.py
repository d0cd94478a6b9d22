"""What can be asked about addresses, as values: each question's answer, with its verdict and its JSON.

`verdict` is the yes or no that a command's exit status tells; `to_json` is the form that programs read.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeAlias

from labs.aws.network.addresses.arithmetic import Exclusion, Overlap, Summary, overlap, split
from labs.aws.network.addresses.block import Block, beginning
from labs.aws.network.addresses.description import Description
from labs.aws.network.addresses.judging import Judgement
from labs.aws.network.addresses.planner import NoPlan
from labs.aws.network.addresses.plans import Plan, Subnet, Survey, Tier
from labs.aws.network.addresses.ranges import Remark, secondary_remarks
from labs.aws.network.addresses.repairs import Add, Change, Move, Rebase
from labs.aws.network.addresses.sizes import KEPT, prefix_for, subnet_sized, usable
from labs.aws.network.addresses.violations import Violation
from labs.errors import InputError

__all__ = [
    "Answer",
    "Computed",
    "Join",
    "Json",
    "Overlaps",
    "Secondary",
    "Size",
    "Split",
    "overlaps_among",
    "secondary",
    "size_for",
    "split_of",
    "to_json",
    "verdict",
]

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

_MOST_BLOCKS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Split:
    """A block in equal parts."""

    block: Block
    prefix: int
    parts: tuple[Block, ...]

    @property
    def usable(self) -> int | None:
        """How many addresses resources can have in each part; None when it cannot be a subnet."""
        return usable(self.parts[0]) if subnet_sized(self.parts[0]) else None


@dataclass(frozen=True, slots=True)
class Join:
    """Blocks as few as possible; `asked` whether they join to one."""

    summary: Summary
    asked: bool


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Blocks compared with one another: the pairs that overlap; of two blocks, that pair in any case."""

    blocks: tuple[Block, ...]
    pairs: tuple[Overlap, ...]


@dataclass(frozen=True, slots=True)
class Computed:
    """What one of Terraform's functions returns: blocks, or a text."""

    call: str
    blocks: tuple[Block, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """The smallest subnet for a number of hosts."""

    hosts: int
    prefix: int

    @property
    def addresses(self) -> int:
        """How many addresses it has."""
        return 1 << (32 - self.prefix)

    @property
    def usable(self) -> int:
        """How many of them resources can have."""
        return self.addresses - KEPT


@dataclass(frozen=True, slots=True)
class Secondary:
    """One more block for a VPC, and what AWS says of it."""

    existing: tuple[Block, ...]
    block: Block
    remarks: tuple[Remark, ...]


Answer: TypeAlias = (
    Description
    | Split
    | Join
    | Exclusion
    | Overlaps
    | Computed
    | Size
    | Secondary
    | Plan
    | NoPlan
    | Judgement
)


def split_of(block: Block, *, prefix: int | None = None, parts: int | None = None) -> Split:
    """Split a block; see `split`."""
    found = split(block, prefix=prefix, parts=parts)
    return Split(block, found[0].prefix, found)


def overlaps_among(blocks: tuple[Block, ...]) -> Overlaps:
    """Compare blocks with one another.

    Raises:
        InputError: they are fewer than two, or too many.
    """
    if not 2 <= len(blocks) <= _MOST_BLOCKS:
        raise InputError(
            "Blocks are compared with one another",
            f"There are {len(blocks):,}.",
            f"Give 2 to {_MOST_BLOCKS:,}.",
        )
    if len(blocks) == 2:
        return Overlaps(blocks, (overlap(*blocks),))
    return Overlaps(
        blocks, tuple(overlap(*pair) for pair in combinations(blocks, 2) if pair[0].overlaps(pair[1]))
    )


def size_for(hosts: int) -> Size:
    """The smallest subnet for so many hosts; see `prefix_for`."""
    return Size(hosts, prefix_for(hosts))


def secondary(existing: tuple[Block, ...], block: Block) -> Secondary:
    """Whether AWS adds a block to a VPC that has others.

    Raises:
        InputError: the VPC has no block yet.
    """
    if not existing:
        raise InputError(
            "The VPC has no block yet", "None is given.", "Give its blocks first, the primary at the start."
        )
    return Secondary(existing, block, secondary_remarks(existing, block))


def verdict(answer: Answer) -> bool:
    """Whether the answer is yes: taken, joined, apart, fitting, without violations."""
    match answer:
        case Description() | Judgement():
            return answer.ok
        case Join(summary, asked):
            return summary.one or not asked
        case Overlaps(pairs=pairs):
            return not any(each.overlap for each in pairs)
        case Secondary(remarks=remarks):
            return not any(each.refused for each in remarks)
    return not isinstance(answer, NoPlan)


def to_json(answer: Answer) -> dict[str, Json]:
    """The answer as JSON."""
    return {"ok": verdict(answer), **_body(answer)}


def _body(answer: Answer) -> dict[str, Json]:
    match answer:
        case Description():
            return _description(answer)
        case Split(block, prefix, found):
            return {
                "cidr": str(block),
                "prefix": prefix,
                "usable": answer.usable,
                "parts": _texts(found),
            }
        case Join(summary):
            whole = None if summary.whole is None else str(summary.whole)
            return {"cidrs": _texts(summary.blocks), "whole": whole, "extra": _texts(summary.extra)}
        case Exclusion(block, _, left, outside):
            return {"cidr": str(block), "left": _texts(left), "outside": _texts(outside)}
        case Overlaps(_, pairs):
            return {"overlap": not verdict(answer), "pairs": [_pair(each) for each in pairs]}
        case Computed(call, found, text):
            return (
                {"call": call, "cidrs": _texts(found)} if found or not text else {"call": call, "value": text}
            )
        case Size(hosts, prefix):
            return {
                "hosts": hosts,
                "prefix": prefix,
                "addresses": answer.addresses,
                "usable": answer.usable,
            }
        case Secondary(existing, block, remarks):
            return {
                "vpc": _texts(existing),
                "cidr": str(block),
                "remarks": [_remark(each) for each in remarks],
            }
        case Plan():
            return _plan(answer)
        case NoPlan():
            return _no_plan(answer)
        case Judgement(violations=violations):
            return {"violations": [_violation(each) for each in violations]}


def _texts(blocks: tuple[Block, ...]) -> list[Json]:
    return [str(each) for each in blocks]


def _description(description: Description) -> dict[str, Json]:
    block, home = description.block, description.home
    return {
        "written": block.written or str(block),
        "cidr": str(block),
        "version": block.version,
        "prefix": block.prefix,
        "host_bits": bool(block.host),
        "begins": beginning(block.prefix) if block.version == 4 else None,
        "first": str(block[0]),
        "last": str(block[-1]),
        "netmask": str(block.network.netmask) if block.version == 4 else None,
        "addresses": block.size,
        "usable": description.usable,
        "range": None if home is None else {"cidr": str(home.block), "name": home.name, "kind": home.kind},
        "reserved": [{"address": each.address, "role": each.role} for each in description.reserved],
        "vpc": {
            "allowed": description.vpc_allowed,
            "remarks": [_remark(each) for each in description.as_vpc],
        },
        "subnet": {
            "allowed": description.subnet_allowed,
            "remarks": [_remark(each) for each in description.as_subnet],
        },
        "answers": [
            {"who": each.who, "answer": each.answer, "why": each.why} for each in description.dialects
        ],
    }


def _remark(remark: Remark) -> Json:
    return {
        "code": remark.code,
        "refused": remark.refused,
        "sentence": remark.sentence,
        "source": remark.source,
    }


def _pair(pair: Overlap) -> Json:
    return {
        "first": str(pair.first),
        "second": str(pair.second),
        "relation": pair.relation.value,
        "shared": None if pair.shared is None else str(pair.shared),
        "sentence": pair.sentence,
    }


def _plan(plan: Plan) -> dict[str, Json]:
    survey, asked = Survey(plan), plan.requirements
    return {
        "vpc": _texts(asked.blocks),
        "zones": list(asked.zones),
        "tiers": [_tier(each) for each in asked.tiers],
        "peers": [{"name": each.name, "cidr": str(each.block)} for each in asked.peers],
        "keep_free": asked.keep_free,
        "quota": asked.quota,
        "min_zones": asked.min_zones,
        "subnets": [_subnet(survey, each) for each in plan.subnets],
        "free": _texts(plan.free),
        "free_percent": f"{plan.share_free:.1f}",
        "notes": list(plan.notes),
    }


def _tier(tier: Tier) -> Json:
    return {
        "name": tier.name,
        "hosts": tier.hosts,
        "prefix": tier.size,
        "growth": str(tier.growth),
        "double": tier.double,
        "public": tier.public,
        "zones": None if tier.zones is None else list(tier.zones),
    }


def _subnet(survey: Survey, subnet: Subnet) -> Json:
    doubled = survey.doubled(subnet)
    return {
        "name": subnet.name,
        "tier": subnet.tier,
        "zone": subnet.zone,
        "cidr": str(subnet.block),
        "addresses": subnet.block.size,
        "usable": usable(subnet.block),
        "doubles_to": None if doubled is None else str(doubled),
    }


def _no_plan(no: NoPlan) -> dict[str, Json]:
    return {
        "reason": no.sentence,
        "needed": no.needed,
        "available": no.available,
        "missing": no.missing,
        "smallest_prefix": no.prefix,
        "needs": [
            {
                "tier": each.tier,
                "count": each.count,
                "prefix": each.prefix,
                "room": each.room,
                "addresses": each.addresses,
            }
            for each in no.needs
        ],
        "violations": [_violation(each) for each in no.violations],
    }


def _violation(violation: Violation) -> Json:
    repair = violation.repair
    return {
        "property": violation.property.value,
        "about": violation.about,
        "sentence": violation.sentence,
        "subnets": list(violation.subnets),
        "code": violation.code or None,
        "repair": {"sentence": repair.sentence, "changes": [_change(each) for each in repair.changes]},
    }


def _change(change: Change) -> Json:
    match change:
        case Move(name, to):
            return {"move": name, "to": str(to)}
        case Add(subnet):
            return {
                "add": {
                    "name": subnet.name,
                    "tier": subnet.tier,
                    "zone": subnet.zone,
                    "cidr": str(subnet.block),
                }
            }
        case Rebase(blocks):
            return {"vpc": _texts(blocks)}
