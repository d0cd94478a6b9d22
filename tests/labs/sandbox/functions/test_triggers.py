"""What has a function run: events of S3, messages of topics and queues, rules with a schedule or a pattern.

Nothing runs here: the tests look at what would be run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from labs.errors import SandboxError
from labs.sandbox.deeds import Deeds
from labs.sandbox.entries import Deed
from labs.sandbox.functions.executions import Executions
from tests.labs.sandbox.functions.making import FUNCTION, QUEUE, TOPIC, admit, archive, make
from tests.labs.sandbox.houses import ACCOUNT, House, code, policy, statement, trust

RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/tick"
READ = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def _functions(house: House) -> Executions:
    assert house.state.functions is not None
    return house.state.functions


def _asked(house: House) -> list[Mapping[str, Any]]:
    """What functions are to do now."""
    with house.state.lock:
        house.state.settle()
    return list(_functions(house).table.values())


def _events(house: House) -> list[Any]:
    return [json.loads(each["event"]) for each in _asked(house)]


def _end(house: House, record: Mapping[str, Any], error: str = "", payload: Any = None) -> None:
    """Say that a function has run."""
    told = {"execution": record["id"], "function": FUNCTION, "request": record["id"], "stream": ""}
    told |= {"log": [], "ms": 1.0, "billed": 1, "init": None, "error": error, "message": "boom"}
    deeds: Deeds = _functions(house)._deeds
    with house.state.lock:
        deeds.do(Deed("lambda", {**told, "payload": json.dumps(payload)}))


def _advance(house: House, **time: float) -> None:
    """Move the clock, past all that would be run on the way."""
    state = house.state
    with state.lock:
        until = state.settle() + timedelta(**time)
        state.settle_until(until)
        state.clock.jump(until - state.clock.now())


def _queue(house: House, name: str = "jobs", **attributes: str) -> str:
    return str(house.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def _waiting(house: House, url: str) -> tuple[int, int]:
    """How many messages of a queue can be received, and how many are hidden."""
    told = house.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(told["ApproximateNumberOfMessages"]), int(told["ApproximateNumberOfMessagesNotVisible"])


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
    put, removed = (event["Records"][0] for event in _events(still))
    assert (put["eventName"], removed["eventName"]) == ("ObjectCreated:Put", "ObjectRemoved:Delete")
    assert put["s3"]["object"]["key"] == "in/a+b.jpg"
    assert put["s3"]["object"]["size"] == 4
    assert "size" not in removed["s3"]["object"]
    assert put["s3"]["object"]["sequencer"] < removed["s3"]["object"]["sequencer"]
    assert {each["cause"] for each in _asked(still)} == {"s3.amazonaws.com"}


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
    assert _asked(still) == []


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
    (event,) = _events(still)
    (record,) = event["Records"]
    assert record["EventSource"] == "aws:sns"
    assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("goal", "now")
    assert record["Sns"]["TopicArn"] == TOPIC
    assert record["Sns"]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "sports"}}


# -- SQS ---------------------------------------------------------------------------------------------------


def _mapped(house: House, **more: Any) -> str:
    made = house.client("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=QUEUE, **more)
    return str(made["UUID"])


def test_a_queue_gives_its_messages_to_a_function_in_batches(still: House) -> None:
    make(still.client, "", *READ)
    url, sqs = _queue(still), still.client("sqs")
    _mapped(still, BatchSize=2)
    entries: list[dict[str, Any]] = [{"Id": str(number), "MessageBody": f"m{number}"} for number in range(3)]
    entries[0]["MessageAttributes"] = {"a": {"DataType": "String", "StringValue": "b"}}
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    first, second = _asked(still)
    one, two = json.loads(first["event"])["Records"]
    assert (one["body"], two["body"]) == ("m0", "m1")
    assert one["messageAttributes"]["a"]["stringValue"] == "b"
    assert (one["eventSource"], one["eventSourceARN"]) == ("aws:sqs", QUEUE)
    assert one["attributes"]["ApproximateReceiveCount"] == "1"
    assert _waiting(still, url) == (0, 3)
    _end(still, first)
    assert _waiting(still, url) == (0, 1)
    _end(still, second)
    assert _waiting(still, url) == (0, 0)


def test_what_a_function_fails_at_comes_back_after_its_timeout_and_ends_in_the_dead_letter_queue(
    still: House,
) -> None:
    make(still.client, "", *READ)
    dead = _queue(still, "dead")
    redrive = {"deadLetterTargetArn": QUEUE.replace("jobs", "dead"), "maxReceiveCount": "2"}
    url = _queue(still, VisibilityTimeout="30", RedrivePolicy=json.dumps(redrive))
    _mapped(still)
    still.client("sqs").send_message(QueueUrl=url, MessageBody="hard")
    (record,) = _asked(still)
    _end(still, record, error="ValueError")
    assert _asked(still) == []
    _advance(still, seconds=29)
    assert _asked(still) == []
    _advance(still, seconds=2)
    (record,) = _asked(still)
    assert json.loads(record["event"])["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"
    _end(still, record, error="ValueError")
    _advance(still, seconds=31)
    assert _asked(still) == []
    assert (_waiting(still, url), _waiting(still, dead)) == ((0, 0), (1, 0))


@pytest.mark.parametrize(
    ("answer", "left"),
    [(None, 0), ({"batchItemFailures": []}, 0), ("second", 1), ({"batchItemFailures": [{"x": 1}]}, 2)],
    ids=["nothing", "none", "one", "nonsense"],
)
def test_a_function_can_report_which_messages_of_a_batch_have_failed(
    still: House, answer: Any, left: int
) -> None:
    make(still.client, "", *READ)
    url = _queue(still)
    _mapped(still, FunctionResponseTypes=["ReportBatchItemFailures"])
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(2)]
    still.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    (record,) = _asked(still)
    if answer == "second":
        answer = {"batchItemFailures": [{"itemIdentifier": record["handles"][1][0]}]}
    _end(still, record, payload=answer)
    assert _waiting(still, url) == (0, left)


def test_a_mapping_filters_waits_for_its_window_and_can_be_switched_off(still: House) -> None:
    make(still.client, "", *READ)
    url, sqs = _queue(still), still.client("sqs")
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["wanted"]}})}]}
    mapping = _mapped(still, FilterCriteria=criteria, MaximumBatchingWindowInSeconds=5)
    for kind in ("wanted", "other"):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"kind": kind}))
    assert _asked(still) == []
    _advance(still, seconds=6)
    (record,) = _asked(still)
    assert [json.loads(each["body"]) for each in json.loads(record["event"])["Records"]] == [
        {"kind": "wanted"}
    ]
    assert _waiting(still, url) == (0, 1)
    still.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    _end(still, record)
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"kind": "wanted"}))
    _advance(still, seconds=6)
    assert _asked(still) == []
    still.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    assert len(_asked(still)) == 1


def test_messages_that_were_there_before_and_delayed_ones_are_read(still: House) -> None:
    make(still.client, "", *READ)
    url, sqs = _queue(still), still.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="early")
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=60)
    _mapped(still)
    (record,) = _asked(still)
    _end(still, record)
    _advance(still, seconds=59)
    assert _asked(still) == []
    _advance(still, seconds=2)
    assert len(_asked(still)) == 1


def test_a_mapping_runs_so_many_batches_at_once(still: House) -> None:
    make(still.client, "", *READ)
    url = _queue(still)
    _mapped(still, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(3)]
    still.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    assert len(_asked(still)) == 2
    assert _waiting(still, url) == (1, 2)
    _end(still, _asked(still)[0])
    assert len(_asked(still)) == 2
    assert _waiting(still, url) == (0, 2)


def test_a_queue_is_read_as_the_role_and_again_once_it_may_be(still: House) -> None:
    make(still.client, "", *READ)
    url = _queue(still)
    _mapped(still)
    iam = still.client("iam")
    iam.delete_role_policy(RoleName="role-of-f", PolicyName="p")
    still.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    assert _asked(still) == []
    assert _waiting(still, url) == (1, 0)
    document = policy(statement(list(READ), "*"))
    iam.put_role_policy(RoleName="role-of-f", PolicyName="p", PolicyDocument=document)
    _advance(still, minutes=1)
    assert len(_asked(still)) == 1


# -- EventBridge -------------------------------------------------------------------------------------------


def _rule(house: House, *targets: dict[str, Any], **rule: Any) -> None:
    events = house.client("events")
    events.put_rule(Name="tick", **rule)
    events.put_targets(Rule="tick", Targets=[{"Id": str(n), **each} for n, each in enumerate(targets)])


def test_a_rule_runs_at_its_rate_for_as_long_as_it_is_enabled(still: House) -> None:
    make(still.client)
    admit(still.client, "events", RULE)
    _rule(still, {"Arn": FUNCTION}, ScheduleExpression="rate(5 minutes)")
    began = still.state.clock.now()
    _advance(still, hours=1)
    events = _events(still)
    assert len(events) == 12
    assert events[0]["detail-type"] == "Scheduled Event"
    assert events[0]["resources"] == [RULE]
    assert events[0]["time"] == f"{began + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}Z"
    still.client("events").disable_rule(Name="tick")
    _advance(still, hours=1)
    assert len(_asked(still)) == 12
    still.client("events").enable_rule(Name="tick")
    _advance(still, minutes=6)
    assert len(_asked(still)) == 13


def test_a_rule_that_is_due_says_whom_it_does_not_reach(still: House) -> None:
    make(still.client)
    _rule(still, {"Arn": FUNCTION}, ScheduleExpression="rate(1 hour)")
    with still.state.lock:
        (happened,) = still.state.settle_until(still.state.clock.now() + timedelta(minutes=61))
    assert happened.text.startswith("rule tick runs (Nothing is delivered from arn:aws:events:")
    assert _asked(still) == []


def test_a_rule_with_a_cron_expression_runs_at_its_hours(still: House) -> None:
    make(still.client)
    admit(still.client, "events", RULE)
    given = {"Arn": FUNCTION, "Input": json.dumps({"job": "clean"})}
    _rule(still, given, ScheduleExpression="cron(30 6,18 * * ? *)")
    _advance(still, days=2)
    assert _events(still) == [{"job": "clean"}] * 4
    assert {each["since"][11:19] for each in _asked(still)} == {"06:30:00", "18:30:00"}


def test_a_rule_reaches_functions_queues_and_topics_that_let_it_in(still: House) -> None:
    make(still.client)
    admit(still.client, "events", RULE)
    bound = {"ArnEquals": {"aws:SourceArn": RULE}}
    service: dict[str, Any] = {"Principal": {"Service": "events.amazonaws.com"}, "Condition": bound}
    url = _queue(still, Policy=policy(statement("sqs:SendMessage", QUEUE, **service)))
    other = _queue(still, "other")
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
    assert _events(still) == [{"who": 'o"k'}]
    body = still.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"]
    assert json.loads(body) == {"name": 'o"k'}
    assert _waiting(still, other) == (0, 0)


# -- asynchronous ------------------------------------------------------------------------------------------


def test_a_failed_event_is_tried_twice_more_and_then_reported(still: House) -> None:
    make(still.client, "", "sqs:SendMessage")
    url = _queue(still)
    failing = {"OnFailure": {"Destination": QUEUE}}
    invoke = still.client("lambda")
    invoke.put_function_event_invoke_config(FunctionName="f", DestinationConfig=failing)
    answer = invoke.invoke(FunctionName="f", InvocationType="Event", Payload=b'{"a": 1}')
    assert answer["StatusCode"] == 202
    for wait in (60, 120, None):
        (record,) = _asked(still)
        assert json.loads(record["event"]) == {"a": 1}
        _end(still, record, error="ValueError", payload={"errorType": "ValueError"})
        if wait is not None:
            _advance(still, seconds=wait - 1)
            assert _asked(still) == []
            _advance(still, seconds=2)
    _advance(still, hours=1)
    assert _asked(still) == []
    told = json.loads(still.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"])
    assert told["requestContext"]["condition"] == "RetriesExhausted"
    assert told["requestContext"]["approximateInvokeCount"] == 3
    assert (told["requestPayload"], told["responsePayload"]) == ({"a": 1}, {"errorType": "ValueError"})


def test_a_success_is_reported_and_fewer_attempts_can_be_asked_for(still: House) -> None:
    make(still.client, "", "sqs:SendMessage", DeadLetterConfig={"TargetArn": QUEUE})
    url, sqs = _queue(still), still.client("sqs")
    lambda_ = still.client("lambda")
    lambda_.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=1)
    lambda_.put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=0, DestinationConfig={"OnSuccess": {"Destination": QUEUE}}
    )
    for error in ("", "ValueError"):
        lambda_.invoke(FunctionName="f", InvocationType="Event", Payload=b"[7]")
        _end(still, _asked(still)[0], error=error, payload="done")
        assert _asked(still) == []
    success, letter = (
        json.loads(each["Body"])
        for each in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=2)["Messages"]
    )
    assert (success["requestContext"]["condition"], success["responsePayload"]) == ("Success", "done")
    assert letter == [7]


def test_nothing_ends_that_has_not_begun(still: House) -> None:
    make(still.client)
    with pytest.raises(SandboxError, match="Nothing of that name runs"):
        _end(still, {"id": "made-up"})


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
    assert _asked(still) == []
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
    assert [each["function"].rpartition(":")[2] for each in _asked(still)] == ["1", "live", "live"]


def test_a_role_that_trusts_lambda_no_more_gives_no_session(still: House) -> None:
    from labs.sandbox.functions.roles import session_of

    make(still.client)
    assert session_of(FUNCTION).principal.arn.endswith("assumed-role/role-of-f/f")
    document = trust({"Service": "ec2.amazonaws.com"})
    still.client("iam").update_assume_role_policy(RoleName="role-of-f", PolicyDocument=document)
    with pytest.raises(SandboxError, match="cannot be assumed"):
        session_of(FUNCTION)
