"""Subnet plans: what is asked of one (`Requirements`), and one as a value (`Plan`).

A tier is what subnets are for (web, app, db); it has a subnet in each of its Availability Zones, for a subnet
lies in exactly one. Sources: VPC User Guide, "Subnet basics" and "Subnet CIDR blocks".
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from itertools import accumulate

from labs.aws.network.addresses.arithmetic import free
from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.sizes import LARGEST, QUOTAS, SMALLEST, fits_aws, prefix_for
from labs.errors import InputError

__all__ = ["Peer", "Plan", "Requirements", "Subnet", "Survey", "Tier"]


@dataclass(frozen=True, slots=True)
class Tier:
    """What is asked of one tier.

    `hosts` is how many each zone needs now, and `growth` what to multiply that with; or `prefix` is the size
    of each subnet. `double` says whether each subnet must be able to double in place: yes, no, or (None)
    wherever it fits, which a judge takes for yes. `zones` are those it is in; None is all of the plan's.
    Whether it is `public` is a matter of routes, and changes no address.

    Raises:
        InputError: something of it makes no sense.
        AddressError: no subnet holds so many hosts.
    """

    name: str
    hosts: int | None = None
    prefix: int | None = None
    growth: Decimal = Decimal(1)
    double: bool | None = None
    public: bool = False
    zones: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InputError("A tier has no name", "The name is empty.", "Name each tier: web, app, db.")
        if self.hosts is not None and self.hosts < 1:
            _refuse(self, f"It asks for {self.hosts} hosts.", "Give a positive number of hosts.")
        if not Decimal(1) <= self.growth <= 1000:
            _refuse(self, f"Its growth is {self.growth}.", "Growth multiplies the hosts: 1 to 1000.")
        if self.prefix is not None and not fits_aws(self.prefix):
            hint = f"A subnet is a /{LARGEST} to a /{SMALLEST}."
            _refuse(self, f"Its prefix is /{self.prefix}.", hint)
        smallest = SMALLEST if self.needed is None else prefix_for(self.needed)
        if self.prefix is not None and smallest < self.prefix:
            hint = f"Leave the prefix out, or make it /{smallest}."
            _refuse(self, f"A /{self.prefix} is too small for {self.needed:,} hosts.", hint)
        if self.zones is not None and (not self.zones or len(set(self.zones)) < len(self.zones)):
            _refuse(self, "Its zones are none, or one is named twice.", "Name each zone once.")

    @property
    def needed(self) -> int | None:
        """How many hosts each subnet must hold, growth included; None when only a size is given."""
        if self.hosts is None:
            return None
        return int((self.hosts * self.growth).to_integral_value(ROUND_CEILING))

    @property
    def size(self) -> int | None:
        """The prefix length of each subnet; None when nothing says how large it is."""
        if self.prefix is not None:
            return self.prefix
        return None if self.needed is None else prefix_for(self.needed)


def _refuse(tier: Tier, detail: str, hint: str) -> None:
    raise InputError(f"The tier {tier.name} cannot be as it says", detail, hint)


@dataclass(frozen=True, slots=True)
class Peer:
    """A network that the VPC will be joined to, and so must not overlap: a peer VPC, an office."""

    name: str
    block: Block


@dataclass(frozen=True, slots=True)
class Requirements:
    """What is asked of a plan.

    `blocks` are the VPC's, the primary first; `keep_free` is how many percent of them no subnet may take;
    `quota` is how many subnets AWS allows; `min_zones` how many zones the subnets must be in.
    """

    blocks: tuple[Block, ...]
    zones: tuple[str, ...]
    tiers: tuple[Tier, ...] = ()
    peers: tuple[Peer, ...] = ()
    keep_free: int = 0
    quota: int = QUOTAS["subnets"].limit
    min_zones: int = 2

    def __post_init__(self) -> None:
        if not self.blocks:
            raise InputError("The plan has no VPC", "No block is given.", 'Give one: "vpc": "10.0.0.0/16".')
        if other := next((each for each in self.blocks if each.version == 6), None):
            raise InputError(
                "A plan is for IPv4",
                f"{other} is IPv6, where each subnet takes a /64 whatever it holds.",
                "Split the block instead: skylab cidr split 2001:db8:1234:1a00::/56 64",
            )
        if not 0 <= self.keep_free < 100:
            detail = f"{self.keep_free} % are to stay free."
            raise InputError("A share is out of range", detail, "Give 0 to 99.")
        _once(self.zones, "zone")
        _once([tier.name for tier in self.tiers], "tier")

    def zones_of(self, tier: Tier) -> tuple[str, ...]:
        """The zones that a tier is to be in."""
        return self.zones if tier.zones is None else tier.zones


def _once(names: Sequence[str], what: str) -> None:
    """Refuse a name that comes twice, or is empty."""
    twice = next((name for name, count in Counter(names).items() if count > 1 or not name.strip()), None)
    if twice is not None:
        detail = f"It is {twice!r}." if twice.strip() else "It is empty."
        raise InputError(
            f"The name of a {what} is empty or comes twice", detail, f"Give each {what} its own."
        )


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet of a plan: what it is for, where it is, which addresses it has."""

    tier: str
    zone: str
    block: Block
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", f"{self.tier} {self.zone}")


@dataclass(frozen=True, slots=True)
class Plan:
    """A subnet plan: what was asked, and the subnets. `notes` are what the planner had to say."""

    requirements: Requirements
    subnets: tuple[Subnet, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _once([subnet.name for subnet in self.subnets], "subnet")
        object.__setattr__(self, "subnets", tuple(sorted(self.subnets, key=lambda each: each.block)))

    @property
    def free(self) -> tuple[Block, ...]:
        """What no subnet takes: the fewest blocks, in order of address."""
        return free(self.requirements.blocks, [each.block for each in self.subnets])

    @property
    def share_free(self) -> Decimal:
        """How many percent of the VPC's addresses no subnet takes."""
        whole = sum(each.size for each in self.requirements.blocks)
        return Decimal(100 * sum(each.size for each in self.free)) / whole

    def tier(self, name: str) -> Tier:
        """What is asked of a tier; nothing, when the plan does not speak of it."""
        return next((each for each in self.requirements.tiers if each.name == name), Tier(name))


@dataclass(frozen=True)
class Survey:
    """A plan with what its judge looks up again and again, found once."""

    plan: Plan

    @property
    def subnets(self) -> tuple[Subnet, ...]:
        """The subnets, in order of address."""
        return self.plan.subnets

    @cached_property
    def _starts(self) -> list[int]:
        return [each.block.start for each in self.subnets]

    @cached_property
    def _reach(self) -> list[int]:
        """How far the subnets up to each place reach: none before it goes further."""
        return list(accumulate((each.block.stop for each in self.subnets), max))

    def inside(self, block: Block) -> Iterator[Subnet]:
        """The subnets that have an address of a block, the last first."""
        for place in range(bisect_left(self._starts, block.stop) - 1, -1, -1):
            if self._reach[place] <= block.start:
                return
            if self.subnets[place].block.stop > block.start:
                yield self.subnets[place]

    def others(self, subnet: Subnet, block: Block) -> tuple[Subnet, ...]:
        """The subnets, but for one, that have an address of a block, in order of address."""
        return tuple(each for each in self.inside(block) if each is not subnet)[::-1]

    def in_vpc(self, block: Block) -> bool:
        """Whether one of the VPC's blocks holds the whole of a block."""
        return any(each.covers(block) for each in self.plan.requirements.blocks)

    def doubled(self, subnet: Subnet) -> Block | None:
        """The block that a subnet grows to when it doubles in place; None when it cannot."""
        parent = subnet.block.parent
        if parent is None or parent.prefix < LARGEST or not self.in_vpc(parent):
            return None
        return None if self.others(subnet, parent) else parent

    def wants_to_double(self, subnet: Subnet) -> bool:
        """Whether the plan asks that a subnet can double."""
        return self.plan.tier(subnet.tier).double is not False

    @cached_property
    def rooms(self) -> tuple[Block, ...]:
        """The free blocks that subnets would double into."""
        siblings = (
            each.block.sibling
            for each in self.subnets
            if self.wants_to_double(each) and self.doubled(each) is not None
        )
        return tuple(each for each in siblings if each is not None)
