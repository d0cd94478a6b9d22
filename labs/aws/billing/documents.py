"""Usage and bills as JSON: the forms that `skylab bill` reads and writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from labs.aws.billing.account import EXAMPLE_ID, Account, EarnedCredit, FreeTier, Plan
from labs.aws.billing.bills import Bill
from labs.aws.billing.charges import Item
from labs.aws.billing.fields import Json, choice, mapping, moment, number, only, optional, refuse, text
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
    mapping(document, "the document")
    only(document, _KEYS, "")
    items = document.get("usage", [])
    if not isinstance(items, list):
        raise refuse("usage", items, "usage is not a list", "It holds one object for each item: [{…}, …].")
    return Usage(
        items=tuple(_items(items)),
        account=_account(document.get("account", {})),
        start=optional(moment, document, "from"),
        end=optional(moment, document, "to"),
        estimate=choice(document.get("month", "calendar"), "month", get_args(_MONTHS)) == "730h",
    )


def _items(items: list[Json]) -> list[Item]:
    return [read_item(each, f"usage[{place}]") for place, each in enumerate(items)]


def _account(written: Json) -> Account:
    account = mapping(written, "account")
    only(account, _ACCOUNT_KEYS, "account")
    plan: Plan = choice(account.get("plan", "free"), "account.plan", get_args(Plan))
    free_tier: FreeTier = choice(account.get("free_tier", "none"), "account.free_tier", get_args(FreeTier))
    number_of = text(account.get("id", EXAMPLE_ID), "account.id")
    if fault := account_fault(number_of):
        raise UsageError(
            "This is no account id", f"At account.id: {fault}", "It has twelve digits.", path="account.id"
        )
    return Account(
        free_tier=free_tier,
        created=optional(moment, account, "created", "account"),
        earned=tuple(_earned(account.get("earned", []))),
        plan=plan,
        id=number_of,
        name=optional(text, account, "name", "account") or "",
    )


def _earned(written: Json) -> list[EarnedCredit]:
    if not isinstance(written, list):
        raise refuse(
            "account.earned", written, "earned is not a list", 'Each entry is {"at": "…", "usd": "20"}.'
        )
    credits = []
    for place, each in enumerate(written):
        path = f"account.earned[{place}]"
        entry = mapping(each, path)
        only(entry, ("at", "usd"), path)
        usd = number(entry.get("usd", 20), f"{path}.usd")
        credits.append(EarnedCredit(moment(entry.get("at"), f"{path}.at"), usd))
    return credits


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
