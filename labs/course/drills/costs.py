"""Cost estimates: what some usage comes to, by the metering rules and the price book."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeAlias

from labs.course.drills.question import Asked, Drill, Form, Wrong, asked

__all__ = ["DRILL"]

Item: TypeAlias = Mapping[str, Any]
Document: TypeAlias = dict[str, Any]

_TYPES: Final = ("t3.micro", "t3.small", "t3.medium", "m5.large", "m5.xlarge")
_ESTIMATE: Final = "730h"


def _estimate(*items: Item, **more: Any) -> Document:
    """Usage all through a month of 730 hours."""
    return {"month": _ESTIMATE, **more, "usage": [dict(each) for each in items]}


def _total(document: Document) -> Decimal:
    from labs.aws.billing import bill, usage_from_json

    return bill(usage_from_json(document)).total


def _dollars(amount: Decimal) -> str:
    from labs.aws.billing.money import shown

    return str(shown(amount, 2))


def _rate(key: str) -> str:
    from labs.aws.billing import price_book

    return f"${price_book().price(key, 'us-east-1').listed:f}"


def _allowance(key: str) -> str:
    """What an account of before the change has free in a month, as the price book says."""
    from labs.aws.billing import price_book

    return f"{price_book().allowances[key].quantity:f}"


def _question(situation: str, document: Document, why: str, *wrong: tuple[Decimal | int, str, str]) -> Asked:
    slips: list[Wrong] = [(_dollars(Decimal(amount)), belief, said) for amount, belief, said in wrong]
    return asked(
        situation,
        "What does it come to, in US dollars?",
        _dollars(_total(document)),
        *slips,
        why=why,
        type="money",
        command=("bill", "-"),
        stdin=json.dumps(document),
    )


def _moment(rng: random.Random) -> datetime:
    return datetime(2026, rng.randrange(1, 11), rng.randrange(2, 27), rng.randrange(24), tzinfo=UTC)


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _month(moment: datetime) -> dict[str, str]:
    start = moment.replace(day=1, hour=0)
    return {"from": _clock(start), "to": _clock((start + timedelta(days=31)).replace(day=1))}


def _run(rng: random.Random) -> Asked:
    machine, start = rng.choice(_TYPES[2:]), _moment(rng)
    hours, minutes = rng.randrange(1, 30), rng.randrange(1, 50)
    end = start + timedelta(hours=hours, minutes=minutes)
    item = {"meter": "ec2.instance", "type": machine, "start": _clock(start)}
    document = {**_month(start), "usage": [{**item, "end": _clock(end)}]}
    whole = {**document, "usage": [{**item, "end": _clock(end + timedelta(minutes=60 - minutes))}]}
    rate = _rate(f"ec2.instance:{machine}")
    return _question(
        f"One {machine} (Linux, On-Demand, {rate} an hour) runs for {hours} h {minutes} min.",
        document,
        f"It is billed by the second: ({hours} + {minutes}/60) h × {rate}.",
        (_total(whole), "B7", "Linux On-Demand is billed by the second; a begun hour is not billed whole."),
    )


def _stopped(rng: random.Random) -> Asked:
    gib = rng.randrange(8, 500)
    volume, address = {"meter": "ebs.volume", "type": "gp3", "gib": gib}, {"meter": "ipv4"}
    elastic = rng.random() < 0.5
    items = (volume, address) if elastic else (volume,)
    kept = " and keeps its Elastic IP address" if elastic else ""
    prices = f"gp3: {_rate('ebs.storage:gp3')} a GB-month"
    prices += f"; a public IPv4 address: {_rate('ipv4')} an hour" if elastic else ""
    said = "A stop ends the instance's hours only; the volume goes on, and so does an address."
    wrong: list[tuple[Decimal | int, str, str]] = [(0, "B1", said)]
    if elastic:
        wrong.append((_total(_estimate(volume)), "B4", "A public IPv4 address is billed, in use or idle."))
        wrong.append((_total(_estimate(address)), "B1", said))
    return _question(
        f"An instance stays stopped for a whole month of 730 h{kept}.\nIt has a gp3 volume of {gib} GB.\n"
        f"({prices})",
        _estimate(*items),
        said,
        *wrong,
    )


def _address(rng: random.Random) -> Asked:
    count, machine = rng.randrange(1, 60), rng.choice(_TYPES)
    instance = {"meter": "ec2.instance", "type": machine}
    addresses = [{"meter": "ipv4"}] * count
    return _question(
        f"There run {count} {machine} for a month of 730 h, each with a public IPv4 address that is in use.\n"
        f"({_rate('ipv4')} an hour for an address)\nWhat is asked is the addresses alone.",
        _estimate(*addresses),
        f"Every public IPv4 address is billed, attached or idle: {count} × 730 h × {_rate('ipv4')}.",
        (0, "B4", "An attached address has not been free since February 2024."),
        (
            _total(_estimate(instance)) * count,
            "B4",
            "That is what the instances cost, without the addresses.",
        ),
    )


def _gateway(rng: random.Random) -> Asked:
    days, gigabytes = rng.randrange(2, 28), rng.choice((0, 0, rng.randrange(1, 400)))
    start = datetime(2026, rng.randrange(1, 11), 1, tzinfo=UTC)
    item: dict[str, Any] = {"meter": "nat.gateway", "start": _clock(start)}
    item["end"] = _clock(start + timedelta(days=days))
    document = {**_month(start), "usage": [{**item, "gb": gigabytes} if gigabytes else item]}
    hours = _total({**_month(start), "usage": [item]})
    traffic = f"{gigabytes} GB went through it" if gigabytes else "Nothing went through it"
    said = "A NAT gateway bills each hour that it exists, whether anything goes through it or not."
    return _question(
        f"A NAT gateway existed for {days} days of {start:%B %Y}. {traffic}.\n"
        f"({_rate('nat.hours')} an hour, {_rate('nat.bytes')} a GB; leave its address out)",
        document,
        f"{said} {days} × 24 h × {_rate('nat.hours')}" + (f", and {gigabytes} GB." if gigabytes else "."),
        (_total(document) - hours, "B5", said),
        *([(hours, "B5", "Each GB through it is billed besides.")] if gigabytes else []),
    )


def _traffic(rng: random.Random) -> Asked:
    gigabytes = rng.randrange(20, 3000)
    path, what, why = rng.choice(
        (
            ("cross-az", "from one Availability Zone to another", "it is billed at each end"),
            ("cross-region", "from us-east-1 to another Region", "it is billed where it leaves"),
            ("internet-in", "from the internet into AWS", "what comes in from the internet is free"),
            ("same-az", "between private addresses of one Availability Zone", "that is free"),
        )
    )
    item = {"meter": "transfer", "path": path, "gb": gigabytes}
    if path == "cross-region":
        item["region_to"] = "eu-west-1"
    document = _estimate(item)
    total = _total(document)
    wrong: list[tuple[Decimal | int, str, str]] = [(0, "B6", f"Traffic {what} has its price: {why}.")]
    prices = _rate(f"transfer:{'cross-az' if path in ('same-az', 'internet-in') else path}")
    if path == "cross-az":
        wrong.append((total / 2, "B6", "That is one end; the other is billed as well."))
        prices += " a GB at each end"
    elif path in ("same-az", "internet-in"):
        out = _total(_estimate({"meter": "transfer", "path": "cross-az", "gb": gigabytes}))
        wrong = [(out, "B6", f"Here {why}."), (out / 2, "B6", f"Here {why}.")]
        prices += " a GB at each end is what traffic between zones costs"
    else:
        prices += " a GB"
    return _question(f"{gigabytes:,} GB go {what}.\n({prices})", document, f"Here {why}.", *wrong)


def _free_hours(rng: random.Random) -> Asked:
    count, gib = rng.randrange(2, 5), rng.randrange(31, 200)
    machine = {"meter": "ec2.instance", "type": "t3.micro"}
    volume = {"meter": "ebs.volume", "type": "gp3", "gib": gib}
    account = {"free_tier": "legacy", "created": "2025-06-01"}
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    document: Document = {**period, "account": account, "usage": [machine] * count + [volume]}
    hours, free = _allowance("ec2.instance:t3.micro"), _allowance("ebs.storage:gp3")
    said = f"The {hours} free hours of a month are shared by all instances of the account."
    disks = _total({**period, "account": account, "usage": [volume]})
    return _question(
        f"An account opened on 1 June 2025 runs {count} t3.micro through January 2026, with one gp3 volume "
        f"of {gib} GB.\n({hours} free hours a month and {free} free GB; then "
        f"{_rate('ec2.instance:t3.micro')} an hour and {_rate('ebs.storage:gp3')} a GB-month; "
        "January has 744 h)",
        document,
        f"{said} {count} × 744 h - {hours} h are paid for, and {gib} - {free} GB.",
        (disks, "B2", said),
    )


def _regions(rng: random.Random) -> Asked:
    here, there = rng.sample(_TYPES, 2)
    count, gib = rng.randrange(1, 6), rng.randrange(8, 300)
    local: list[Item] = [
        {"meter": "ebs.volume", "type": "gp3", "gib": gib},
        {"meter": "ec2.instance", "type": here},
    ]
    far: list[Item] = [
        {"meter": "ec2.instance", "type": there, "region": "us-west-2", "rate": _rate_of(there)}
    ] * count
    return _question(
        f"The console, set to us-east-1, shows one {here} with a gp3 volume of {gib} GB, all month (730 h).\n"
        f"In us-west-2 {count} {there} run as well, at the same hourly price as in us-east-1.\n"
        f"({here} {_rate(f'ec2.instance:{here}')} an hour, {there} {_rate(f'ec2.instance:{there}')}, "
        f"gp3 {_rate('ebs.storage:gp3')} a GB-month)\nWhat is asked is the account's bill.",
        _estimate(*local, *far),
        "The console shows one Region at a time; the bill has them all.",
        (
            _total(_estimate(*local)),
            "B9",
            "That is what one Region's console shows. The account pays for all.",
        ),
    )


def _rate_of(machine: str) -> str:
    return _rate(f"ec2.instance:{machine}").removeprefix("$")


def _budget(rng: random.Random) -> Asked:
    machine, count = rng.choice(_TYPES[2:]), rng.randrange(2, 12)
    instance = {"meter": "ec2.instance", "type": machine}
    document = _estimate(*[instance] * count)
    limit = int(_total(document) * rng.randrange(20, 90) / 100) or 1
    rate = _rate(f"ec2.instance:{machine}")
    return _question(
        f"There run {count} {machine} ({rate} an hour each) for 730 h.\nThe account has a budget of {limit} "
        "US dollars a month, with an alert at 100 %, no action, and nobody\nreads the mail. What is asked is "
        "the bill.",
        document,
        f"A budget tells you, and stops nothing: {count} × 730 h × {rate}.",
        (limit, "B3", "The alert was sent at the limit, and everything went on."),
    )


DRILL: Final = Drill(
    "costs",
    "Costs",
    "estimate what some usage comes to",
    (
        Form(_run, ("B7",)),
        Form(_stopped, ("B1", "B4")),
        Form(_address, ("B4",)),
        Form(_gateway, ("B5",)),
        Form(_traffic, ("B6",)),
        Form(_free_hours, ("B2",)),
        Form(_regions, ("B9",)),
        Form(_budget, ("B3",)),
    ),
)
