"""Queues that have a function run: in batches, again after a failure, and as its role permits.

Nothing runs here: the tests look at what would be run.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.labs.sandbox.functions.making import QUEUE, make
from tests.labs.sandbox.functions.standing import advance, asked, end, queue, waiting
from tests.labs.sandbox.houses import House, policy, statement

READ = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def _mapped(house: House, **more: Any) -> str:
    made = house.client("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=QUEUE, **more)
    return str(made["UUID"])


def test_a_queue_gives_its_messages_to_a_function_in_batches(still: House) -> None:
    make(still.client, "", *READ)
    url, sqs = queue(still), still.client("sqs")
    _mapped(still, BatchSize=2)
    entries: list[dict[str, Any]] = [{"Id": str(number), "MessageBody": f"m{number}"} for number in range(3)]
    entries[0]["MessageAttributes"] = {"a": {"DataType": "String", "StringValue": "b"}}
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    first, second = asked(still)
    one, two = json.loads(first["event"])["Records"]
    assert (one["body"], two["body"]) == ("m0", "m1")
    assert one["messageAttributes"]["a"]["stringValue"] == "b"
    assert (one["eventSource"], one["eventSourceARN"]) == ("aws:sqs", QUEUE)
    assert one["attributes"]["ApproximateReceiveCount"] == "1"
    assert waiting(still, url) == (0, 3)
    end(still, first)
    assert waiting(still, url) == (0, 1)
    end(still, second)
    assert waiting(still, url) == (0, 0)


def test_what_a_function_fails_at_comes_back_after_its_timeout_and_ends_in_the_dead_letter_queue(
    still: House,
) -> None:
    make(still.client, "", *READ)
    dead = queue(still, "dead")
    redrive = {"deadLetterTargetArn": QUEUE.replace("jobs", "dead"), "maxReceiveCount": "2"}
    url = queue(still, VisibilityTimeout="30", RedrivePolicy=json.dumps(redrive))
    _mapped(still)
    still.client("sqs").send_message(QueueUrl=url, MessageBody="hard")
    (record,) = asked(still)
    end(still, record, error="ValueError")
    assert asked(still) == []
    advance(still, seconds=29)
    assert asked(still) == []
    advance(still, seconds=2)
    (record,) = asked(still)
    assert json.loads(record["event"])["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"
    end(still, record, error="ValueError")
    advance(still, seconds=31)
    assert asked(still) == []
    assert (waiting(still, url), waiting(still, dead)) == ((0, 0), (1, 0))


@pytest.mark.parametrize(
    ("answer", "left"),
    [(None, 0), ({"batchItemFailures": []}, 0), ("second", 1), ({"batchItemFailures": [{"x": 1}]}, 2)],
    ids=["nothing", "none", "one", "nonsense"],
)
def test_a_function_can_report_which_messages_of_a_batch_have_failed(
    still: House, answer: Any, left: int
) -> None:
    make(still.client, "", *READ)
    url = queue(still)
    _mapped(still, FunctionResponseTypes=["ReportBatchItemFailures"])
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(2)]
    still.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    (record,) = asked(still)
    if answer == "second":
        answer = {"batchItemFailures": [{"itemIdentifier": record["handles"][1][0]}]}
    end(still, record, payload=answer)
    assert waiting(still, url) == (0, left)


def test_a_mapping_filters_waits_for_its_window_and_can_be_switched_off(still: House) -> None:
    make(still.client, "", *READ)
    url, sqs = queue(still), still.client("sqs")
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["wanted"]}})}]}
    mapping = _mapped(still, FilterCriteria=criteria, MaximumBatchingWindowInSeconds=5)
    for kind in ("wanted", "other"):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"kind": kind}))
    assert asked(still) == []
    advance(still, seconds=6)
    (record,) = asked(still)
    assert [json.loads(each["body"]) for each in json.loads(record["event"])["Records"]] == [
        {"kind": "wanted"}
    ]
    assert waiting(still, url) == (0, 1)
    still.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    end(still, record)
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"kind": "wanted"}))
    advance(still, seconds=6)
    assert asked(still) == []
    still.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    assert len(asked(still)) == 1


def test_messages_that_were_there_before_and_delayed_ones_are_read(still: House) -> None:
    make(still.client, "", *READ)
    url, sqs = queue(still), still.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="early")
    sqs.send_message(QueueUrl=url, MessageBody="late", DelaySeconds=60)
    _mapped(still)
    (record,) = asked(still)
    end(still, record)
    advance(still, seconds=59)
    assert asked(still) == []
    advance(still, seconds=2)
    assert len(asked(still)) == 1


def test_a_mapping_runs_so_many_batches_at_once(still: House) -> None:
    make(still.client, "", *READ)
    url = queue(still)
    _mapped(still, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(3)]
    still.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
    assert len(asked(still)) == 2
    assert waiting(still, url) == (1, 2)
    end(still, asked(still)[0])
    assert len(asked(still)) == 2
    assert waiting(still, url) == (0, 2)


def test_a_queue_is_read_as_the_role_and_again_once_it_may_be(still: House) -> None:
    make(still.client, "", *READ)
    url = queue(still)
    _mapped(still)
    iam = still.client("iam")
    iam.delete_role_policy(RoleName="role-of-f", PolicyName="p")
    still.client("sqs").send_message(QueueUrl=url, MessageBody="m")
    assert asked(still) == []
    assert waiting(still, url) == (1, 0)
    document = policy(statement(list(READ), "*"))
    iam.put_role_policy(RoleName="role-of-f", PolicyName="p", PolicyDocument=document)
    advance(still, minutes=1)
    assert len(asked(still)) == 1
