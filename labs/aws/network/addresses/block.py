"""An address block: a value that keeps what was written, and is what AWS makes of it.

    Block.parse("10.0.3.1/28")      written 10.0.3.1/28, is 10.0.3.0/28: AWS sets the host bits to zero
    block[0], block[-1]             the first and the last address, as `ipaddress` has them
    block.halves, block.parent      one bit more, one bit less

Blocks are nested or apart, never anything between. Sources: VPC User Guide, "VPC CIDR blocks" ("automatically
modified to its canonical form") and "Subnet CIDR blocks"; RFC 4632, "CIDR".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Self

from labs.aws.network.addresses.reading import diagnose, strictly
from labs.errors import AddressError

__all__ = ["Block", "beginning"]


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """One address block, IPv4 or IPv6.

    `start` is the first address as a number, with the host bits at zero; `host` holds the host bits that were
    written, and `written` the text. Neither counts when blocks are compared.

    >>> str(Block.parse("10.0.3.1/28"))
    '10.0.3.0/28'
    """

    version: int
    start: int
    prefix: int
    host: int = field(default=0, compare=False)
    written: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a block; host bits may be set.

        Raises:
            AddressError: the text is no block; `meant` is the block that it probably meant.
        """
        if isinstance(text, str) and (parts := strictly(text)):
            size = 1 << ((32 if parts.version == 4 else 128) - parts.prefix)
            host = parts.address % size
            return cls(parts.version, parts.address - host, parts.prefix, host, text)
        found = diagnose(text)
        problem = found.problems[0]
        hint = f"Did you mean {found.meant}?" if found.meant else problem.hint
        raise AddressError(problem.title, problem.detail, hint, meant=found.meant)

    @classmethod
    def around(cls, address: int, prefix: int, version: int = 4) -> Self:
        """The block of a size that holds an address, given as a number."""
        size = 1 << ((32 if version == 4 else 128) - prefix)
        return cls(version, address - address % size, prefix)

    def __str__(self) -> str:
        return f"{self[0]}/{self.prefix}"

    def __getitem__(self, number: int) -> IPv4Address | IPv6Address:
        """The address with a number, from 0; a negative one counts from the end.

        Raises:
            IndexError: the block has no such address.
        """
        if not -self.size <= number < self.size:
            raise IndexError(f"{self} has no address {number}")
        address = self.start + number % self.size
        return IPv4Address(address) if self.version == 4 else IPv6Address(address)

    @property
    def network(self) -> IPv4Network | IPv6Network:
        """The block as `ipaddress` has it."""
        if self.version == 4:
            return IPv4Network((self.start, self.prefix))
        return IPv6Network((self.start, self.prefix))

    @property
    def bits(self) -> int:
        """How many bits an address has: 32 or 128."""
        return 32 if self.version == 4 else 128

    @property
    def size(self) -> int:
        """How many addresses the block has, those that AWS keeps included."""
        return 1 << (self.bits - self.prefix)

    @property
    def stop(self) -> int:
        """The number of the first address behind the block."""
        return self.start + self.size

    @property
    def canonical(self) -> Self:
        """The same block without what was written."""
        return type(self)(self.version, self.start, self.prefix)

    @property
    def parent(self) -> Self | None:
        """The block of twice the size that this is half of; None for a /0."""
        return self.resized(self.prefix - 1) if self.prefix else None

    @property
    def sibling(self) -> Self | None:
        """The other half of the parent; None for a /0."""
        return type(self)(self.version, self.start ^ self.size, self.prefix) if self.prefix else None

    @property
    def halves(self) -> tuple[Self, ...]:
        """The two blocks of half the size; none for a single address."""
        if self.prefix == self.bits:
            return ()
        make, longer = type(self), self.prefix + 1
        return (
            make(self.version, self.start, longer),
            make(self.version, self.start + self.size // 2, longer),
        )

    def resized(self, prefix: int) -> Self:
        """The block of another size that begins here, or that this lies in."""
        return type(self).around(self.start, prefix, self.version)

    def covers(self, other: Block) -> bool:
        """Whether each address of the other block is one of this; a block covers itself."""
        return self.version == other.version and self.start <= other.start and other.stop <= self.stop

    def overlaps(self, other: Block) -> bool:
        """Whether some address is in both blocks."""
        return self.version == other.version and self.start < other.stop and other.start < self.stop


def beginning(prefix: int) -> str:
    """Where IPv4 blocks of a size begin, as a sentence about the four numbers.

    >>> beginning(23)
    'a /23 begins where the third number is a multiple of 2 and the fourth is 0.'
    """
    if prefix in (0, 32):
        return "a /32 is one address." if prefix else "a /0 is every address."
    names = ("first", "second", "third", "fourth")
    place = (prefix - 1) // 8
    step = 1 << (8 * place + 8 - prefix)
    zeros = names[place + 1 :]
    named = " and ".join(filter(None, (", ".join(zeros[:-1]), *zeros[-1:])))
    if step == 1:
        return f"a /{prefix} begins where the {named} number{' is' if len(zeros) == 1 else 's are'} 0."
    rest = f" and the {named} {'is' if len(zeros) == 1 else 'are'} 0" if zeros else ""
    return f"a /{prefix} begins where the {names[place]} number is a multiple of {step}{rest}."
