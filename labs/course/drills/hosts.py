"""Hosts and prefixes: how large a block is, where it begins, and what of it AWS leaves."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from labs.course.drills.question import Asked, Drill, Form, Wrong, asked

if TYPE_CHECKING:
    from labs.aws.network.addresses import Block

__all__ = ["DRILL", "some_block"]


def some_block(rng: random.Random, prefix: int) -> Block:
    """A block of a size somewhere in 10.0.0.0/8."""
    from labs.aws.network.addresses import Block

    return Block.around((10 << 24) + rng.randrange(1 << 24), prefix)


def _size(rng: random.Random) -> Asked:
    block = some_block(rng, rng.randrange(16, 31))
    return asked(
        str(block),
        "How many addresses does this block have, those that AWS keeps included?",
        block.size,
        (
            str(1 << block.prefix),
            "C2",
            f"{block.prefix} bits are fixed; it is the free ones that are counted.",
        ),
        why=f"32 - {block.prefix} = {32 - block.prefix} bits are free, and each doubles the number.",
        type="number",
        command=("cidr", str(block)),
    )


def _one(rng: random.Random) -> Asked:
    block = some_block(rng, 32)
    return asked(
        f"A security group has a rule whose source is {block}.",
        "How many addresses does it name?",
        block.size,
        ("0", "C8", "No bit is free: there is one way to write the address, and 2 to the power of 0 is 1."),
        why="All 32 bits are fixed, so it is one address.",
        type="number",
        command=("cidr", str(block)),
    )


def _usable(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import usable

    block = some_block(rng, rng.randrange(18, 29))
    kept = "AWS keeps five: the first four addresses and the last."
    return asked(
        f"A subnet has the block {block}.",
        "How many addresses does AWS leave for your instances?",
        usable(block),
        (str(block.size - 2), "C1", kept),
        (str(block.size - 1), "C1", kept),
        (str(block.size), "C1", kept),
        why=f"{kept} Of {block.size:,}, {usable(block):,} are left.",
        type="number",
        command=("cidr", str(block)),
    )


def _for_hosts(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import prefix_for

    power = rng.randrange(5, 13)
    whole = 1 << power
    hosts = rng.choice((whole - rng.randrange(1, 5), rng.randrange(whole // 2 + 1, whole - 4)))
    prefix = prefix_for(hosts)
    textbook = 32 - (hosts + 1).bit_length()
    wrong: list[Wrong] = [(str(prefix + 1), "C2", f"A /{prefix + 1} is half a /{prefix}, and too small.")]
    if textbook > prefix:
        wrong.insert(0, (str(textbook), "C1", "It has the addresses, but AWS keeps five of them, not two."))
    return asked(
        f"A subnet is to hold {hosts:,} instances.",
        "Which is the smallest that will do? (the number after the slash)",
        prefix,
        *wrong,
        why=f"AWS keeps five, so it needs {hosts + 5:,} addresses; a /{prefix} has {1 << 32 - prefix:,}.",
        type="number",
        command=("cidr", "hosts", str(hosts)),
    )


def _larger(rng: random.Random) -> Asked:
    first, second = (some_block(rng, prefix) for prefix in rng.sample(range(16, 29), 2))
    large, small = (first, second) if first.size > second.size else (second, first)
    return asked(
        f"{first}\n{second}",
        "Which has more addresses?",
        str(large),
        (
            str(small),
            "C2",
            "The number counts fixed bits: the more are fixed, the fewer addresses there are.",
        ),
        why=f"A /{large.prefix} has {large.size:,} addresses, a /{small.prefix} {small.size:,}.",
        choices=(str(first), str(second)),
        command=("cidr", str(large)),
    )


def _taken(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import vpc_remarks

    prefix = rng.choice((12, 13, 14, 15, 17, 20, 22, 24, 26, 27, 28, 29, 30, 31, 32))
    block = some_block(rng, prefix)
    refused = any(remark.refused for remark in vpc_remarks(block))
    too = "large" if prefix < 16 else "small"
    return asked(
        f"aws ec2 create-vpc --cidr-block {block}",
        "Does AWS take a block of this size?",
        "no" if refused else "yes",
        *([("yes", "C5", f"It is too {too}: /16 is the largest and /28 the smallest.")] if refused else []),
        why="A VPC's IPv4 block, and a subnet's, is a /16 to a /28.",
        choices=("yes", "no"),
        command=("cidr", str(block)),
    )


def _begins(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import Block

    prefix = rng.choice((16, 17, 18, 19, 20, 21, 22, 23))
    whole = some_block(rng, prefix)
    inside = 8 if prefix <= 16 or rng.random() < 0.5 else 0
    start = whole.start + (rng.randrange(1, whole.size >> 8) << 8) + (rng.randrange(1, 250) if inside else 0)
    written = f"{Block.around(start, 32)[0]}/{prefix}"
    return asked(
        f"You give AWS the block {written} for a VPC.",
        "Which block does the VPC get?",
        str(whole),
        (written, "C3", "The host bits that you wrote are set to zero."),
        why=f"The first {prefix} bits stay and the others become zero.",
        type="cidr",
        command=("cidr", written),
    )


def _home(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import Block, beginning

    prefix = rng.choice((17, 18, 19, 20, 21, 22, 23))
    whole = some_block(rng, prefix)
    third = whole.start + (rng.randrange(1, whole.size >> 8) << 8)
    address = Block.around(third + rng.randrange(1, 255), 32)[0]
    rounded = f"{Block.around(third, 32)[0]}/{prefix}"
    rule = beginning(prefix)
    return asked(
        f"An instance has the address {address}.",
        f"In which /{prefix} does it lie?",
        str(whole),
        (rounded, "C4", f"That is where no /{prefix} begins: {rule}"),
        (f"{address}/{prefix}", "C3", "A block begins where its host bits are zero."),
        why=rule[0].upper() + rule[1:],
        type="cidr",
        command=("cidr", f"{address}/{prefix}"),
    )


def _private(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import Block, range_of

    second = rng.choice((*range(14, 20), *range(29, 40)))
    block = Block.parse(f"172.{second}.{rng.randrange(256)}.0/24")
    found = range_of(block)
    private = found is not None and found.kind == "private"
    return asked(
        f"A colleague wants to use {block} inside.",
        "Is it a private range of RFC 1918?",
        "yes" if private else "no",
        *([] if private else [("yes", "C7", "172.16.0.0/12 is 172.16.0.0 to 172.31.255.255.")]),
        why="Of the 172s, 172.16.0.0/12 is private: second numbers 16 to 31.",
        choices=("yes", "no"),
        command=("cidr", str(block)),
    )


DRILL: Final = Drill(
    "hosts",
    "Hosts and prefixes",
    "say how large a block is, where it begins, and what AWS leaves of it",
    (
        Form(_size, ("C2",)),
        Form(_one, ("C8",)),
        Form(_usable, ("C1",)),
        Form(_for_hosts, ("C1", "C2")),
        Form(_larger, ("C2",)),
        Form(_taken, ("C5",)),
        Form(_begins, ("C3",)),
        Form(_home, ("C3", "C4")),
        Form(_private, ("C7",)),
    ),
)
