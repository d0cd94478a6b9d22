"""Usage and bills as JSON: the forms that `skylab bill` reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final, Literal, TypeAlias, get_args

from labs.aws.billing.account import EXAMPLE_ID, Account, EarnedCredit, FreeTier, Plan
from labs.aws.billing.bills import Bill
from labs.aws.billing.fields import (
    Json,
    choice,
    entries,
    entry,
    mapping,
    moment,
    number,
    only,
    optional,
    text,
)
from labs.aws.billing.lines import Line
from labs.aws.billing.meters import read_item
from labs.aws.billing.money import plain
from labs.aws.billing.usage import Usage
from labs.aws.identifiers import account_fault
from labs.errors import UsageError

__all__ = ["bill_to_json", "usage_from_json"]

_MONTHS: TypeAlias = Literal["calendar", "730h"]
_KEYS: Final = ("id", "account", "from", "to", "month", "usage")
_ACCOUNT_KEYS: Final = ("id", "name", "created", "free_tier", "plan", "earned")


def usage_from_json(document: Mapping[str, Json]) -> Usage:
    """Read usage in the form that `skylab bill` takes.

    Some keys go beyond it: `month` is `"730h"` for an estimate; `account.id` and `account.name`;
    `account.plan` and `account.earned` (a list of `{"at", "usd"}`) say more of an account with credits. An
    item may have `resource`, `region`, `zone` and `tags`, and one without a period `at`. Where a period has
    no start or no end, the bill's counts.

    Raises:
        UsageError: something is missing, unknown or of the wrong kind; `path` says where.
    """
    only(mapping(document), _KEYS)
    month = entry(partial(choice, allowed=get_args(_MONTHS)), document, "month", "calendar")
    return Usage(
        items=entry(partial(entries, read_item), document, "usage", []),
        account=entry(_account, document, "account", {}),
        start=optional(moment, document, "from"),
        end=optional(moment, document, "to"),
        estimate=month == "730h",
    )


def _account(written: object) -> Account:
    account = mapping(written)
    only(account, _ACCOUNT_KEYS)
    return Account(
        free_tier=entry(partial(choice, allowed=get_args(FreeTier)), account, "free_tier", "none"),
        created=optional(moment, account, "created"),
        earned=entry(partial(entries, _earned), account, "earned", []),
        plan=entry(partial(choice, allowed=get_args(Plan)), account, "plan", "free"),
        id=entry(_account_id, account, "id", EXAMPLE_ID),
        name=optional(text, account, "name") or "",
    )


def _account_id(value: object) -> str:
    number_of = text(value)
    if fault := account_fault(number_of):
        raise UsageError("This is no account id", f"{fault}.", "It has twelve digits, in quotes.")
    return number_of


def _earned(value: object) -> EarnedCredit:
    credit = mapping(value)
    only(credit, ("at", "usd"))
    return EarnedCredit(entry(moment, credit, "at"), entry(number, credit, "usd", 20))


def bill_to_json(bill: Bill) -> dict[str, Json]:
    """The bill in the form that `skylab bill` writes: money and quantities are texts with every digit."""
    return {
        "total": plain(bill.total),
        "shown": str(bill.shown()),
        "from": f"{bill.start:%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{bill.end:%Y-%m-%dT%H:%M:%SZ}",
        "free_tier": bill.account.free_tier,
        "services": [{"service": label, "cost": plain(cost)} for label, cost in bill.subtotals],
        "lines": [_line(line) for line in bill.lines],
    }


def _line(line: Line) -> Json:
    return {
        "meter": line.meter,
        "usage_type": line.usage_type,
        "resource": line.resource or None,
        "operation": line.where.operation or None,
        "region": line.where.region,
        "service": line.label,
        "month": line.month.name,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "rate": plain(line.rate),
        "cost": plain(line.cost),
        "rule": line.rule,
        "sentence": line.sentence,
        "source": line.source,
        "verify": line.verify,
        "course": line.course or None,
    }
