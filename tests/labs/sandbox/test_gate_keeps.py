"""What the gate keeps of a call: the journal, the ids, the time, the bodies; and what it does not hold up."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labs.sandbox import moto_setup, principals
from labs.sandbox.gate import Gate
from labs.sandbox.journal import JournalEntry
from labs.sandbox.principals import Credential
from labs.sandbox.raw import RawRequest
from labs.sandbox.state import WorldState
from tests.labs.sandbox.houses import House, denied

# -- what is kept ----------------------------------------------------------------------------------------


@pytest.fixture
def entries(house: House, monkeypatch: pytest.MonkeyPatch) -> list[JournalEntry]:
    kept: list[JournalEntry] = []
    monkeypatch.setattr(house.state.journal, "append", kept.append)
    return kept


def test_the_journal_holds_accepted_changes_and_nothing_else(
    house: House, entries: list[JournalEntry]
) -> None:
    house.user("ann")
    s3, ann = house.client("s3"), house.client("s3", "ann")
    before = len(entries)
    s3.create_bucket(Bucket="basket")
    s3.list_buckets()
    denied(ann.create_bucket, Bucket="other")
    denied(s3.delete_bucket, Bucket="nothing")
    s3.put_object(Bucket="basket", Key="k", Body=b"x")
    kept = entries[before:]
    assert [entry.change.method for entry in kept if isinstance(entry.change, RawRequest)] == ["PUT", "PUT"]
    assert kept[0].number < kept[1].number


def test_the_answer_waits_for_the_journal(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: JournalEntry) -> None:
        raise OSError("No space left on device")

    s3 = house.client("s3")
    monkeypatch.setattr(house.state.journal, "append", full)
    assert denied(s3.create_bucket, Bucket="basket")[:2] == ("InternalError", 500)


def test_ids_follow_from_seed_and_number_and_not_from_reads(in_process: Callable[[Any], Any]) -> None:
    def ids(reads: int) -> list[str]:
        moto_setup.reset_state(5, b"x")
        state = WorldState(seed=5)
        state.journal.mark()
        gate = Gate(state)
        house = House(gate, state, in_process(gate))
        ec2 = house.client("ec2")
        for _ in range(reads):
            ec2.describe_vpcs()
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for _ in range(reads):
            ec2.describe_subnets()
        user = house.client("iam").create_user(UserName="ann")["User"]["UserId"]
        return [vpc, user]

    assert ids(0) == ids(3)


def test_a_long_poll_does_not_hold_up_the_world(house: House) -> None:
    sqs = house.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    received: list[Any] = []

    def receive() -> None:
        received.extend(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10).get("Messages", []))

    other = house.client("sqs")
    thread = threading.Thread(target=receive)
    begun = time.monotonic()
    thread.start()
    time.sleep(0.2)
    other.list_queues()
    other.send_message(QueueUrl=url, MessageBody="hello")
    thread.join(8)
    assert [message["Body"] for message in received] == ["hello"]
    assert time.monotonic() - begun < 5


def test_a_long_poll_ends_when_its_time_is_up(house: House, entries: list[JournalEntry]) -> None:
    sqs = house.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"ReceiveMessageWaitTimeSeconds": "1"})["QueueUrl"]
    before, begun = len(entries), time.monotonic()
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    assert 0.9 < time.monotonic() - begun < 3
    assert len(entries) == before


def test_a_skewed_clock_is_refused(house: House) -> None:
    sts = house.client("sts")
    with house.state.clock.at(datetime.now(UTC) + timedelta(minutes=20)):
        code, _, message = denied(sts.get_caller_identity)
    assert code == "SignatureDoesNotMatch"
    assert message.startswith("Signature expired:")


# -- bodies ----------------------------------------------------------------------------------------------


def test_a_streamed_upload_with_a_trailing_checksum_is_stored_whole(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="basket")
    data = b"line\r\n" * 50_000
    s3.put_object(Bucket="basket", Key="k", Body=io.BytesIO(data), ChecksumAlgorithm="SHA256")
    got = s3.get_object(Bucket="basket", Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == data
    assert got["ChecksumSHA256"]


def test_a_credential_prints_no_secret() -> None:
    key = principals.root_credential()
    assert isinstance(key, Credential)
    assert key.secret not in repr(key)
