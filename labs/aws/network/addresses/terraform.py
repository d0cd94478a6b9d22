"""Terraform's functions of addresses, as Terraform computes them.

    cidrsubnet("172.31.0.0/16", 4, 5)    172.31.80.0/20: host bits at zero, base + number × size
    cidrsubnets("10.0.0.0/21", 3, 4)     blocks one behind the other, each at the next place of its size
    cidrhost("10.0.0.0/8", -2)           10.255.255.254: a negative number counts from the end

Terraform reads numbers with leading zeros as decimal, and IPv4 addresses in IPv6 as IPv4. Sources: Terraform
documentation, "cidrsubnet", "cidrsubnets", "cidrhost" and "cidrnetmask" functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from labs.aws.network.addresses.block import Block
from labs.errors import AddressError

__all__ = ["cidrhost", "cidrnetmask", "cidrsubnet", "cidrsubnets"]

_MOST_NEW_BITS: Final = 32
_MAPPED: Final = 0xFFFF
_LEADING_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])", re.ASCII)


def cidrsubnet(prefix: str, newbits: int, netnum: int) -> Block:
    """The block with a number among those that have so many bits more.

    Raises:
        AddressError: the prefix is no block, or it has no block of this size or this number.
    """
    base = _read(prefix)
    _check_newbits(base, newbits)
    if not 0 <= netnum < 1 << newbits:
        last = (1 << newbits) - 1
        raise AddressError(
            "There is no block with this number",
            f"{newbits} new bits number the blocks of {base} from 0 to {last:,}; it is {netnum:,}.",
            "Take a smaller number, or more new bits.",
        )
    size = base.size >> newbits
    return Block(base.version, base.start + netnum * size, base.prefix + newbits)


def cidrsubnets(prefix: str, newbits: Sequence[int]) -> tuple[Block, ...]:
    """Blocks one behind the other, each with so many bits more than the prefix.

    Like Terraform, it refuses a prefix that begins at address zero (hashicorp/terraform, issue 35486).

    Raises:
        AddressError: the prefix is no block, a number of new bits is not from 1 to 32, or the block is full.
    """
    base = _read(prefix)
    blocks: list[Block] = []
    place = base.start
    for each in newbits:
        if not 1 <= each <= _MOST_NEW_BITS:
            raise AddressError(
                "cidrsubnets adds 1 to 32 bits at a time",
                f"Argument {len(blocks) + 2} is {each}.",
                "cidrsubnet takes 0, and more than 32.",
            )
        _check_newbits(base, each)
        size = base.size >> each
        place += -place % size
        if place + size > base.stop or base.start == 0:
            where = f"after {blocks[-1]}" if blocks else "at address zero, where Terraform cannot begin"
            raise AddressError(
                "The block is full",
                f"There is no room for a /{base.prefix + each} in {base} {where}.",
                "Put the larger blocks first, or take a larger prefix.",
            )
        blocks.append(Block(base.version, place, base.prefix + each))
        place += size
    return tuple(blocks)


def cidrhost(prefix: str, hostnum: int) -> str:
    """The address with a number in a block; a negative number counts from the end.

    Raises:
        AddressError: the prefix is no block, or it has no address with this number.
    """
    base = _read(prefix)
    try:
        return str(base[hostnum])
    except IndexError:
        raise AddressError(
            "There is no address with this number",
            f"{base} has {base.size:,} addresses, from 0 or from -1 backwards; it is {hostnum:,}.",
            "Take a number that is nearer to zero.",
        ) from None


def cidrnetmask(prefix: str) -> str:
    """The netmask of an IPv4 block, as in 255.255.240.0.

    Raises:
        AddressError: the prefix is no block, or is IPv6.
    """
    base = _read(prefix)
    if base.version == 6:
        raise AddressError(
            "IPv6 has no netmasks", f"{base} is an IPv6 block.", "Its prefix length says how large it is."
        )
    return str(base.network.netmask)


def _read(text: str) -> Block:
    """The block of a prefix, read as leniently as Terraform reads it."""
    address, slash, prefix = text.partition("/")
    if ":" not in address:
        address = _LEADING_ZEROS.sub("", address)
    block = Block.parse(address + slash + _LEADING_ZEROS.sub("", prefix))
    if block.version == 6 and block.prefix >= 96 and block.start >> 32 == _MAPPED:
        return Block(4, block.start & 0xFFFF_FFFF, block.prefix - 96)
    return block.canonical


def _check_newbits(base: Block, newbits: int) -> None:
    if newbits < 0 or base.prefix + newbits > base.bits:
        raise AddressError(
            "The block has not so many bits left",
            f"{base} has {base.bits - base.prefix} bits behind its prefix; {newbits} are asked for.",
            f"Give a number from 0 to {base.bits - base.prefix}.",
        )
