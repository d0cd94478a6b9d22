"""What has a function run: events of S3, messages of topics, rules with a schedule or a pattern, callers.

Nothing runs here: the tests look at what would be run.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from labs.errors import SandboxError
from tests.labs.sandbox.functions.making import FUNCTION, QUEUE, TOPIC, admit, archive, make
from tests.labs.sandbox.functions.standing import advance, asked, end, events_of, queue, waiting
from tests.labs.sandbox.houses import ACCOUNT, House, code, policy, statement, trust

RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/tick"


# -- S3 ----------------------------------------------------------------------------------------------------


def _notified(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="basket")
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"}]
    wanted = {
        "LambdaFunctionArn": FUNCTION,
        "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    s3.put_bucket_notification_configuration(
        Bucket="basket", NotificationConfiguration={"LambdaFunctionConfigurations": [wanted]}
    )


def test_objects_that_pass_the_filter_have_a_function_run(still: House) -> None:
    make(still.client)
    admit(still.client, "s3", "arn:aws:s3:::basket")
    _notified(still)
    s3 = still.client("s3")
    for key in ("in/a b.jpg", "in/a.txt", "out/a.jpg"):
        s3.put_object(Bucket="basket", Key=key, Body=b"1234")
    s3.delete_object(Bucket="basket", Key="in/a b.jpg")
    put, removed = (event["Records"][0] for event in events_of(still))
    assert (put["eventName"], removed["eventName"]) == ("ObjectCreated:Put", "ObjectRemoved:Delete")
    assert put["s3"]["object"]["key"] == "in/a+b.jpg"
    assert put["s3"]["object"]["size"] == 4
    assert "size" not in removed["s3"]["object"]
    assert put["s3"]["object"]["sequencer"] < removed["s3"]["object"]["sequencer"]
    assert {each["cause"] for each in asked(still)} == {"s3.amazonaws.com"}


def test_a_bucket_invokes_a_function_for_as_long_as_it_may(still: House) -> None:
    make(still.client)
    assert code(_notified, house=still) == "InvalidArgument"
    admit(still.client, "s3", "arn:aws:s3:::basket")
    still.client("s3").delete_bucket(Bucket="basket")
    _notified(still)
    still.client("lambda").remove_permission(FunctionName="f", StatementId="s3")
    still.client("s3").put_object(Bucket="basket", Key="in/a.jpg", Body=b"")
    (told,) = still.last.explanations
    assert (told.rule, told.effect) == ("s3.delivery", "dropped")
    assert asked(still) == []


# -- SNS ---------------------------------------------------------------------------------------------------


def test_a_topic_invokes_a_function_that_lets_it_in(still: House) -> None:
    make(still.client)
    sns = still.client("sns")
    sns.create_topic(Name="news")
    wanted = {"FilterPolicy": json.dumps({"kind": ["sports"]})}
    sns.subscribe(TopicArn=TOPIC, Protocol="lambda", Endpoint=FUNCTION, Attributes=wanted)
    kind = {"kind": {"DataType": "String", "StringValue": "sports"}}
    sns.publish(TopicArn=TOPIC, Message="lost", MessageAttributes=kind)
    assert [each.rule for each in still.last.explanations] == ["sns.delivery"]
    admit(still.client, "sns", TOPIC)
    sns.publish(TopicArn=TOPIC, Message="unwanted")
    sns.publish(TopicArn=TOPIC, Message="goal", Subject="now", MessageAttributes=kind)
    (event,) = events_of(still)
    (record,) = event["Records"]
    assert record["EventSource"] == "aws:sns"
    assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("goal", "now")
    assert record["Sns"]["TopicArn"] == TOPIC
    assert record["Sns"]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "sports"}}


# -- EventBridge -------------------------------------------------------------------------------------------


def _rule(house: House, *targets: dict[str, Any], **rule: Any) -> None:
    events = house.client("events")
    events.put_rule(Name="tick", **rule)
    events.put_targets(Rule="tick", Targets=[{"Id": str(n), **each} for n, each in enumerate(targets)])


def test_a_rule_runs_at_its_rate_for_as_long_as_it_is_enabled(still: House) -> None:
    make(still.client)
    admit(still.client, "events", RULE)
    earliest = still.state.clock.now()
    _rule(still, {"Arn": FUNCTION}, ScheduleExpression="rate(5 minutes)")
    latest = still.state.clock.now()
    advance(still, hours=1)
    events = events_of(still)
    assert len(events) == 12
    assert events[0]["detail-type"] == "Scheduled Event"
    assert events[0]["resources"] == [RULE]
    first = datetime.fromisoformat(events[0]["time"]) - timedelta(minutes=5)  # it tells whole seconds
    assert earliest - timedelta(seconds=1) < first <= latest
    still.client("events").disable_rule(Name="tick")
    advance(still, hours=1)
    assert len(asked(still)) == 12
    still.client("events").enable_rule(Name="tick")
    advance(still, minutes=6)
    assert len(asked(still)) == 13


def test_a_rule_that_is_due_says_whom_it_does_not_reach(still: House) -> None:
    make(still.client)
    _rule(still, {"Arn": FUNCTION}, ScheduleExpression="rate(1 hour)")
    with still.state.lock:
        (happened,) = still.state.settle_until(still.state.clock.now() + timedelta(minutes=61))
    assert happened.text.startswith("rule tick runs (Nothing is delivered from arn:aws:events:")
    assert asked(still) == []


def test_a_rule_with_a_cron_expression_runs_at_its_hours(still: House) -> None:
    make(still.client)
    admit(still.client, "events", RULE)
    given = {"Arn": FUNCTION, "Input": json.dumps({"job": "clean"})}
    _rule(still, given, ScheduleExpression="cron(30 6,18 * * ? *)")
    advance(still, days=2)
    assert events_of(still) == [{"job": "clean"}] * 4
    assert {each["since"][11:19] for each in asked(still)} == {"06:30:00", "18:30:00"}


def test_a_rule_reaches_functions_queues_and_topics_that_let_it_in(still: House) -> None:
    make(still.client)
    admit(still.client, "events", RULE)
    bound = {"ArnEquals": {"aws:SourceArn": RULE}}
    service: dict[str, Any] = {"Principal": {"Service": "events.amazonaws.com"}, "Condition": bound}
    url = queue(still, Policy=policy(statement("sqs:SendMessage", QUEUE, **service)))
    other = queue(still, "other")
    whole = {"Arn": QUEUE, "InputPath": "$.detail"}
    picked = {
        "Arn": FUNCTION,
        "InputTransformer": {"InputPathsMap": {"n": "$.detail.name"}, "InputTemplate": '{"who": "<n>"}'},
    }
    closed = {"Arn": QUEUE.replace("jobs", "other")}
    _rule(still, whole, picked, closed, EventPattern=json.dumps({"source": ["shop"]}))
    put = still.client("events").put_events
    for source in ("shop", "bank"):
        detail = json.dumps({"name": 'o"k'})
        put(Entries=[{"Source": source, "DetailType": "order", "Detail": detail}])
        if source == "shop":
            assert [each.rule for each in still.last.explanations] == ["events.delivery"]
    assert events_of(still) == [{"who": 'o"k'}]
    body = still.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"]
    assert json.loads(body) == {"name": 'o"k'}
    assert waiting(still, other) == (0, 0)


# -- asynchronous ------------------------------------------------------------------------------------------


def test_a_failed_event_is_tried_twice_more_and_then_reported(still: House) -> None:
    make(still.client, "", "sqs:SendMessage")
    url = queue(still)
    failing = {"OnFailure": {"Destination": QUEUE}}
    invoke = still.client("lambda")
    invoke.put_function_event_invoke_config(FunctionName="f", DestinationConfig=failing)
    answer = invoke.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')
    assert answer["StatusCode"] == 202
    for wait in (60, 120, None):
        (record,) = asked(still)
        assert json.loads(record["event"]) == {"a": 1}
        end(still, record, error="ValueError", payload={"errorType": "ValueError"})
        if wait is not None:
            advance(still, seconds=wait - 1)
            assert asked(still) == []
            advance(still, seconds=2)
    advance(still, hours=1)
    assert asked(still) == []
    told = json.loads(still.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"])
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 3
    assert (told["requestPayload"], told["responsePayload"]) == ({"a": 1}, {"errorType": "ValueError"})


def test_a_success_is_reported_and_fewer_attempts_can_be_asked_for(still: House) -> None:
    make(still.client, "", "sqs:SendMessage", DeadLetterConfig={"TargetArn": QUEUE})
    url, sqs = queue(still), still.client("sqs")
    lambda_ = still.client("lambda")
    lambda_.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=1)
    lambda_.put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=0, DestinationConfig={"OnSuccess": {"Destination": QUEUE}}
    )
    for error in ("", "ValueError"):
        lambda_.invoke(FunctionName="f", InvocationType="Event", Payload=b"[7]")
        end(still, asked(still)[0], error=error, payload="done")
        assert asked(still) == []
    success, letter = (
        json.loads(each["Body"])
        for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=2)["Messages"]
    )
    assert (success["requestContext"]["condition"], success["responsePayload"]) == ("Success", "done")
    assert letter == [7]


def test_nothing_ends_that_has_not_begun(still: House) -> None:
    make(still.client)
    with pytest.raises(SandboxError, match="Nothing of that name runs"):
        end(still, {"id": "made-up"})


# -- invoking ----------------------------------------------------------------------------------------------


def test_an_invocation_that_makes_no_sense_is_refused_as_on_aws(still: House) -> None:
    make(still.client)
    invoke = still.client("lambda").invoke
    assert code(invoke, FunctionName="g") == "ResourceNotFoundException"
    assert code(invoke, FunctionName="f", Qualifier="7") == "ResourceNotFoundException"
    assert code(invoke, FunctionName="f", Payload=b"{") == "InvalidRequestContentException"
    large = b'"' + b"x" * (1 << 20) + b'"'
    given = {"FunctionName": "f", "InvocationType": "Event", "Payload": large}
    assert code(invoke, **given) == "RequestTooLargeException"
    dry = invoke(FunctionName="f", InvocationType="DryRun")
    assert dry["StatusCode"] == 204
    assert asked(still) == []
    still.user("nobody")
    assert code(still.client("lambda", "nobody").invoke, FunctionName="f") == "AccessDeniedException"


def test_a_world_that_runs_no_functions_says_so(still: House) -> None:
    make(still.client)
    answer = still.client("lambda").invoke(FunctionName="f")
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorMessage"] == "Functions do not run in this world."


def test_an_alias_and_a_version_are_invoked_by_their_names(still: House) -> None:
    make(still.client)
    lambda_ = still.client("lambda")
    lambda_.publish_version(FunctionName="f")
    lambda_.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    lambda_.update_function_code(FunctionName="f", ZipFile=archive("def handler(e, c): return 2"))
    for qualifier in ("1", "live"):
        lambda_.invoke(FunctionName="f", InvocationType="Event", Qualifier=qualifier)
    lambda_.invoke(FunctionName=f"{FUNCTION}:live", InvocationType="Event")
    assert [each["function"].rpartition(":")[2] for each in asked(still)] == ["1", "live", "live"]


def test_a_role_that_trusts_lambda_no_more_gives_no_session(still: House) -> None:
    from labs.sandbox.functions.roles import session_of

    make(still.client)
    assert session_of(FUNCTION).principal.arn.endswith("assumed-role/role-of-f/f")
    document = trust({"Service": "ec2.amazonaws.com"})
    still.client("iam").update_assume_role_policy(RoleName="role-of-f", PolicyDocument=document)
    with pytest.raises(SandboxError, match="cannot be assumed"):
        session_of(FUNCTION)
