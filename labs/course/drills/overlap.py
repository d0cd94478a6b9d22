"""Overlap: which addresses two blocks share, which route a packet takes, and whom a rule lets in."""

from __future__ import annotations

import random
from typing import Final

from labs.course.drills.hosts import some_block
from labs.course.drills.question import Asked, Drill, Form, asked

__all__ = ["DRILL"]

_YES_NO: Final = ("yes", "no")


def _two(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import Block, overlap

    outer = some_block(rng, rng.randrange(16, 25))
    longer = outer.prefix + rng.randrange(1, 5)
    if rng.random() < 0.5:
        inner = Block.around(outer.start + rng.randrange(outer.size), longer)
    else:  # its neighbour, on either side
        start = outer.stop if rng.random() < 0.5 else outer.start - 1
        inner = Block.around(start, longer)
    first, second = rng.sample((outer, inner), 2)
    found = overlap(first, second)
    wrong = [
        ("no", "C6", "Blocks are nested or apart; a larger one may well hold one that begins elsewhere.")
    ]
    return asked(
        f"{first}\n{second}",
        "Do these two overlap?",
        "yes" if found.overlap else "no",
        *(wrong if found.overlap else []),
        why=found.sentence,
        choices=_YES_NO,
        command=("cidr", "overlap", str(first), str(second)),
    )


def _written(rng: random.Random) -> Asked:
    """A block that is written as if it began at an odd place, beside what it would then hold."""
    from labs.aws.network.addresses import Block, overlap

    prefix = rng.choice((19, 20, 21, 22, 23))
    whole = some_block(rng, prefix)
    step = rng.randrange(1, whole.size >> 8)
    written = f"{Block.around(whole.start + (step << 8), 32)[0]}/{prefix}"
    if rng.random() < 0.5:  # behind the block, where it would reach if it began as written
        other = Block.around(whole.stop + (rng.randrange(step) << 8), 24)
    else:
        other = Block.around(whole.start + (rng.randrange(step) << 8), 24)
    found = overlap(Block.parse(written), other)
    answer, opposite = _YES_NO if found.overlap else _YES_NO[::-1]
    said = f"It does not begin at {written.partition('/')[0]}: AWS makes it {whole}."
    return asked(
        f"{written}\n{other}",
        "Do these two overlap, once AWS has read them?",
        answer,
        (opposite, "C4", said),
        why=f"{said} {found.sentence}",
        choices=_YES_NO,
        command=("cidr", "overlap", written, str(other)),
    )


def _inside(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import Block

    prefix = rng.choice((16, 17, 18, 19, 20))
    whole = some_block(rng, prefix)
    step = rng.randrange(2, whole.size >> 8)
    written = f"{Block.around(whole.start + (step << 8), 32)[0]}/{prefix}"
    below = Block.around(whole.start + (rng.randrange(step - 1) << 8) + rng.randrange(1, 255), 32)
    beyond = Block.around(whole.stop + rng.randrange(1, 255), 32)
    address = rng.choice((below, beyond))
    inside = whole.covers(address)
    return asked(
        f"A rule's source is {written}. A packet comes from {address[0]}.",
        "Is the packet from there?",
        "yes" if inside else "no",
        *(
            [("no", "C3", f"Host bits do not count: the block is {whole}, and begins before.")]
            if inside
            else []
        ),
        why=f"The block is {whole}: {whole[0]} to {whole[-1]}.",
        choices=_YES_NO,
        command=("cidr", "overlap", written, str(address)),
    )


def _route(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import Block

    office = some_block(rng, rng.randrange(10, 15))
    part = Block.around(office.start + rng.randrange(office.size), rng.randrange(18, 25))
    targets = rng.sample(("igw", "nat", "vgw", "tgw", "pcx"), 3)
    table = {"0.0.0.0/0": targets[0], str(office): targets[1], str(part): targets[2]}
    inside = rng.choice((part, part, office))
    to = Block.around(inside.start + rng.randrange(1, inside.size - 1), 32)
    routes = {Block.parse(text): f"{target}-1" for text, target in table.items()}
    matching = [block for block in routes if block.covers(to)]
    best = max(matching, key=lambda block: block.prefix)
    rows = rng.sample(sorted(routes), len(routes))
    lines = "\n".join(f"  {block!s:<20} {routes[block]}" for block in rows)
    said = f"The longest prefix wins: {best} is the narrowest route that holds {to[0]}."
    wrong = [
        (target, "C14", said if block.prefix == 0 else f"{block} matches as well, and is wider. {said}")
        for block, target in routes.items()
        if block != best and block.covers(to)
    ]
    return asked(
        f"A route table has these routes:\n{lines}\nA packet goes to {to[0]}.",
        "Which target does it take?",
        routes[best],
        *wrong,
        why=said,
        choices=tuple(routes[block] for block in rows),
        command=("cidr", "overlap", str(to), str(best)),
    )


def _peering(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import Block, overlap

    first = some_block(rng, rng.randrange(16, 21))
    if rng.random() < 0.6:
        second = Block.around(first.start + rng.randrange(first.size), rng.randrange(16, 25))
    else:
        second = some_block(rng, rng.randrange(16, 21))
    found = overlap(first, second)
    wrong = [("yes", "C13", f"VPCs whose blocks overlap cannot be peered. {found.sentence}")]
    return asked(
        f"One VPC has the block {first}, another {second}.",
        "Can they be peered?",
        "no" if found.overlap else "yes",
        *(wrong if found.overlap else []),
        why=found.sentence,
        choices=_YES_NO,
        command=("cidr", "overlap", str(first), str(second)),
    )


def _everyone(rng: random.Random) -> Asked:
    from labs.aws.network.addresses import Block, overlap

    source = rng.choice(("0.0.0.0/0", "::/0", "10.0.0.0/8"))
    first, second, third = rng.choice((45, 91, 198)), rng.randrange(256), rng.randrange(256)
    four = f"{first}.{second}.{third}.{rng.randrange(1, 255)}/32"
    six = f"2001:db8:{rng.randrange(16**4):x}::{rng.randrange(1, 16**4):x}/128"
    caller = rng.choice((four, four, six))
    found = overlap(Block.parse(source), Block.parse(caller))
    answer, opposite = _YES_NO if found.overlap else _YES_NO[::-1]
    said = "0.0.0.0/0 is everyone on IPv4, and ::/0 everyone on IPv6; neither is your own network."
    return asked(
        f"The one inbound rule of a security group allows tcp 22 from {source}.\n"
        f"Somebody on the internet calls from {caller.partition('/')[0]}, and there is a route.",
        "Does the rule let them in?",
        answer,
        *([(opposite, "C15", said)] if source.endswith("/0") else []),
        why=f"{said} {found.sentence}" if source.endswith("/0") else found.sentence,
        choices=_YES_NO,
        command=("cidr", "overlap", source, caller),
    )


DRILL: Final = Drill(
    "overlap",
    "Overlap",
    "say whether blocks share addresses, and which route or rule a packet meets",
    (
        Form(_two, ("C6",)),
        Form(_written, ("C4",)),
        Form(_inside, ("C3",)),
        Form(_route, ("C14",)),
        Form(_peering, ("C13",)),
        Form(_everyone, ("C15",)),
    ),
)
