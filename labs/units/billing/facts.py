"""What the lesson and the walkthrough take from the price book: prices, documents, and their bills."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any, Final

from labs.units.billing.bills import (
    Document,
    bill_of,
    cost,
    dollars,
    estimate_of,
    lines_of,
    month_of,
    price,
    rate,
)

__all__ = ["facts"]

JANUARY: Final = month_of(2026, 1)
WIDE: Final = 74
"""Columns of a document in the lesson."""


def facts() -> Mapping[str, Any]:
    """Every value that `lesson.md` and `walkthrough.md` name."""
    documents = _documents()
    return {
        **_prices(),
        **{f"{name}_json": _written(document) for name, document in documents.items()},
        **{f"{name}_lines": lines_of(document) for name, document in documents.items()},
        **{f"{name}_total": f"${dollars(cost(document))}" for name, document in documents.items()},
        **_free_tier(),
        "as_of": _as_of(),
        "handout_nat": _handout(10),
        "handout_weekend": _handout(6),
    }


def _documents() -> dict[str, Document]:
    computer = {"meter": "ec2.instance", "type": "t3.micro", "resource": "i-0a1"}
    volume = {"meter": "ebs.volume", "type": "gp3", "gib": 8}
    gateway = {"meter": "nat.gateway"}
    first = {"start": JANUARY.at(4, 9), "end": JANUARY.at(4, 14)}
    second = {"start": JANUARY.at(4, 16), "end": JANUARY.at(4, 16, 0, 20)}
    legacy = {"account": {"free_tier": "legacy", "created": "2025-06-01"}}
    micro = {"meter": "ec2.instance", "type": "t3.micro"}
    return {
        "month": bill_of(JANUARY, {**computer, **first}, {**computer, **second}, volume, {"meter": "ipv4"}),
        "free_micro": estimate_of(micro, {"meter": "ipv4"}, volume),
        "stopped": bill_of(JANUARY, volume, {"meter": "ipv4"}),
        "gateway": bill_of(JANUARY, {**gateway, "gb": 1024}),
        "idle_gateway": bill_of(JANUARY, gateway),
        "zones": bill_of(JANUARY, {"meter": "transfer", "path": "cross-az", "gb": 100}),
        "two_micros": {**legacy, **bill_of(JANUARY, micro, micro)},
        "weekend": bill_of(
            JANUARY,
            {
                "meter": "ec2.instance",
                "type": "p3.2xlarge",
                "start": JANUARY.at(8, 17),
                "end": JANUARY.at(11, 9),
            },
        ),
        "surplus": bill_of(JANUARY, {**micro, "cpu": 1, "start": JANUARY.at(4), "end": JANUARY.at(5)}),
    }


def _prices() -> dict[str, str]:
    return {
        "micro": price("ec2.instance:t3.micro"),
        "gpu": price("ec2.instance:p3.2xlarge"),
        "gp3": price("ebs.storage:gp3"),
        "snapshot": price("ebs.snapshot"),
        "s3": price("s3.storage"),
        "ipv4": price("ipv4"),
        "nat_hour": price("nat.hours"),
        "nat_gb": price("nat.bytes"),
        "out": price("transfer:internet-out"),
        "zone_gb": price("transfer:cross-az"),
        "region_gb": price("transfer:cross-region"),
        "credit_hour": price("ec2.cpu-credits:t3"),
        "ipv4_month": f"${dollars(cost(estimate_of({'meter': 'ipv4'})))}",
        "nat_30": f"${dollars(cost(bill_of(month_of(2026, 4), {'meter': 'nat.gateway'})))}",
        "nat_730": f"${dollars(cost(estimate_of({'meter': 'nat.gateway'})))}",
        "nat_31": f"${dollars(cost(bill_of(JANUARY, {'meter': 'nat.gateway'})))}",
    }


def _free_tier() -> dict[str, str]:
    from labs.aws.billing import price_book

    terms = price_book().free_tier
    return {
        "changed": f"{terms.changed.day} {terms.changed:%B %Y}",
        "sign_up_credit": f"${terms.sign_up_credit}",
        "gpu_hours": str(int(terms.sign_up_credit / rate("ec2.instance:p3.2xlarge"))),
        "most_credit": f"${terms.most_credit}",
        "hours": str(price_book().allowances["ec2.instance:t3.micro"].quantity),
    }


def _as_of() -> str:
    from labs.aws.billing import price_book

    year, month = price_book().free_tier.as_of.split("-")
    return f"{datetime(int(year), int(month), 1, tzinfo=UTC):%B %Y}"


def _handout(number: int) -> str:
    """What the handout of the course says in one of the audited rows."""
    from labs.aws.billing.audit import audit

    return next(finding.says for finding in audit() if finding.number == number)


def _written(document: Document) -> str:
    """The document as one would type it: an item a line, long ones broken between two keys."""
    head = {key: value for key, value in document.items() if key != "usage"}
    items = (_broken(json.dumps(item), "  ") for item in document["usage"])
    return _broken(json.dumps(head)[:-1] + ', "usage": [', "") + "\n" + ",\n".join(items) + "\n]}"


def _broken(text: str, indent: str) -> str:
    glued = text.replace(": ", ":\0")
    lines = wrap(glued, WIDE, initial_indent=indent, subsequent_indent=indent + " ")
    return "\n".join(lines).replace("\0", " ")
