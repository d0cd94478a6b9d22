"""Deliveries from service to service, and what Lambda and SSM name."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from labs.sandbox.strict.deliveries import lets_in
from tests.labs.sandbox.houses import ACCOUNT, House, policy, statement
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Repair,
    Table,
    client,
    try_refusal,
    try_repair,
)

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
BUCKET = "arn:aws:s3:::basket"


def _letting(service: str, source: str, action: str = "sqs:SendMessage", resource: str = QUEUE) -> str:
    bound = {"ArnEquals": {"aws:SourceArn": source}}
    return policy(statement(action, resource, Principal={"Service": service}, Condition=bound))


def _queue(house: House, document: str | None = None) -> str:
    attributes = {"Policy": document} if document else {}
    return str(client(house, "sqs").create_queue(QueueName="jobs", Attributes=attributes)["QueueUrl"])


def _received(house: House, url: str) -> list[str]:
    found = client(house, "sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [each["Body"] for each in found]


# -- SNS ---------------------------------------------------------------------------------------------------


@repaired("sns.delivery", aws=0, moto=1)
def message_to_a_queue_that_lets_nobody_in(house: House) -> Any:
    url, sns = _queue(house), client(house, "sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)
    sns.publish(TopicArn=topic, Message="hello")
    return len(_received(house, url))


def test_the_event_of_a_publication_says_what_was_lost_and_why(house: House) -> None:
    _queue(house)
    sns = client(house, "sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=QUEUE)
    sns.publish(TopicArn=topic, Message="hello")
    assert house.last.error is None
    (told,) = house.last.explanations
    assert (told.rule, told.effect) == ("sns.delivery", "dropped")
    assert QUEUE in told.text
    assert "sns.amazonaws.com" in told.hint


@pytest.mark.parametrize(
    "principal", [{"Service": "sns.amazonaws.com"}, {"AWS": "*"}], ids=["service", "everybody"]
)
def test_a_queue_that_lets_the_topic_in_gets_its_messages(house: House, principal: Any) -> None:
    bound = {"ArnEquals": {"aws:SourceArn": TOPIC}}
    url = _queue(house, policy(statement("sqs:SendMessage", QUEUE, Principal=principal, Condition=bound)))
    sns = client(house, "sns")
    for name in ("news", "gossip"):
        sns.create_topic(Name=name)
        sns.subscribe(TopicArn=TOPIC.replace("news", name), Protocol="sqs", Endpoint=QUEUE)
        sns.publish(TopicArn=TOPIC.replace("news", name), Message=name)
    assert [json.loads(each)["Message"] for each in _received(house, url)] == ["news"]


def test_nothing_is_said_about_messages_that_the_subscription_does_not_want(house: House) -> None:
    _queue(house)
    sns = client(house, "sns")
    sns.create_topic(Name="news")
    wanted = {"FilterPolicy": json.dumps({"kind": ["sports"]})}
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE, Attributes=wanted)
    kind = {"kind": {"DataType": "String", "StringValue": "weather"}}
    sns.publish(TopicArn=TOPIC, Message="rain", MessageAttributes=kind)
    assert house.last.explanations == ()


# -- S3 ----------------------------------------------------------------------------------------------------


def _notify(destination: str = QUEUE, kind: str = "Queue") -> dict[str, Any]:
    name = "LambdaFunction" if kind == "LambdaFunction" else kind
    return {f"{name}Configurations": [{f"{name}Arn": destination, "Events": ["s3:ObjectCreated:*"]}]}


def _configured(house: House, wanted: dict[str, Any]) -> Attempt:
    s3 = client(house, "s3")
    s3.create_bucket(Bucket="basket")
    given = {"Bucket": "basket", "NotificationConfiguration": wanted}
    return lambda: s3.put_bucket_notification_configuration(**given)


@refused("s3.notification-validated", "InvalidArgument", "Unable to validate the following destination")
def events_to_a_queue_that_lets_nobody_in(house: House) -> Attempt:
    _queue(house)
    return _configured(house, _notify())


@refused("s3.notification-validated", "InvalidArgument", "Unable to validate the following destination")
def events_to_a_topic_that_lets_nobody_in(house: House) -> Attempt:
    client(house, "sns").create_topic(Name="news")
    return _configured(house, _notify(TOPIC, "Topic"))


def test_events_go_to_a_queue_for_as_long_as_it_lets_the_bucket_in(house: House) -> None:
    url = _queue(house, _letting("s3.amazonaws.com", BUCKET))
    _configured(house, _notify())()
    s3, sqs = client(house, "s3"), client(house, "sqs")
    s3.put_object(Bucket="basket", Key="k", Body=b"v")
    test, event = map(json.loads, _received(house, url))
    assert test["Event"] == "s3:TestEvent"
    assert [each["s3"]["object"]["key"] for each in event["Records"]] == ["k"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    s3.put_object(Bucket="basket", Key="k", Body=b"v")
    assert [(each.rule, each.effect) for each in house.last.explanations] == [("s3.delivery", "dropped")]
    assert _received(house, url) == []


@repaired("s3.delivery", aws=1, moto=2)
def events_after_the_policy_is_gone(house: House) -> Any:
    url = _queue(house, _letting("s3.amazonaws.com", BUCKET))
    _configured(house, _notify())()
    client(house, "sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    client(house, "s3").put_object(Bucket="basket", Key="k", Body=b"v")
    return len(_received(house, url))


def test_a_source_of_another_account_or_name_is_not_let_in(house: House) -> None:
    _queue(house, _letting("s3.amazonaws.com", BUCKET))
    assert lets_in("s3.amazonaws.com", QUEUE, BUCKET, ACCOUNT)
    assert not lets_in("s3.amazonaws.com", QUEUE, "arn:aws:s3:::shelf", ACCOUNT)
    assert not lets_in("sns.amazonaws.com", QUEUE, BUCKET, ACCOUNT)
    assert not lets_in("s3.amazonaws.com", "arn:aws:dynamodb:us-east-1:1:table/t", BUCKET, ACCOUNT)
    assert not lets_in("s3.amazonaws.com", "jobs", BUCKET, ACCOUNT)


def test_what_goes_to_another_account_reaches_its_queue_and_no_other_of_that_name(house: House) -> None:
    other = house.founded("222222222222")
    theirs = QUEUE.replace(ACCOUNT, other)
    letting: dict[str, Any] = {"Principal": {"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]}}
    far = house.client("sqs", f"{other}:root")
    document = policy(statement("sqs:SendMessage", theirs, **letting))
    url = far.create_queue(QueueName="jobs", Attributes={"Policy": document})["QueueUrl"]
    near = _queue(house, policy(statement("sqs:SendMessage", QUEUE, **letting)))
    sns = client(house, "sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=theirs)
    sns.publish(TopicArn=topic, Message="hello")
    _configured(house, _notify(theirs))()
    client(house, "s3").put_object(Bucket="basket", Key="k", Body=b"v")
    assert _received(house, near) == []
    bodies = [
        json.loads(each["Body"])
        for each in far.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    ]
    assert [sorted(each)[0] for each in bodies] == ["Message", "Bucket", "Records"]


# -- EventBridge -------------------------------------------------------------------------------------------


@repaired("events.delivery", aws=0, moto=1)
def event_to_a_queue_that_lets_nobody_in(house: House) -> Any:
    url, events = _queue(house), client(house, "events")
    events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": QUEUE}])
    events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": "{}"}])
    return len(_received(house, url))


@refused("events.schedule-expression", "ValidationException", "ScheduleExpression is not valid.")
def rule_whose_unit_does_not_fit(house: House) -> Attempt:
    return lambda: client(house, "events").put_rule(Name="tick", ScheduleExpression="rate(1 minutes)")


# -- Lambda and SSM ----------------------------------------------------------------------------------------


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return 1")
    return packed.getvalue()


def _function(house: House, role: str) -> dict[str, Any]:
    code = {"ZipFile": _zip()}
    return {
        "FunctionName": "f",
        "Runtime": "python3.12",
        "Role": role,
        "Handler": "app.handler",
        "Code": code,
    }


@refused("lambda.role-trusts", "InvalidParameterValueException", "cannot be assumed by Lambda.")
def function_with_a_role_for_ec2(house: House) -> Attempt:
    given = _function(house, house.role("box", {"Service": "ec2.amazonaws.com"}))
    return lambda: client(house, "lambda").create_function(**given)


@refused("lambda.code-is-an-archive", "InvalidParameterValueException", "Could not unzip uploaded file.")
def function_whose_code_is_no_archive(house: House) -> Attempt:
    given = _function(house, house.role("work", {"Service": "lambda.amazonaws.com"}))
    given["Code"] = {"ZipFile": b"def handler(event, context): return 1"}
    return lambda: client(house, "lambda").create_function(**given)


@refused("lambda.reserved-variables", "InvalidParameterValueException", "in this request: AWS_REGION")
def function_with_a_variable_of_lambdas(house: House) -> Attempt:
    given = _function(house, house.role("work", {"Service": "lambda.amazonaws.com"}))
    given["Environment"] = {"Variables": {"AWS_REGION": "moon-1", "COLOUR": "red"}}
    return lambda: client(house, "lambda").create_function(**given)


def _mapping(house: House, *actions: str, **settings: Any) -> Attempt:
    role = house.role("work", {"Service": "lambda.amazonaws.com"}, statement(["logs:*", *actions], "*"))
    client(house, "lambda").create_function(**_function(house, role), **settings)
    _queue(house)
    return lambda: client(house, "lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=QUEUE)


@refused(
    "lambda.role-reads-queue", "InvalidParameterValueException", "permissions to call DeleteMessage on SQS"
)
def mapping_whose_role_cannot_delete(house: House) -> Attempt:
    return _mapping(house, "sqs:ReceiveMessage")


@refused("lambda.queue-hides-long-enough", "InvalidParameterValueException", "30 seconds is less than")
def mapping_of_a_slow_function(house: House) -> Attempt:
    return _mapping(house, "sqs:*", Timeout=31)


def test_a_function_has_a_role_that_trusts_lambda(house: House) -> None:
    given = _function(house, house.role("work", {"Service": "lambda.amazonaws.com"}))
    made = client(house, "lambda").create_function(**given)
    assert made["Role"].endswith("role/work")


@repaired("ssm.latest-image", aws=[True, True], moto=[False, False])
def latest_images(house: House) -> Any:
    known = {each["ImageId"] for each in client(house, "ec2").describe_images()["Images"]}
    prefix = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
    names = [prefix + architecture for architecture in ("x86_64", "arm64")]
    found = client(house, "ssm").get_parameters(Names=names)["Parameters"]
    return [each["Value"] in known for each in found]


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
