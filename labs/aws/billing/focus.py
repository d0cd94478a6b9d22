"""A bill in the form that the FinOps Foundation defines for all clouds, FOCUS 1.2, as CSV.

Source: FOCUS Specification 1.2, "Columns" and "Attributes"; AWS Data Exports User Guide, "FOCUS 1.2 with AWS
columns".
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from labs.aws.billing.account import Account
from labs.aws.billing.bills import Bill
from labs.aws.billing.lines import Line
from labs.aws.billing.money import plain

__all__ = ["FOCUS_COLUMNS", "UNCONDITIONAL_COLUMNS", "focus_csv", "focus_rows"]

UNCONDITIONAL_COLUMNS: Final = (
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
)
FOCUS_COLUMNS: Final = (
    *UNCONDITIONAL_COLUMNS,
    "ConsumedQuantity",
    "ConsumedUnit",
    "ListUnitPrice",
    "ResourceId",
    "RegionId",
    "AvailabilityZone",
    "SubAccountId",
    "SkuMeter",
    "Tags",
)
_UNITS: Final = {
    "Hrs": "Hours",
    "GB-Mo": "GB-Months",
    "IOPS-Mo": "IOPS-Months",
    "MiBps-Mo": "MiBps-Months",
    "LCU-Hrs": "LCU-Hours",
}
_AWS: Final = "AWS"
_SECOND: Final = timedelta(seconds=1)


def focus_rows(bill: Bill) -> Iterator[dict[str, str | None]]:
    """A row for each line; None is null."""
    for line in bill.lines:
        yield _row(line, bill.account)


def focus_csv(*bills: Bill) -> str:
    """The rows of all bills under one header; null is an empty field without quotes."""
    return csv_of(FOCUS_COLUMNS, (row for bill in bills for row in focus_rows(bill)))


def csv_of(columns: Iterable[str], rows: Iterable[Mapping[str, str | None]]) -> str:
    """Rows as CSV under a header."""
    names, page = tuple(columns), io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    return page.getvalue()


def _row(line: Line, account: Account) -> dict[str, str | None]:
    cost, usage = plain(line.cost), line.kind == "usage"
    start, end = _period(line.start, line.end)
    unit = _UNITS.get(line.unit, line.unit) if usage else None
    quantity = plain(line.quantity) if usage else None
    return {
        "BilledCost": cost,
        "BillingAccountId": account.id,
        "BillingAccountName": account.name or None,
        "BillingCurrency": "USD",
        "BillingPeriodEnd": _moment(line.month.end),
        "BillingPeriodStart": _moment(line.month.start),
        "ChargeCategory": "Usage" if usage else "Credit",
        "ChargeClass": None,
        "ChargeDescription": line.sentence,
        "ChargePeriodEnd": _moment(end),
        "ChargePeriodStart": _moment(start),
        "ContractedCost": cost,
        "EffectiveCost": cost,
        "InvoiceIssuerName": _AWS,
        "ListCost": cost,
        "PricingQuantity": quantity,
        "PricingUnit": unit,
        "ProviderName": _AWS,
        "PublisherName": _AWS,
        "ServiceCategory": line.service.category,
        "ServiceName": line.service.name,
        "ConsumedQuantity": quantity,
        "ConsumedUnit": unit,
        "ListUnitPrice": plain(line.rate) if usage else None,
        "ResourceId": line.resource or None,
        "RegionId": line.where.region if usage else None,
        "AvailabilityZone": line.where.zone or None,
        "SubAccountId": account.id,
        "SkuMeter": line.usage_type,
        "Tags": json.dumps(dict(line.where.tags), ensure_ascii=False) if line.where.tags else None,
    }


def _period(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The whole seconds that a charge touches; FOCUS has none shorter, and its end is exclusive."""
    low = start.replace(microsecond=0)
    high = end if end.microsecond == 0 else end.replace(microsecond=0) + _SECOND
    return low, max(high, low + _SECOND)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
