"""Budgets: what the API keeps, and whom it tells when a threshold is passed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labs.sandbox.metering import alarms
from labs.sandbox.outcomes import Happening
from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, statement
from tests.labs.sandbox.metering.clocks import DAY, START, at

OWN = {"AccountId": ACCOUNT}
NAMED = {**OWN, "BudgetName": "mine"}
MAIL = {"SubscriptionType": "EMAIL", "Address": "a@example.com"}
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:inbox"


@pytest.fixture(autouse=True)
def _clock(house: House) -> Iterator[None]:
    alarms.watch(house.state)
    with at(house, START):
        yield


def budget(amount: str = "100", **more: Any) -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    return {"BudgetName": "mine", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit, **more}


def notice(threshold: float = 80.0, kind: str = "ACTUAL", unit: str = "PERCENTAGE") -> dict[str, Any]:
    return {
        "NotificationType": kind,
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": threshold,
        "ThresholdType": unit,
    }


def to_topic(**about: Any) -> dict[str, Any]:
    return {"Notification": notice(**about), "Subscribers": [{"SubscriptionType": "SNS", "Address": TOPIC}]}


# -- whom it tells -----------------------------------------------------------------------------------------


def let_in(service: str, action: str, resource: str, **more: Any) -> str:
    granted = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**granted, **more}]})


def topic_and_queue(house: House, *, topic: str | None = None, queue: str | None = None) -> str:
    """A topic with a policy that delivers to a queue with a policy; the queue's URL."""
    sns, sqs = house.client("sns"), house.client("sqs")
    url = sqs.create_queue(QueueName="inbox", Attributes={"MessageRetentionPeriod": "1209600"})["QueueUrl"]
    sns.create_topic(Name="alarms")
    policy = topic or let_in("budgets.amazonaws.com", "sns:Publish", TOPIC)
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=policy)
    policy = queue or let_in("sns.amazonaws.com", "sqs:SendMessage", QUEUE)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE)
    return str(url)


def spend(house: House, dollars_a_month: int) -> None:
    """A gp3 volume, of which 100 GiB cost 8 dollars a month."""
    size = dollars_a_month * 100 // 8
    house.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=size, VolumeType="gp3")


def advance(house: House, until: datetime) -> tuple[Happening, ...]:
    """What happens as the clock is moved, as `skylab advance` moves it."""
    alarms.expect(house.state, house.state.clock.now(), until)
    return house.state.settle_until(until)


def received(house: House, url: str, moment: datetime) -> list[dict[str, Any]]:
    with at(house, moment):
        answer = house.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", ())]


def test_an_alarm_comes_at_the_moment_the_threshold_is_passed_and_once_a_period(house: House) -> None:
    url = topic_and_queue(house)
    house.client("budgets").create_budget(
        **OWN, Budget=budget("40"), NotificationsWithSubscribers=[to_topic(threshold=50.0)]
    )
    spend(house, 80)  # $20 after a quarter of a month

    happened = advance(house, START + 20 * DAY)

    passed = START + timedelta(days=31) / 4
    assert [each.kind for each in happened] == ["budgets.look"]
    assert abs(happened[0].moment - passed) <= timedelta(seconds=2)
    assert "$20.00 is past $20.00" in happened[0].text
    [message] = received(house, url, START + 20 * DAY)
    assert message["TopicArn"] == TOPIC
    assert message["Subject"].startswith("AWS Budgets: mine has exceeded")
    for line in (
        "Budget Name: mine",
        "Budgeted Amount: $40.00",
        "Alert Threshold: > $20.00",
        "ACTUAL Amount: $20.00",
    ):
        assert line in message["Message"].splitlines()

    # In February it costs 80 dollars for 28 days, so a quarter of it is passed on the eighth.
    with at(house, START + 20 * DAY):
        again = advance(house, START + 50 * DAY)
    assert [each.moment.strftime("%m-%d %H") for each in again] == ["02-08 00"]


def test_the_topic_s_policy_decides_whether_budgets_may_publish(house: House) -> None:
    wrong = let_in(
        "budgets.amazonaws.com",
        "sns:Publish",
        TOPIC,
        Condition={"StringEquals": {"aws:SourceAccount": "9" * 12}},
    )
    url = topic_and_queue(house, topic=wrong)
    house.client("budgets").create_budget(
        **OWN, Budget=budget("10"), NotificationsWithSubscribers=[to_topic(threshold=10.0)]
    )
    spend(house, 80)

    [happened] = advance(house, START + 5 * DAY)

    assert f"the policy of {TOPIC} does not let budgets.amazonaws.com publish" in happened.text
    assert received(house, url, START + 5 * DAY) == []


def test_the_queue_s_policy_decides_whether_the_topic_delivers(house: House) -> None:
    url = topic_and_queue(house, queue=let_in("s3.amazonaws.com", "sqs:SendMessage", QUEUE))
    house.client("budgets").create_budget(
        **OWN, Budget=budget("10"), NotificationsWithSubscribers=[to_topic(threshold=10.0)]
    )
    spend(house, 80)

    [happened] = advance(house, START + 5 * DAY)

    assert happened.text.endswith("is told")
    assert received(house, url, START + 5 * DAY) == []


def test_a_forecast_trips_before_the_money_is_spent_and_an_absolute_threshold_is_in_dollars(
    house: House,
) -> None:
    topic_and_queue(house)
    house.client("budgets").create_budget(
        **OWN,
        Budget=budget("1000"),
        NotificationsWithSubscribers=[
            to_topic(kind="FORECASTED", threshold=30.0, unit="ABSOLUTE_VALUE"),
            to_topic(kind="ACTUAL", threshold=15.0, unit="ABSOLUTE_VALUE"),
        ],
    )
    spend(house, 80)

    texts = [each.text for each in advance(house, START + 7 * DAY)]

    assert len(texts) == 2
    assert "is forecast to be past $30.00" in texts[0]
    assert "$15.00 is past $15.00" in texts[1]


def test_an_hour_that_has_only_begun_is_nothing_to_forecast_from(house: House) -> None:
    """A NAT gateway's first hour is billed whole at once: at that rate it would be the end of the world."""
    topic_and_queue(house)
    ec2 = house.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")
    house.client("budgets").create_budget(
        **OWN,
        Budget=budget("100"),
        NotificationsWithSubscribers=[to_topic(kind="FORECASTED", threshold=50.0)],
    )

    assert advance(house, START + timedelta(minutes=5)) == ()
    assert (
        "ForecastedSpend" not in house.client("budgets").describe_budget(**NAMED)["Budget"]["CalculatedSpend"]
    )
    assert advance(house, START + 3 * DAY) == ()  # $28 a month


def test_a_mail_is_told_of_and_a_topic_that_is_not_there_too(house: House) -> None:
    both = {"Notification": notice(1.0), "Subscribers": [MAIL, {"SubscriptionType": "SNS", "Address": TOPIC}]}
    house.client("budgets").create_budget(**OWN, Budget=budget("10"), NotificationsWithSubscribers=[both])
    spend(house, 80)

    [happened] = advance(house, START + DAY)

    assert "a mail goes to a@example.com" in happened.text
    assert f"there is no topic {TOPIC}" in happened.text


def test_a_budget_without_notifications_is_never_looked_at(house: House) -> None:
    house.client("budgets").create_budget(**OWN, Budget=budget())
    house.state.settle_until(START + DAY)

    assert house.state.agenda.planned(alarms.LOOK) == ()


def test_a_look_at_budgets_costs_the_world_one_thing_on_its_agenda(house: House) -> None:
    house.client("budgets").create_budget(**OWN, Budget=budget(), NotificationsWithSubscribers=[to_topic()])
    advance(house, START + 30 * DAY)

    assert len(house.state.agenda.planned(alarms.LOOK)) == 1


# -- what it keeps -----------------------------------------------------------------------------------------


def test_a_budget_says_what_was_spent_and_what_is_forecast(house: House) -> None:
    budgets = house.client("budgets")
    budgets.create_budget(**OWN, Budget=budget())
    spend(house, 80)
    with at(house, START + timedelta(days=31) / 4):
        told = budgets.describe_budget(**NAMED)["Budget"]

    left = 31 - (Decimal(4 * 24 + 9) / 24 + Decimal(31) / 4)
    assert told["CalculatedSpend"]["ActualSpend"] == {"Amount": "20.0", "Unit": "USD"}
    forecast = Decimal(told["CalculatedSpend"]["ForecastedSpend"]["Amount"])
    assert abs(forecast - (20 + left * 80 / 31)) < Decimal("0.001")
    assert told["BudgetLimit"] == {"Amount": "100.0", "Unit": "USD"}
    assert told["TimePeriod"]["Start"].astimezone(START.tzinfo) == datetime(2026, 1, 1, tzinfo=START.tzinfo)
    [listed] = budgets.describe_budgets(**OWN)["Budgets"]
    assert listed["CalculatedSpend"]["ActualSpend"]["Amount"] == "0.0"


@pytest.mark.parametrize(
    ("filters", "spent"),
    [
        ({"Service": ["EC2 - Other"]}, "20.0"),
        ({"Service": ["AWS Lambda"]}, "0.0"),
        ({"UsageType": ["EBS:VolumeUsage.gp3"], "Region": ["us-east-1"]}, "20.0"),
        ({"TagKeyValue": ["user:team$red"]}, "0.0"),
    ],
)
def test_filters_say_what_a_budget_is_about(house: House, filters: dict[str, list[str]], spent: str) -> None:
    budgets = house.client("budgets")
    budgets.create_budget(**OWN, Budget=budget(CostFilters=filters))
    spend(house, 80)
    with at(house, START + timedelta(days=31) / 4):
        told = budgets.describe_budget(**NAMED)["Budget"]

    assert told["CostFilters"] == filters
    assert told["CalculatedSpend"]["ActualSpend"]["Amount"] == spent


def test_a_usage_budget_counts_usage_and_a_daily_one_begins_each_day(house: House) -> None:
    budgets = house.client("budgets")
    limit = {"Amount": "1", "Unit": "GB-Month"}
    usage = budget(
        BudgetType="USAGE",
        TimeUnit="DAILY",
        BudgetLimit=limit,
        CostFilters={"UsageType": ["EBS:VolumeUsage.gp3"]},
    )
    budgets.create_budget(**OWN, Budget=usage)
    spend(house, 248)  # 3,100 GiB: 100 GB-months a day
    midnight = START.replace(hour=0) + 2 * DAY
    with at(house, midnight + timedelta(hours=6)):
        told = budgets.describe_budget(**NAMED)["Budget"]

    assert told["CalculatedSpend"]["ActualSpend"] == {"Amount": "25.0", "Unit": "GB-Month"}
    assert told["CalculatedSpend"]["ForecastedSpend"]["Amount"] == "100.0"


def test_notifications_and_subscribers_are_kept_changed_and_removed(house: House) -> None:
    budgets = house.client("budgets")
    budgets.create_budget(**OWN, Budget=budget())
    budgets.create_notification(**NAMED, Notification=notice(80.0), Subscribers=[MAIL])
    other = {"SubscriptionType": "EMAIL", "Address": "b@example.com"}

    def subscribers(threshold: float) -> list[str]:
        found = budgets.describe_subscribers_for_notification(**NAMED, Notification=notice(threshold))
        return [each["Address"] for each in found["Subscribers"]]

    [told] = budgets.describe_notifications_for_budget(**NAMED)["Notifications"]
    assert told == {**notice(80.0), "NotificationState": "OK"}
    budgets.create_subscriber(**NAMED, Notification=notice(80.0), Subscriber=other)
    assert subscribers(80.0) == ["a@example.com", "b@example.com"]
    budgets.update_notification(**NAMED, OldNotification=notice(80.0), NewNotification=notice(90.0))
    third = {"SubscriptionType": "EMAIL", "Address": "c@example.com"}
    budgets.update_subscriber(**NAMED, Notification=notice(90.0), OldSubscriber=other, NewSubscriber=third)
    budgets.delete_subscriber(**NAMED, Notification=notice(90.0), Subscriber=MAIL)
    assert subscribers(90.0) == ["c@example.com"]
    assert code(budgets.delete_subscriber, **NAMED, Notification=notice(90.0), Subscriber=third) == (
        "InvalidParameterException"  # the last one
    )
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=budget("5"))
    assert len(budgets.describe_budget_notifications_for_account(**OWN)["BudgetNotificationsForAccount"]) == 1
    budgets.delete_notification(**NAMED, Notification=notice(90.0))
    assert budgets.describe_notifications_for_budget(**NAMED)["Notifications"] == []
    budgets.delete_budget(**NAMED)
    assert budgets.describe_budgets(**OWN)["Budgets"] == []


def test_what_makes_no_sense_is_refused(house: House) -> None:
    budgets = house.client("budgets")
    budgets.create_budget(**OWN, Budget=budget(), NotificationsWithSubscribers=[to_topic()])

    def refused(call: Any, **params: Any) -> str:
        return denied(call, **params)[0]

    assert refused(budgets.create_budget, **OWN, Budget=budget()) == "DuplicateRecordException"
    for wrong in (
        budget(BudgetName="other", TimeUnit="WEEKLY"),
        budget(BudgetName="a:b"),
        budget(BudgetName="other", BudgetLimit={"Amount": "5", "Unit": "EUR"}),
        budget(BudgetName="other", BudgetLimit={"Amount": "many", "Unit": "USD"}),
        budget(BudgetName="other", BudgetType="RI_UTILIZATION"),
        budget(BudgetName="other", CostFilters={"Colour": ["red"]}),
    ):
        assert refused(budgets.create_budget, **OWN, Budget=wrong) == "InvalidParameterException"
    assert refused(budgets.describe_budget, **OWN, BudgetName="none") == "NotFoundException"
    assert refused(budgets.describe_budgets, AccountId="9" * 12) == "AccessDeniedException"
    again = {"Notification": notice(), "Subscribers": [MAIL]}
    assert refused(budgets.create_notification, **NAMED, **again) == "DuplicateRecordException"
    topics = [{"SubscriptionType": "SNS", "Address": f"{TOPIC}{n}"} for n in range(2)]
    assert refused(budgets.create_notification, **NAMED, Notification=notice(1.0), Subscribers=topics) == (
        "CreationLimitExceededException"
    )
    wrong_mail = [{"SubscriptionType": "EMAIL", "Address": "nobody"}]
    assert refused(
        budgets.create_notification, **NAMED, Notification=notice(1.0), Subscribers=wrong_mail
    ) == ("InvalidParameterException")


def test_looking_at_budgets_and_changing_them_are_two_permissions(house: House) -> None:
    house.client("budgets").create_budget(**OWN, Budget=budget())
    mine = f"arn:aws:budgets::{ACCOUNT}:budget/mine"
    house.user("eve", statement("budgets:ViewBudget", mine))
    budgets = house.client("budgets", "eve")

    assert code(budgets.describe_budget, **NAMED) == ""
    assert code(budgets.delete_budget, **NAMED) == "AccessDeniedException"
    assert house.last.checks[0].action == "budgets:ModifyBudget"
    assert house.last.checks[0].resource == mine


def test_a_budget_is_a_part_of_the_world_that_a_checkpoint_keeps(house: House) -> None:
    budgets = house.client("budgets")
    saved = house.state.metering.saved()
    budgets.create_budget(**OWN, Budget=budget())
    kept = house.state.metering.saved()

    house.state.metering.restore(saved)
    assert budgets.describe_budgets(**OWN)["Budgets"] == []
    house.state.metering.restore(kept)
    assert len(budgets.describe_budgets(**OWN)["Budgets"]) == 1
