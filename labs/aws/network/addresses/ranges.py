"""The ranges of addresses with a meaning of their own, and what AWS says of a block for a VPC.

Sources: VPC User Guide, "VPC CIDR blocks" (the recommendation, the warning about 172.17.0.0/16 and the table
"IPv4 CIDR block association restrictions"); IANA, "IPv4 Special-Purpose Address Registry".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.sizes import (
    LARGEST,
    QUOTAS,
    SMALLEST,
    SUBNET_PREFIXES6,
    VPC_PREFIXES6,
    subnet_sized,
    vpc_sized,
)

__all__ = [
    "RANGES",
    "Kind",
    "Range",
    "Remark",
    "range_of",
    "secondary_remarks",
    "subnet_remarks",
    "vpc_remarks",
]

Kind: TypeAlias = Literal["private", "shared", "public", "refused"]

AWS: Final = 'VPC User Guide, "VPC CIDR blocks"'
SUBNETS: Final = 'VPC User Guide, "Subnet CIDR blocks"'
IANA: Final = 'IANA, "IPv4 Special-Purpose Address Registry"'
IANA6: Final = 'IANA, "IPv6 Special-Purpose Address Registry"'


@dataclass(frozen=True, slots=True)
class Range:
    """A range of addresses: what it is called, and whether AWS takes blocks of it for a VPC."""

    block: Block
    name: str
    kind: Kind
    source: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that AWS says of a block: a refusal, or a warning."""

    code: str
    refused: bool
    sentence: str
    source: str


def _range(text: str, name: str, kind: Kind, source: str = IANA) -> Range:
    return Range(Block.parse(text).canonical, name, kind, source)


RANGES: Final = (
    _range("10.0.0.0/8", "private (RFC 1918)", "private"),
    _range("172.16.0.0/12", "private (RFC 1918)", "private"),
    _range("192.168.0.0/16", "private (RFC 1918)", "private"),
    _range("100.64.0.0/10", "shared address space (RFC 6598)", "shared"),
    _range("169.254.0.0/16", "link-local", "refused", AWS),
    _range("127.0.0.0/8", "loopback", "refused"),
    _range("0.0.0.0/8", "“this network”", "refused"),
    _range("224.0.0.0/4", "multicast", "refused"),
    _range("240.0.0.0/4", "reserved, and at its end the broadcast address", "refused"),
    _range("192.0.2.0/24", "for documentation (TEST-NET-1)", "public"),
    _range("198.51.100.0/24", "for documentation (TEST-NET-2)", "public"),
    _range("203.0.113.0/24", "for documentation (TEST-NET-3)", "public"),
    _range("198.18.0.0/15", "for benchmarks (RFC 2544)", "public"),
    _range("fc00::/7", "unique local (RFC 4193)", "private", IANA6),
    _range("fe80::/10", "link-local", "refused", IANA6),
    _range("ff00::/8", "multicast", "refused", IANA6),
    _range("::/96", "loopback and unspecified", "refused", IANA6),
    _range("::ffff:0:0/96", "IPv4 addresses in IPv6", "refused", IANA6),
    _range("2001:db8::/32", "for documentation", "public", IANA6),
)
"""The ranges that are told apart; what is in none of them is public."""

_PUBLIC4: Final = _range("0.0.0.0/0", "public", "public")
_PUBLIC6: Final = _range("::/0", "public", "public", IANA6)
_RFC1918: Final = tuple(each.block for each in RANGES if each.name == "private (RFC 1918)")
_REFUSED: Final = tuple(each for each in RANGES if each.kind == "refused")
_AWS_OWN: Final = Block.parse("198.19.0.0/16")
_DOCKER: Final = Block.parse("172.17.0.0/16")
_DEFAULT_VPC: Final = Block.parse("172.31.0.0/16")
_CROWDED: Final = (Block.parse("10.0.0.0/15"), Block.parse("10.0.0.0/16"))
_NEARLY_PRIVATE: Final = (
    (Block.parse("172.0.0.0/8"), "the private range there is 172.16.0.0/12 and ends at 172.31.255.255"),
    (Block.parse("192.0.0.0/8"), "the private range there is 192.168.0.0/16"),
    (Block.parse("100.0.0.0/8"), "the shared range there is 100.64.0.0/10 and ends at 100.127.255.255"),
)


def range_of(block: Block) -> Range | None:
    """The range that a block lies in; None when it lies in several."""
    holding = [each for each in RANGES if each.block.covers(block)]
    if holding:
        return max(holding, key=lambda each: each.block.prefix)
    if any(block.covers(each.block) for each in RANGES):
        return None
    return _PUBLIC4 if block.version == 4 else _PUBLIC6


def vpc_remarks(block: Block) -> tuple[Remark, ...]:
    """What AWS says of a block as the first of a VPC: refusals, or else warnings."""
    return _refusals_or_warnings(block, (*_size(block, "VPC"), *_reserved(block)))


def subnet_remarks(block: Block) -> tuple[Remark, ...]:
    """What AWS says of a block as a subnet's, whatever the VPC: refusals, or else warnings."""
    return _refusals_or_warnings(block, (*_size(block, "subnet"), *_reserved(block)))


def secondary_remarks(existing: Sequence[Block], block: Block) -> tuple[Remark, ...]:
    """What AWS says of one more IPv4 block for a VPC that has others, its primary block first.

    The row of AWS's table is that of the primary block: "add that CIDR first when you create the VPC".
    """
    refusals = (
        *_size(block, "VPC"),
        *_reserved(block),
        *_beside(existing, block),
        *_association(existing, block),
    )
    return _refusals_or_warnings(block, refusals)


def _refusals_or_warnings(block: Block, refusals: tuple[Remark, ...]) -> tuple[Remark, ...]:
    return refusals or tuple(_warnings(block))


def _size(block: Block, what: str) -> Iterator[Remark]:
    fitting, source = (vpc_sized(block), AWS) if what == "VPC" else (subnet_sized(block), SUBNETS)
    if fitting:
        return
    if block.version == 4:
        which = "larger" if block.prefix < LARGEST else "smaller"
        sentence = f"A {what}'s block is a /{LARGEST} to a /{SMALLEST}; a /{block.prefix} is {which}."
    else:
        sizes = f"{_listed(VPC_PREFIXES6)}; Amazon's own are /56"
        if what == "subnet":
            sizes = f"{_listed(SUBNET_PREFIXES6)}; /64 is usual"
        sentence = f"A {what}'s IPv6 block is {sizes}. This is a /{block.prefix}."
    yield Remark("size", True, sentence, source)


def _listed(prefixes: range) -> str:
    *first, last = [f"/{prefix}" for prefix in prefixes]
    return f"{', '.join(first)} or {last}"


def _reserved(block: Block) -> Iterator[Remark]:
    each = next((each for each in _REFUSED if each.block.overlaps(block)), None)
    if each is not None:
        where = "is in" if each.block.covers(block) else "reaches into"
        sentence = f"{block} {where} {each.block}, which is {each.name}: no VPC can have these addresses."
        yield Remark("reserved", True, sentence, each.source)


def _beside(existing: Sequence[Block], block: Block) -> Iterator[Remark]:
    for each in existing:
        if each.overlaps(block):
            sentence = f"{block} overlaps {each}, which the VPC has already."
            yield Remark("overlap", True, sentence, AWS)
    quota = QUOTAS["ipv4_blocks"].limit
    if len(existing) >= quota:
        sentence = f"The VPC has {len(existing)} IPv4 blocks, and the quota is {quota}."
        yield Remark("quota", True, sentence, 'VPC User Guide, "Amazon VPC quotas"')


def _association(existing: Sequence[Block], block: Block) -> Iterator[Remark]:
    """AWS's table: which range may join which."""
    if not existing or block.version == 6:
        return
    primary = existing[0]
    home = next((each for each in _RFC1918 if each.covers(primary)), None)
    barred = [each for each in _RFC1918 if each != home]
    if home == _RFC1918[1]:
        barred.append(_DEFAULT_VPC)
    if not _AWS_OWN.covers(primary):
        barred.append(_AWS_OWN)
    for each in barred:
        if each.overlaps(block):
            sentence = f"To a VPC that began with {primary}, AWS adds no block of {each}."
            yield Remark("association", True, sentence, AWS)
    wide, narrow = _CROWDED
    crowding = next((each for each in existing if wide.covers(each)), None)
    if crowding is not None and narrow.overlaps(block):
        sentence = f"The VPC has {crowding}, of {wide}; AWS then adds no block of {narrow}."
        yield Remark("association", True, sentence, AWS)


def _warnings(block: Block) -> Iterator[Remark]:
    if _DOCKER.overlaps(block):
        sentence = (
            f"Docker's networks use {_DOCKER}, and with them AWS Cloud9 and SageMaker: they would clash."
        )
        yield Remark("docker", False, sentence, AWS)
    home = range_of(block)
    if block.version == 6 or home is None or home.kind != "public":
        return
    if home is not _PUBLIC4:
        sentence = f"{block} is not private: it is {home.name}. AWS takes it, but that is not what it is for."
    else:
        near = next((f": {words}" for each, words in _NEARLY_PRIVATE if each.covers(block)), "")
        sentence = f"{block} is not private{near}. AWS takes it, but hosts of the internet that have these"
        sentence += " addresses are then out of reach."
    yield Remark("public", False, sentence, AWS)
