"""Spot Instances: their price and their requests."""

from __future__ import annotations

from typing import Any

import pytest

from labs.aws.billing import price_book
from tests.labs.sandbox.houses import House
from tests.labs.sandbox.strict.cases import Repair, Table, client, try_repair
from tests.labs.sandbox.strict.networks import image

TABLE = Table()
repaired = TABLE.repaired


def _history(house: House, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client(house, "ec2").describe_spot_price_history(**asked)[
        "SpotPriceHistory"
    ]
    return found


@repaired("ec2.spot-price", aws=f"{price_book().price('ec2.instance:t3.micro').rate:.6f}", moto="0.00001")
def price_of_an_hour(house: House) -> Any:
    (price,) = {each["SpotPrice"] for each in _history(house, InstanceTypes=["t3.micro"])}
    return price


@repaired("ec2.spot-request-time", aws=True, moto=False)
def time_of_a_request(house: House) -> Any:
    launch = {"ImageId": image(house), "InstanceType": "t3.micro"}
    made = client(house, "ec2").request_spot_instances(InstanceCount=1, LaunchSpecification=launch)
    request = made["SpotInstanceRequests"][0]
    age = house.state.clock.now() - request["CreateTime"]
    return 0 <= age.total_seconds() < 600 and request["Status"]["UpdateTime"] == request["CreateTime"]


@pytest.mark.parametrize(
    "asked",
    [
        {"AvailabilityZone": "us-east-1b"},
        {"Filters": [{"Name": "availability-zone", "Values": ["us-east-1b"]}]},
        {
            "AvailabilityZone": "us-east-1b",
            "ProductDescriptions": ["Linux/UNIX (Amazon VPC)"],
            "Filters": [{"Name": "instance-type", "Values": ["t3.micro", "t3.small"]}],
        },
    ],
)
def test_prices_are_those_that_were_asked_for(house: House, asked: dict[str, Any]) -> None:
    (found,) = _history(house, InstanceTypes=["t3.micro"], **asked)
    assert (found["AvailabilityZone"], found["InstanceType"]) == ("us-east-1b", "t3.micro")
    assert found["ProductDescription"] == "Linux/UNIX"
    assert _history(house, ProductDescriptions=["Windows"]) == []


def test_prices_come_in_pages(house: House) -> None:
    whole = _history(house, InstanceTypes=["t3.micro"])
    pages = client(house, "ec2").get_paginator("describe_spot_price_history")
    asked = pages.paginate(InstanceTypes=["t3.micro"], PaginationConfig={"PageSize": 2})
    assert [row for page in asked for row in page["SpotPriceHistory"]] == whole
    assert len(whole) > 2


@pytest.mark.parametrize("on", [True, False], ids=["strict", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_aws_shows_what_moto_does_not(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
