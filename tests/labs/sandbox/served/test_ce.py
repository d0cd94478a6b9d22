"""Cost Explorer: what it says is the bill, cut by time, group and filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs.aws.billing.money import shown
from labs.sandbox import moto_setup
from labs.sandbox.gate import Gate
from labs.sandbox.state import WorldState
from tests.labs.sandbox.houses import House, denied, statement
from tests.labs.sandbox.metering.clocks import DAY, START, at, bill_at

JANUARY = {"Start": "2026-01-01", "End": "2026-02-01"}
NOW = START + 3 * DAY  # 8 January 2026, 09:00


@pytest.fixture(scope="module")
def house(in_process: Callable[[Any], Any]) -> Iterator[House]:
    """Two instances, a bucket and an object, over three days; the tests here only look at it."""
    moto_setup.reset_state(1, b"test")
    state = WorldState(seed=1)
    state.journal.mark()
    gate = Gate(state)
    house = House(gate, state, in_process(gate))
    ec2, s3 = house.client("ec2"), house.client("s3")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]

    def launch(kind: str, team: str) -> str:
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": team}]}]
        launched = ec2.run_instances(
            ImageId=image, InstanceType=kind, MinCount=1, MaxCount=1, TagSpecifications=tags
        )
        return str(launched["Instances"][0]["InstanceId"])

    with at(house, START):
        launch("t3.micro", "red")
        s3.create_bucket(Bucket="things")
    with at(house, START + DAY):
        large = launch("m5.large", "blue")
        s3.put_object(Bucket="things", Key="k", Body=b"x" * 1_000_000)
    with at(house, START + 2 * DAY):
        ec2.terminate_instances(InstanceIds=[large])
    with at(house, NOW):
        yield house
    moto_setup.reset_state(1, b"test")


def asked(house: House, **more: Any) -> dict[str, Any]:
    wanted = {"TimePeriod": JANUARY, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"], **more}
    answer: dict[str, Any] = house.client("ce").get_cost_and_usage(**wanted)
    return answer


def grouped(house: House, *keys: str, kind: str = "DIMENSION", **more: Any) -> dict[tuple[str, ...], Decimal]:
    answer = asked(house, GroupBy=[{"Type": kind, "Key": key} for key in keys], **more)
    [month] = answer["ResultsByTime"]
    assert month["Total"] == {}
    return {
        tuple(group["Keys"]): Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
        for group in month["Groups"]
    }


def amount(result: dict[str, Any], metric: str = "UnblendedCost") -> Decimal:
    return Decimal(result["Total"][metric]["Amount"])


def test_a_month_is_the_bill_to_ten_decimals(house: House) -> None:
    [month] = asked(house)["ResultsByTime"]

    assert amount(month) == shown(bill_at(house, NOW).total, 10)
    assert month["Total"]["UnblendedCost"]["Unit"] == "USD"
    assert month["TimePeriod"] == JANUARY
    assert month["Estimated"] is True
    assert month["Groups"] == []


@pytest.mark.parametrize(
    ("granularity", "period", "count"),
    [
        ("DAILY", JANUARY, 31),
        ("HOURLY", {"Start": "2026-01-04T00:00:00Z", "End": "2026-01-09T00:00:00Z"}, 120),
    ],
)
def test_days_and_hours_add_up_to_the_month(
    house: House, granularity: str, period: dict[str, str], count: int
) -> None:
    results = asked(house, Granularity=granularity, TimePeriod=period)["ResultsByTime"]

    assert len(results) == count
    assert abs(sum(map(amount, results)) - bill_at(house, NOW).total) < Decimal("1e-7")
    assert results[0]["TimePeriod"]["Start"] == period["Start"]
    assert results[-1]["TimePeriod"]["End"] == period["End"]
    for before, after in pairwise(results):
        assert before["TimePeriod"]["End"] == after["TimePeriod"]["Start"]


def test_a_day_has_what_was_used_on_it(house: House) -> None:
    period = {"Start": "2026-01-06", "End": "2026-01-08"}
    first, second = asked(
        house,
        Granularity="DAILY",
        TimePeriod=period,
        Metrics=["UnblendedCost", "UsageQuantity"],
        Filter={"Dimensions": {"Key": "INSTANCE_TYPE", "Values": ["m5.large"]}},
    )["ResultsByTime"]

    assert (amount(first), amount(second)) == (Decimal("0.096") * 15, Decimal("0.096") * 9)
    assert first["Total"]["UsageQuantity"] == {"Amount": "15", "Unit": "Hrs"}


def test_the_first_and_last_month_may_be_parts(house: House) -> None:
    period = {"Start": "2025-12-15", "End": "2026-01-06"}
    results = asked(house, TimePeriod=period)["ResultsByTime"]

    assert [result["TimePeriod"] for result in results] == [
        {"Start": "2025-12-15", "End": "2026-01-01"},
        {"Start": "2026-01-01", "End": "2026-01-06"},
    ]
    assert [result["Estimated"] for result in results] == [False, True]
    assert amount(results[0]) == 0
    assert results[0]["Total"]["UnblendedCost"]["Amount"] == "0"


def test_costs_are_grouped_as_aws_spells_services_and_usage_types(house: House) -> None:
    found = grouped(house, "SERVICE", "USAGE_TYPE")

    assert found["Amazon Elastic Compute Cloud - Compute", "BoxUsage:t3.micro"] == shown(
        72 * Decimal("0.0104"), 10
    )
    assert found["Amazon Elastic Compute Cloud - Compute", "BoxUsage:m5.large"] == 24 * Decimal("0.096")
    assert {service for service, _ in found} == {
        "Amazon Elastic Compute Cloud - Compute",
        "Amazon Simple Storage Service",
        "Amazon Virtual Private Cloud",
        "EC2 - Other",
    }


@pytest.mark.parametrize(
    ("key", "has"),
    [
        ("OPERATION", {"RunInstances", "PutObject", "CreateBucket", "StandardStorage"}),
        ("REGION", {"us-east-1"}),
        ("LINKED_ACCOUNT", {"123456789012"}),
        ("INSTANCE_TYPE", {"t3.micro", "m5.large", "NoInstanceType"}),
        ("AZ", {"us-east-1a", "NoAZ"}),
        ("PURCHASE_TYPE", {"On Demand Instances", "NoPurchaseType"}),
        ("RECORD_TYPE", {"Usage"}),
    ],
)
def test_costs_are_grouped_by_a_dimension_and_add_up(house: House, key: str, has: set[str]) -> None:
    found = grouped(house, key)

    assert {keys[0] for keys in found} >= has
    assert abs(sum(found.values()) - bill_at(house, NOW).total) < Decimal("1e-8")


def test_costs_are_grouped_by_a_tag_and_what_has_none_too(house: House) -> None:
    found = grouped(
        house, "team", kind="TAG", Filter={"Dimensions": {"Key": "OPERATION", "Values": ["RunInstances"]}}
    )

    assert found == {("team$red",): shown(72 * Decimal("0.0104"), 10), ("team$blue",): 24 * Decimal("0.096")}
    assert ("team$",) in grouped(house, "team", kind="TAG")


def compute(*types: str, **options: Any) -> dict[str, Any]:
    return {"Dimensions": {"Key": "INSTANCE_TYPE", "Values": list(types), **options}}


RED = {"Tags": {"Key": "team", "Values": ["red"]}}
BOX = {
    "Dimensions": {
        "Key": "USAGE_TYPE",
        "Values": ["boxusage"],
        "MatchOptions": ["STARTS_WITH", "CASE_INSENSITIVE"],
    }
}


@pytest.mark.parametrize(
    ("expression", "types"),
    [
        (compute("t3.micro"), {"t3.micro"}),
        (compute("t3.micro", "m5.large"), {"t3.micro", "m5.large"}),
        ({"And": [BOX, RED]}, {"t3.micro"}),
        ({"Or": [compute("m5.large"), {"And": [BOX, RED]}]}, {"t3.micro", "m5.large"}),
        ({"And": [BOX, {"Not": RED}]}, {"m5.large"}),
        ({"And": [BOX, {"Tags": {"Key": "team", "MatchOptions": ["ABSENT"]}}]}, set()),
        (compute(".large", MatchOptions=["ENDS_WITH"]), {"m5.large"}),
        (compute("3.M", MatchOptions=["CONTAINS", "CASE_INSENSITIVE"]), {"t3.micro"}),
        (compute("T3.MICRO"), set()),
    ],
)
def test_a_filter_keeps_what_it_says(house: House, expression: dict[str, Any], types: set[str]) -> None:
    assert {keys[0] for keys in grouped(house, "INSTANCE_TYPE", Filter=expression)} == types


def test_usage_of_several_units_has_no_unit_and_hours_of_small_ones_are_counted(house: House) -> None:
    [month] = asked(house, Metrics=["UsageQuantity", "NormalizedUsageAmount", "AmortizedCost"])[
        "ResultsByTime"
    ]

    assert month["Total"]["UsageQuantity"]["Unit"] == "N/A"
    assert amount(month, "NormalizedUsageAmount") == 72 * Decimal("0.5") + 24 * 4
    assert amount(month, "AmortizedCost") == shown(bill_at(house, NOW).total, 10)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"TimePeriod": {"Start": "2026-01-08", "End": "2026-01-08"}},
            "Start date (and hour) should be before end date (and hour)",
        ),
        (
            {"TimePeriod": {"Start": "2026-01-01", "End": "2026-02-02"}},
            "end date past the beginning of next month",
        ),
        ({"TimePeriod": {"Start": "2024-01-01", "End": "2026-01-02"}}, "historical data beyond 14 months"),
        (
            {"TimePeriod": {"Start": "2026-01-01T00:00:00Z", "End": "2026-01-02T00:00:00Z"}},
            "Valid format is: yyyy-MM-dd",
        ),
        ({"TimePeriod": {"Start": "2026-02-30", "End": "2026-03-01"}}, "is invalid"),
        ({"Granularity": "HOURLY"}, "Valid format is: yyyy-MM-ddTHH:mm:ssZ"),
        ({"Granularity": "WEEKLY"}, "Member must satisfy enum value set"),
        ({"Metrics": ["Cost"]}, "Valid values for metric are"),
        ({"GroupBy": [{"Type": "DIMENSION", "Key": "COLOUR"}]}, "Group Definition dimension is invalid"),
        ({"GroupBy": [{"Type": "TAG", "Key": "a"}] * 3}, "at most 2 group definitions"),
        ({"Filter": {"And": [RED, RED], "Not": RED}}, "only one root is allowed"),
        ({"Filter": {"Dimensions": {"Key": "COLOUR", "Values": ["red"]}}}, "is not supported"),
    ],
)
def test_what_makes_no_sense_is_refused_as_cost_explorer_does(
    house: House, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError) as caught:
        asked(house, **wrong)

    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert said in caught.value.response["Error"]["Message"]


def test_dimension_values_and_tags_are_those_that_were_used(house: House) -> None:
    ce = house.client("ce")

    def values(dimension: str, **more: Any) -> list[str]:
        found = ce.get_dimension_values(TimePeriod=JANUARY, Dimension=dimension, **more)
        assert found["ReturnSize"] == found["TotalSize"] == len(found["DimensionValues"])
        return [each["Value"] for each in found["DimensionValues"]]

    assert values("INSTANCE_TYPE") == ["m5.large", "t3.micro"]
    assert values("INSTANCE_TYPE", SearchString="MICRO") == ["t3.micro"]
    assert values("SERVICE", Filter=RED) == [
        "Amazon Elastic Compute Cloud - Compute",
        "Amazon Virtual Private Cloud",
    ]
    assert ce.get_tags(TimePeriod=JANUARY)["Tags"] == ["team"]
    assert ce.get_tags(TimePeriod=JANUARY, TagKey="team")["Tags"] == ["", "blue", "red"]


def test_a_forecast_goes_on_at_the_rate_of_the_month_so_far(house: House) -> None:
    period = {"Start": "2026-01-08", "End": "2026-02-01"}
    told = house.client("ce").get_cost_forecast(
        TimePeriod=period, Metric="UNBLENDED_COST", Granularity="MONTHLY", PredictionIntervalLevel=80
    )

    elapsed, ahead = Decimal(72), Decimal(24 * 24)  # since something was first used
    expected = bill_at(house, NOW).total * ahead / elapsed
    assert abs(Decimal(told["Total"]["Amount"]) - expected) < Decimal("1e-9")
    [only] = told["ForecastResultsByTime"]
    assert only["TimePeriod"] == period
    low, high = (Decimal(only[f"PredictionInterval{name}Bound"]) for name in ("Lower", "Upper"))
    assert low < Decimal(only["MeanValue"]) < high


def test_a_forecast_of_usage_has_the_unit_of_what_is_used(house: House) -> None:
    told = house.client("ce").get_usage_forecast(
        TimePeriod={"Start": "2026-01-08", "End": "2026-01-10"},
        Metric="USAGE_QUANTITY",
        Granularity="DAILY",
        Filter=compute("t3.micro"),
    )

    assert told["Total"]["Unit"] == "Hrs"
    assert len(told["ForecastResultsByTime"]) == 2
    assert abs(Decimal(told["Total"]["Amount"]) - 48) < Decimal("1e-9")


def test_there_is_no_forecast_of_the_past_nor_from_nothing(house: House) -> None:
    forecast = house.client("ce").get_cost_forecast

    def refused(start: str, end: str, **more: Any) -> tuple[str, int, str]:
        wanted = {"Metric": "UNBLENDED_COST", "Granularity": "MONTHLY", **more}
        return denied(forecast, TimePeriod={"Start": start, "End": end}, **wanted)

    assert refused("2026-01-07", "2026-02-01")[0] == "ValidationException"
    assert refused("2026-01-09", "2026-01-08")[2] == (
        "Requested Start: 2026-01-09 must be before requested End: 2026-01-08"
    )
    assert refused("2026-01-08", "2026-02-01", Filter=compute("p3.2xlarge"))[0] == "DataUnavailableException"


def test_cost_explorer_needs_a_permission_of_its_own(house: House) -> None:
    house.user("eve")
    ce = house.client("ce", "eve")
    wanted = {"TimePeriod": JANUARY, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}
    assert denied(ce.get_cost_and_usage, **wanted)[0] == "AccessDeniedException"

    house.user("bob", statement("ce:GetCostAndUsage", "*"))
    assert house.client("ce", "bob").get_cost_and_usage(**wanted)["ResultsByTime"]


def test_an_account_sees_its_own_costs_alone(house: House) -> None:
    other = house.founded("222222222222")
    ce = house.client("ce", f"{other}:admin")
    told = ce.get_cost_and_usage(TimePeriod=JANUARY, Granularity="MONTHLY", Metrics=["UnblendedCost"])

    assert amount(told["ResultsByTime"][0]) == 0


def test_what_is_asked_for_counts_nothing_and_changes_nothing(house: House) -> None:
    before = bill_at(house, NOW).total
    last = house.state.journal.last
    asked(house)

    assert bill_at(house, NOW).total == before
    assert house.state.journal.last == last
