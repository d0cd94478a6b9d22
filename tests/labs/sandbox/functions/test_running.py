"""Functions run in a world of its own process: as their role, warm or cold, in time, and never again."""

from __future__ import annotations

import base64
import json
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from labs.sandbox import Nursery, World
from tests.labs.sandbox.functions.making import FUNCTION, QUEUE, admit, archive, call, log_of, make
from tests.labs.sandbox.houses import ACCOUNT, code, trust

COUNTING = """
import os
runs = 0
def handler(event, context):
    global runs
    runs += 1
    print("run", runs, event)
    return [runs, os.getpid()]
"""
PATIENCE = 20.0  # seconds


def _counting(world: World, *actions: str, **settings: Any) -> str:
    return make(world.client, COUNTING, "logs:*", *actions, **settings)


def _run(world: World) -> list[int]:
    answer, fault = call(world.client)
    assert fault is None, answer
    return list(answer)


def _notes(world: World) -> list[str]:
    """Which rules the last event told of."""
    return [each.rule for each in world.events()[-1].explanations]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before the opening, or before the reading
        return False


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_function_stays_warm_until_it_is_changed(world: World) -> None:
    _counting(world)
    runs, first = _run(world)
    assert (runs, _notes(world)) == (1, ["lambda.cold-start"])
    assert _run(world) == [2, first]
    assert _notes(world) == []
    lambda_ = world.client("lambda")
    lambda_.update_function_configuration(FunctionName="f", Environment={"Variables": {"A": "1"}})
    runs, second = _run(world)
    assert runs == 1
    lambda_.update_function_code(FunctionName="f", ZipFile=archive(COUNTING + "# changed"))
    assert _run(world)[0] == 1
    world.advance(minutes=11)
    runs, fourth = _run(world)
    assert (runs, _notes(world)) == (1, ["lambda.cold-start"])
    _wait_until(lambda: not _lives(first))
    world.close()
    _wait_until(lambda: not any(map(_lives, (second, fourth))))


def test_the_log_tells_of_each_invocation(world: World) -> None:
    _counting(world)
    answers = [
        world.client("lambda").invoke(FunctionName="f", LogType="Tail", Payload=b'{"a": 1}') for _ in range(2)
    ]
    cold, warm = (base64.b64decode(each["LogResult"]).decode() for each in answers)
    request = answers[0]["ResponseMetadata"]["RequestId"]
    report = (
        rf"START RequestId: {request} Version: \$LATEST\nrun 1 {{'a': 1}}\nEND RequestId: {request}\n"
        rf"REPORT RequestId: {request}\tDuration: [\d.]+ ms\tBilled Duration: (\d+) ms\tMemory Size: 128 MB\t"
        r"Max Memory Used: (\d+) MB\tInit Duration: ([\d.]+) ms\t\n"
    )
    found = re.fullmatch(report, cold)
    assert found, cold
    assert int(found[1]) >= float(found[3])
    assert 1 <= int(found[2]) <= 128
    assert "Init Duration" not in warm
    assert log_of(world.client) == (cold + warm).splitlines()
    assert answers[0]["ExecutedVersion"] == "$LATEST"


def test_the_log_is_lost_where_the_role_does_not_permit_it(world: World) -> None:
    make(world.client)
    assert call(world.client, {"a": 1}) == ({"a": 1}, None)
    assert log_of(world.client) == []
    lost = world.events()[-1]
    if lost.service == "logs":  # the look at the log is an event too
        lost = world.events()[-2]
    assert [each.effect for each in lost.explanations] == ["noted", "dropped"]
    assert "logs:CreateLogGroup" in lost.explanations[1].text


def test_a_failure_is_an_answer_and_stands_in_the_log(world: World) -> None:
    make(world.client, "def handler(event, context): raise ValueError('no ' + event['a'])", "logs:*")
    answer, fault = call(world.client, {"a": "way"})
    assert fault == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "no way")
    assert answer["stackTrace"][0].startswith('  File "/var/task/app.py", line 1, in handler\n')
    assert _notes(world) == ["lambda.cold-start", "lambda.function-error"]
    assert any(each.startswith("[ERROR] ValueError: no way\nTraceback") for each in log_of(world.client))


def test_a_function_that_takes_too_long_is_ended(world: World) -> None:
    make(world.client, "import time\ndef handler(event, context): time.sleep(60)", "logs:*", Timeout=1)
    answer, fault = call(world.client)
    assert (fault, answer["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert answer["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert any(each.endswith("Task timed out after 1.00 seconds") for each in log_of(world.client))


def test_a_function_acts_as_its_role_and_a_change_of_it_counts_at_once(world: World) -> None:
    source = """
import boto3
sts, sqs = boto3.client("sts"), boto3.client("sqs")
def handler(event, context):
    try:
        sqs.create_queue(QueueName="made")
    except sqs.exceptions.ClientError as refused:
        return refused.response["Error"]["Code"]
    return sts.get_caller_identity()["Arn"]
"""
    make(world.client, source, Timeout=20)
    assert call(world.client) == ("AccessDenied", None)
    document = {"Effect": "Allow", "Action": "sqs:CreateQueue", "Resource": "*"}
    world.client("iam").put_role_policy(
        RoleName="role-of-f",
        PolicyName="q",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": document}),
    )
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/role-of-f/f"
    assert call(world.client) == (session, None)
    assert {each.principal for each in world.events() if each.operation == "CreateQueue"} == {session}
    assert "made" in world.client("sqs").list_queues()["QueueUrls"][0]
    # What a function does is undone with what led to it.
    world.rewind()
    assert "QueueUrls" not in world.client("sqs").list_queues()


def test_a_role_that_trusts_lambda_no_more_runs_nothing(world: World) -> None:
    _counting(world)
    world.client("iam").update_assume_role_policy(
        RoleName="role-of-f", PolicyDocument=trust({"Service": "ec2.amazonaws.com"})
    )
    assert code(world.client("lambda").invoke, FunctionName="f") == "AccessDeniedException"


def test_the_clock_stands_still_for_a_schedule_on_its_way(world: World) -> None:
    _counting(world)
    rule = world.client("events").put_rule(Name="tick", ScheduleExpression="rate(5 minutes)")["RuleArn"]
    world.client("events").put_targets(Rule="tick", Targets=[{"Id": "1", "Arn": FUNCTION}])
    admit(world.client, "events", rule)
    before = len(world.history())
    advance = world.advance(hours=1)
    assert (advance.now - advance.before).total_seconds() == pytest.approx(3600)
    assert [each.text for each in advance.happened if each.kind == "events.schedule"] == [
        "rule tick runs"
    ] * 12
    ran = [each for each in world.events() if each.principal == "events.amazonaws.com"]
    assert len(ran) == 12
    moments = [each.moment for each in advance.happened if each.kind == "events.schedule"]
    assert [each.time[:16] for each in ran] == [f"{each:%Y-%m-%dT%H:%M}" for each in moments]
    assert sum(each.startswith("run ") for each in log_of(world.client)) == 12
    # All of it is one change, for whoever takes it back.
    assert sum(each.counts for each in world.history()[before:]) == 1
    world.rewind()
    assert log_of(world.client) == []
    assert world.clock().now < advance.now


def test_what_has_run_is_not_run_again(world: World, nursery: Nursery, tmp_path: Path) -> None:
    """Neither by a restart, nor in a fork, nor in a rewind; and no process is shared."""
    trace = tmp_path / "trace"
    source = f"""
import os
def handler(event, context):
    with open({str(trace)!r}, "a") as file:
        print(os.getpid(), file=file)
    return os.getpid()
"""
    with nursery.world(seed=3, journal=tmp_path / "journal") as first:
        make(first.client, source, "logs:*")
        first.checkpoint("made")
        pid, _ = call(first.client)
        first.client("lambda").invoke(FunctionName="f", InvocationType="Event")
        first.advance(seconds=0)
        log = log_of(first.client)
        assert trace.read_text("utf-8").split() == [str(pid)] * 2
        with first.fork(nursery) as copy:
            assert log_of(copy.client) == log
            assert trace.read_text("utf-8").split() == [str(pid)] * 2
            other, _ = call(copy.client)
            assert other != pid
    with nursery.world(seed=3, journal=tmp_path / "journal") as again:
        assert log_of(again.client) == log
        again.rewind(to="made")
        assert log_of(again.client) == []
        assert len(trace.read_text("utf-8").split()) == 3
        later, _ = call(again.client)
        again.rewind()
        _wait_until(lambda: not _lives(later))
        assert call(again.client)[0] != later


def test_an_event_that_was_accepted_is_not_lost_with_the_process(nursery: Nursery, tmp_path: Path) -> None:
    """The process is killed while the function runs: the next one runs it."""
    first = nursery.world(seed=3, journal=tmp_path / "journal")
    started = tmp_path / "started"
    source = f"""
import pathlib, time
def handler(event, context):
    started = pathlib.Path({str(started)!r})
    if not started.exists():
        started.touch()
        time.sleep(60)
    print("done")
"""
    make(first.client, source, "logs:*", Timeout=60)
    first.client("lambda").invoke(FunctionName="f", InvocationType="Event")
    _wait_until(started.exists)
    os.kill(first.connection.pid, 9)
    with nursery.world(seed=3, journal=tmp_path / "journal") as again:
        again.advance(seconds=0)
        assert "done" in log_of(again.client)


def test_a_queue_has_a_function_run_and_its_messages_deleted(world: World) -> None:
    _counting(world, "sqs:*")
    url = world.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    world.client("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=QUEUE)
    for number in range(3):
        world.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    world.advance(seconds=0)
    told = world.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert told["ApproximateNumberOfMessages"] == told["ApproximateNumberOfMessagesNotVisible"] == "0"
    bodies = re.findall(r"'body': '(\d)'", "".join(log_of(world.client)))
    assert sorted(bodies) == ["0", "1", "2"]


def test_as_many_run_at_once_as_may(world: World, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    source = f"""
import os, time
def handler(event, context):
    print("in", flush=True)
    open({str(tmp_path)!r} + "/" + context.aws_request_id, "w").close()
    while not os.path.exists({str(gate)!r}):
        time.sleep(0.01)
"""
    make(world.client, source, Timeout=60)
    lambda_ = world.client("lambda")
    lambda_.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(call, world.client)
        _wait_until(lambda: any(tmp_path.iterdir()))
        refused = world.session().client("lambda", config=_once())
        assert code(refused.invoke, FunctionName="f") == "TooManyRequestsException"
        gate.touch()
        assert first.result() == (None, None)


def test_a_function_that_may_not_run_at_all_holds_nothing_up(world: World) -> None:
    _counting(world)
    world.client("lambda").put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    world.client("lambda").invoke(FunctionName="f", InvocationType="Event")
    world.advance(minutes=1)
    assert log_of(world.client) == []
    world.client("lambda").delete_function_concurrency(FunctionName="f")
    world.client("lambda").invoke(FunctionName="f", InvocationType="Event")
    _wait_until(lambda: sum(each.startswith("run ") for each in log_of(world.client)) == 2)


def _once() -> Any:
    from botocore.config import Config

    return Config(retries={"total_max_attempts": 1})


@pytest.mark.parametrize("way", ["bucket", "queue"])
def test_a_function_that_sets_itself_off_is_stopped(world: World, way: str) -> None:
    source = """
import boto3, os
way = os.environ["WAY"]
client = boto3.client("sqs" if way == "queue" else "s3")
def handler(event, context):
    print("again")
    if way == "queue":
        url = client.get_queue_url(QueueName="jobs")["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody="more")
    else:
        client.put_object(Bucket="loop", Key=context.aws_request_id, Body=b"")
"""
    ways = {"Variables": {"WAY": way}}
    make(world.client, source, "logs:*", "s3:*", "sqs:*", Timeout=20, Environment=ways)
    s3, sqs = world.client("s3"), world.client("sqs")
    if way == "queue":
        url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
        world.client("lambda").create_event_source_mapping(FunctionName="f", EventSourceArn=QUEUE)
        sqs.send_message(QueueUrl=url, MessageBody="first")
    else:
        s3.create_bucket(Bucket="loop")
        admit(world.client, "s3", "arn:aws:s3:::loop")
        wanted = {"LambdaFunctionArn": FUNCTION, "Events": ["s3:ObjectCreated:*"]}
        s3.put_bucket_notification_configuration(
            Bucket="loop", NotificationConfiguration={"LambdaFunctionConfigurations": [wanted]}
        )
        s3.put_object(Bucket="loop", Key="first", Body=b"")
    world.advance(seconds=0)
    assert log_of(world.client).count("again") == 16
    told = {each.rule for event in world.events() for each in event.explanations}
    assert ("lambda.recursive-loop" in told) == (way == "bucket")


def test_a_rewind_ends_a_function_in_the_middle(world: World, tmp_path: Path) -> None:
    started = tmp_path / "started"
    source = f"""
import os, pathlib, time
def handler(event, context):
    pathlib.Path({str(started)!r}).write_text(str(os.getpid()))
    time.sleep(60)
"""
    make(world.client, source, Timeout=60)
    world.checkpoint("made")
    world.client("lambda").invoke(FunctionName="f", InvocationType="Event")
    _wait_until(lambda: started.exists() and bool(started.read_text("utf-8")))
    pid = int(started.read_text("utf-8"))
    world.rewind(to="made")
    _wait_until(lambda: not _lives(pid))
    assert world.advance(seconds=0).happened == ()


def test_code_that_cannot_be_unpacked_is_a_failure_of_the_function(world: World) -> None:
    world.client("s3").create_bucket(Bucket="code")
    world.client("s3").put_object(Bucket="code", Key="f.zip", Body=b"no archive")
    make(world.client, Code={"S3Bucket": "code", "S3Key": "f.zip"})
    answer, fault = call(world.client)
    assert (fault, answer["errorType"]) == ("Unhandled", "Runtime.InvalidZipFileException")


def test_a_layer_and_code_in_a_bucket_are_found(world: World) -> None:
    s3, lambda_ = world.client("s3"), world.client("lambda")
    s3.create_bucket(Bucket="code")
    layer = archive(**{"python/helper": "def greet(): return 'from the layer'"})
    version = lambda_.publish_layer_version(LayerName="l", Content={"ZipFile": layer})["LayerVersionArn"]
    source = "import helper\ndef handler(event, context): return helper.greet()"
    s3.put_object(Bucket="code", Key="f.zip", Body=archive(source))
    make(world.client, Code={"S3Bucket": "code", "S3Key": "f.zip"}, Layers=[version])
    assert call(world.client) == ("from the layer", None)


def test_the_bill_counts_what_a_function_ran(world: World) -> None:
    _counting(world, MemorySize=256)
    _run(world)
    world.client("lambda").invoke(FunctionName="f", InvocationType="Event")
    world.advance(seconds=0)
    lines = {line.usage_type: line for line in world.bill().bill.lines if line.meter == "lambda"}
    reports = re.findall(r"Billed Duration: (\d+) ms", "".join(log_of(world.client)))
    assert len(reports) == 2
    assert lines["Request"].quantity == 2
    assert lines["Lambda-GB-Second"].quantity == Decimal(sum(map(int, reports))) * 256 / 1024 / 1000


def test_what_ran_in_a_preparation_is_there_again_after_a_reset(nursery: Nursery) -> None:
    def prepare(world: World) -> None:
        _counting(world)
        assert _run(world)[0] == 1

    with nursery.world(seed=4, prepare=prepare) as world:
        log = log_of(world.client)
        assert log[1] == "run 1 {}"
        assert _run(world)[0] == 2
        world.reset()
        assert log_of(world.client) == log
        assert _run(world)[0] == 1


def test_a_hidden_world_runs_no_functions(nursery: Nursery) -> None:
    with nursery.world(seed=4, functions=False) as world:
        make(world.client)
        answer, fault = call(world.client)
        assert (fault, answer["errorMessage"]) == ("Unhandled", "Functions do not run in this world.")


def test_only_python_runs_here(world: World) -> None:
    make(world.client, Runtime="nodejs20.x")
    answer, fault = call(world.client)
    assert fault == "Unhandled"
    assert "Python functions only" in answer["errorMessage"]
