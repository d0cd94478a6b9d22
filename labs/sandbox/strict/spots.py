"""Spot Instances: what one costs, and when it was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from labs.aws.billing import price_book
from labs.sandbox.answers import render
from labs.sandbox.carrier import Answer
from labs.sandbox.strict.pages import ec2_api
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Rule

__all__ = ["RULES", "patch"]

_PRODUCT = "Linux/UNIX"
_PAGE = 1_000  # rows of an answer at most


def _history(ask: Asked, _: Callable[[], Answer]) -> Answer:
    """DescribeSpotPriceHistory. This world has no market, so the price is the one that the bill goes by."""
    rows = [row for row in _rows(ask) if _wanted(ask, row)]
    token, most = ask.text("NextToken"), max(1, int(ask.params.get("MaxResults") or _PAGE))
    first = int(token) if token.isdecimal() else 0
    more = str(first + most) if first + most < len(rows) else ""
    return render(ask.call, {"SpotPriceHistory": rows[first : first + most], "NextToken": more}, "")


def _rows(ask: Asked) -> Iterator[dict[str, Any]]:
    from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

    region, book = ask.call.region, price_book()
    changed = datetime.combine(ask.now.date(), datetime.min.time(), ask.now.tzinfo)
    for offering in INSTANCE_TYPE_OFFERINGS["availability-zone"].get(region, ()):
        prices = book.find(f"ec2.instance:{offering['InstanceType']}", region)
        if prices:
            yield {
                "AvailabilityZone": offering["Location"],
                "InstanceType": offering["InstanceType"],
                "ProductDescription": _PRODUCT,
                "SpotPrice": f"{prices[0].rate:.6f}",
                "Timestamp": changed,
            }


_FILTERS = {
    "availability-zone": "AvailabilityZone",
    "instance-type": "InstanceType",
    "product-description": "ProductDescription",
    "spot-price": "SpotPrice",
}


def _wanted(ask: Asked, row: Mapping[str, Any]) -> bool:
    products = [text.removesuffix(" (Amazon VPC)") for text in ask.texts("ProductDescriptions")]
    asked: list[tuple[str, Any]] = [
        ("InstanceType", ask.texts("InstanceTypes")),
        ("ProductDescription", products),
        ("AvailabilityZone", [zone] if (zone := ask.text("AvailabilityZone")) else []),
    ]
    if any(values and row[name] not in values for name, values in asked):
        return False
    filters = ask.params.get("Filters") or ()
    return all(row.get(_FILTERS.get(each["Name"], "")) in each.get("Values", ()) for each in filters)


def patch() -> None:
    """Have moto's Spot requests know when they were made."""
    from moto.ec2.models.spot_requests import SpotInstanceRequest

    from labs.sandbox.moto_time import world_now

    @instead(SpotInstanceRequest, "__init__")
    def asked_for(begin: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        self.made = world_now()
        begin(self, *args, **kwargs)

    for name, change in (
        ("create_time", lambda self, told: self.made),
        ("status", lambda self, told: {**told, "UpdateTime": self.made}),
    ):
        setattr(SpotInstanceRequest, name, _instead_of(vars(SpotInstanceRequest)[name], change))


def _instead_of(held: property, change: Callable[[Any, Any], Any]) -> property:
    """A property that changes what another one tells, while the rule holds."""

    def told(self: Any) -> Any:
        value = held.__get__(self)
        return change(self, value) if REQUEST_TIME.on else value

    return property(told)


REQUEST_TIME = Rule(
    "ec2.spot-request-time",
    "repairs",
    "A request for Spot Instances tells when it was made.",
    "Each was made in 2015.",
    ec2_api("SpotInstanceRequest"),
    operations=("ec2:RequestSpotInstances", "ec2:DescribeSpotInstanceRequests"),
)

RULES = (
    Rule(
        "ec2.spot-price",
        "repairs",
        "A Spot price is for an hour, and at most the On-Demand price; here, without a market, it is that.",
        "It tells 0.00001 for each instance type, as of 2006.",
        ec2_api("DescribeSpotPriceHistory"),
        operations=("ec2:DescribeSpotPriceHistory",),
        around=_history,
    ),
    REQUEST_TIME,
)
