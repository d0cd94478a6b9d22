"""What requests count. The rules are those of the pricing pages of S3, SQS, SNS and DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs.aws.billing.money import times
from labs.sandbox.metering.dimensions import DIMENSIONS, kind_of
from labs.sandbox.metering.periods import Thing
from labs.sandbox.metering.spending import spending
from tests.labs.sandbox.houses import ACCOUNT, House
from tests.labs.sandbox.metering.clocks import DAY, HOUR, START, at, bill_at, quantities

GIB = 2**30
MONTH_HOURS = 744


@pytest.fixture(autouse=True)
def _clock(house: House) -> Iterator[None]:
    with at(house, START):
        yield


def gb_out(*sizes: int) -> Decimal:
    return Decimal(sum(sizes)) / GIB


def test_s3_counts_requests_by_operation_and_deletes_cost_nothing(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_object(Bucket="things", Key="k", Body=b"0123456789")
    s3.copy_object(Bucket="things", Key="l", CopySource="things/k")
    s3.get_object(Bucket="things", Key="k")["Body"].read()
    s3.head_object(Bucket="things", Key="k")
    s3.list_objects_v2(Bucket="things")
    s3.delete_object(Bucket="things", Key="k")
    with pytest.raises(ClientError):
        s3.get_object(Bucket="things", Key="nothing")

    found = quantities(house)

    for operation in ("CreateBucket", "PutObject", "CopyObject", "ListObjectsV2"):
        assert found["Requests-Tier1", operation] == 1
    assert found["Requests-Tier2", "GetObject"] == 2  # the one for what is not there as well
    assert found["Requests-Tier2", "HeadObject"] == 1
    assert found["Requests-NoCharge", "DeleteObject"] == 1
    cost = {line.where.operation: line.cost for line in bill_at(house, START + DAY).lines}
    assert (cost["DeleteObject"], cost["PutObject"]) == (Decimal(0), Decimal("0.000005"))
    assert cost["HeadObject"] == Decimal("0.0000004")


def test_every_part_of_a_multipart_upload_is_a_put(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="things")
    upload = s3.create_multipart_upload(Bucket="things", Key="k")["UploadId"]
    parts = []
    for number, size in ((1, 5 << 20), (2, 10)):
        named = {"Bucket": "things", "Key": "k", "UploadId": upload, "PartNumber": number}
        parts.append({"PartNumber": number, "ETag": s3.upload_part(**named, Body=b"x" * size)["ETag"]})
    s3.complete_multipart_upload(Bucket="things", Key="k", UploadId=upload, MultipartUpload={"Parts": parts})

    found = quantities(house)

    assert found["Requests-Tier1", "UploadPart"] == 2
    assert found["Requests-Tier1", "CreateMultipartUpload"] == 1
    assert found["Requests-Tier1", "CompleteMultipartUpload"] == 1
    assert dict(house.state.metering.stores.levels()) == {_bucket("things"): (5 << 20) + 10}


def test_s3_stores_bytes_for_as_long_as_they_are_there(house: House) -> None:
    """Byte-hours, all versions of an object among them: 3 MB for an hour, then 2 MB, then 1 MB."""
    s3 = house.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_bucket_versioning(Bucket="things", VersioningConfiguration={"Status": "Enabled"})
    mb = b"x" * 1_000_000
    first = s3.put_object(Bucket="things", Key="k", Body=mb)["VersionId"]
    s3.put_object(Bucket="things", Key="k", Body=mb)
    s3.put_object(Bucket="things", Key="l", Body=mb)
    with at(house, START + HOUR):
        s3.delete_object(Bucket="things", Key="k", VersionId=first)
    with at(house, START + 2 * HOUR):
        s3.delete_object(Bucket="things", Key="l")  # which only hides it
        s3.delete_objects(
            Bucket="things",
            Delete={"Objects": [{"Key": "k", "VersionId": v} for v in _versions(s3, "k")]},
        )
    until = START + 4 * HOUR

    found = quantities(house, until)

    byte_hours = 1_000_000 * (3 + 2 + 1 + 1)
    stored = found["TimedStorage-ByteHrs", "StandardStorage"]
    assert times(stored, GIB * MONTH_HOURS).quantize(Decimal("0.01")) == byte_hours


def _versions(s3: Any, key: str) -> list[str]:
    found = s3.list_object_versions(Bucket="things", Prefix=key)["Versions"]
    return [each["VersionId"] for each in found]


def _bucket(name: str) -> Thing:
    return Thing("s3.storage", ACCOUNT, "us-east-1", name)


def test_bytes_that_leave_are_metered_and_those_to_an_instance_are_not(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_object(Bucket="things", Key="k", Body=b"x" * 5000)
    s3.get_object(Bucket="things", Key="k")["Body"].read()
    key, *_ = house.keys("admin")
    house.state.on_instance[key] = "i-0123"
    s3.get_object(Bucket="things", Key="k")["Body"].read()

    found = quantities(house)

    assert found["Requests-Tier2", "GetObject"] == 2
    assert found["DataTransfer-Out-Bytes", "GetObject"] == gb_out(5000)


def test_what_a_table_answers_leaves_too_and_is_dynamodb_s(house: House) -> None:
    dynamodb = house.client("dynamodb")
    _table(dynamodb)
    dynamodb.put_item(TableName="t", Item={"k": {"S": "a"}, "v": {"S": "x" * 5000}})
    dynamodb.get_item(TableName="t", Key={"k": {"S": "a"}})

    [line] = [
        each
        for each in bill_at(house, START + DAY).lines
        if (each.meter, each.where.operation) == ("transfer", "GetItem")
    ]

    assert line.resource == "t"
    assert times(line.quantity, GIB) > 5000
    assert DIMENSIONS["SERVICE"](kind_of(line, ACCOUNT)) == "Amazon DynamoDB"


def test_a_queue_counts_a_request_for_each_64_kb_and_empty_receives_too(house: House) -> None:
    sqs = house.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    fifo = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    sqs.receive_message(QueueUrl=url)
    sqs.send_message(QueueUrl=url, MessageBody="x" * 100_000)
    sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageGroupId="g", MessageDeduplicationId="d")
    entries = [{"Id": str(n), "MessageBody": "x" * 40_000} for n in range(2)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    sqs.receive_message(QueueUrl=url)
    with pytest.raises(ClientError):
        sqs.send_message(QueueUrl=f"{url}-gone", MessageBody="x")

    found = quantities(house)

    assert found["Requests-RBP", "ReceiveMessage"] == 1 + 2
    assert found["Requests-RBP", "SendMessage"] == 2
    assert found["Requests-RBP", "SendMessageBatch"] == 2
    assert found["Requests-FIFO-RBP", "SendMessage"] == 1


def test_a_topic_counts_what_is_published_and_mails(house: House) -> None:
    sns = house.client("sns")
    arn = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="a@example.com")
    sns.publish(TopicArn=arn, Message="x" * 70_000)
    batch = [{"Id": str(n), "Message": "x"} for n in range(3)]
    sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=batch)

    found = quantities(house)

    assert found["Requests-Tier1", "Publish"] == 2
    assert found["Requests-Tier1", "PublishBatch"] == 3
    assert found["DeliveryAttempts-SMTP", "Deliver"] == 4


def test_a_table_counts_units_by_the_sizes_of_items(house: House) -> None:
    dynamodb = house.client("dynamodb")
    _table(dynamodb)
    large = {"k": {"S": "a"}, "v": {"S": "x" * 5_000}}
    dynamodb.put_item(TableName="t", Item=large)  # 5,003 bytes: 5 units
    dynamodb.put_item(TableName="t", Item={"k": {"S": "b"}})  # 1
    dynamodb.update_item(  # the larger one of before and after: 5
        TableName="t", Key={"k": {"S": "a"}}, UpdateExpression="SET v = :v", **_value("y")
    )
    dynamodb.delete_item(TableName="t", Key={"k": {"S": "nothing"}})  # 1
    dynamodb.transact_write_items(  # twice 5
        TransactItems=[{"Put": {"TableName": "t", "Item": large}}]
    )
    dynamodb.batch_write_item(  # 1 and 1
        RequestItems={"t": [{"PutRequest": {"Item": {"k": {"S": n}}}} for n in ("c", "d")]}
    )
    with pytest.raises(ClientError):  # which has looked at the item: 5
        dynamodb.put_item(
            TableName="t", Item={"k": {"S": "a"}}, ConditionExpression="attribute_not_exists(k)"
        )
    dynamodb.get_item(TableName="t", Key={"k": {"S": "a"}})  # eventual, 5 KB: half of 2
    dynamodb.get_item(TableName="t", Key={"k": {"S": "b"}}, ConsistentRead=True)  # 1
    dynamodb.transact_get_items(  # twice 2
        TransactItems=[{"Get": {"TableName": "t", "Key": {"k": {"S": "a"}}}}]
    )
    dynamodb.scan(TableName="t")  # all of it, about 5 KB, eventual: half of 2

    found = quantities(house)

    writes = {name: amount for (usage, name), amount in found.items() if usage == "WriteRequestUnits"}
    reads = {name: amount for (usage, name), amount in found.items() if usage == "ReadRequestUnits"}
    assert writes == {
        "PutItem": 5 + 1 + 5,
        "UpdateItem": 5,
        "DeleteItem": 1,
        "TransactWriteItems": 10,
        "BatchWriteItem": 2,
    }
    assert reads == {"GetItem": 1 + 1, "TransactGetItems": 4, "Scan": 1}


def test_a_table_stores_what_its_items_weigh_and_100_bytes_for_each(house: House) -> None:
    dynamodb = house.client("dynamodb")
    _table(dynamodb)
    dynamodb.put_item(TableName="t", Item={"k": {"S": "a"}, "v": {"S": "x" * 897}})  # 900 + 100
    dynamodb.put_item(TableName="t", Item={"k": {"S": "b"}})
    dynamodb.delete_item(TableName="t", Key={"k": {"S": "b"}})
    [(_, held)] = house.state.metering.stores.levels()
    assert held == 1000
    with at(house, START + HOUR):
        dynamodb.delete_table(TableName="t")

    stored = quantities(house)["TimedStorage-ByteHrs", "StandardStorage"]

    assert times(stored, GIB * MONTH_HOURS).quantize(Decimal("0.01")) == 1000


def _table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="t",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _value(text: str) -> dict[str, Any]:
    return {"ExpressionAttributeValues": {":v": {"S": text}}}


def test_what_iam_refuses_costs_nobody_anything(house: House) -> None:
    house.user("eve")
    house.client("s3").create_bucket(Bucket="things")
    with pytest.raises(ClientError):
        house.client("s3", "eve").get_object(Bucket="things", Key="k")

    assert set(quantities(house)) == {("Requests-Tier1", "CreateBucket")}


def test_requests_of_one_hour_are_one_sum_however_many_they_are(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="things")
    for number in range(30):
        s3.put_object(Bucket="things", Key=str(number), Body=b"")

    assert len(list(house.state.metering.counts.all())) == 2


def test_storage_of_another_class_is_not_billed_as_standard_but_named(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_object(Bucket="things", Key="k", Body=b"x" * 1000, StorageClass="STANDARD_IA")

    spent = spending(house.state.metering, ACCOUNT, START + DAY)

    assert spent.unpriced == ("Timed-STANDARD_IA-Storage-ByteHrs in us-east-1",)
    assert {line.meter for line in spent.bill.lines} == {"s3.request"}
