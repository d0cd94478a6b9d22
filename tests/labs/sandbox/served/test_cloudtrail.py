"""CloudTrail's event history.

Source: CloudTrail API Reference, "LookupEvents"; CloudTrail User Guide, "CloudTrail record contents for
management, data, and network activity events" and "CloudTrail userIdentity element".
"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labs.sandbox import Nursery, World
from tests.labs.sandbox.houses import ACCOUNT, House, code, statement

DEPLOY = f"arn:aws:iam::{ACCOUNT}:role/deploy"


def looked_up(house: House, key: str = "", value: str = "", **more: Any) -> list[dict[str, Any]]:
    if key:
        more["LookupAttributes"] = [{"AttributeKey": key, "AttributeValue": value}]
    events: list[dict[str, Any]] = house.client("cloudtrail").lookup_events(**more)["Events"]
    return events


def names(events: list[dict[str, Any]]) -> list[str]:
    return [each["EventName"] for each in events]


def record(event: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(event["CloudTrailEvent"])
    return told


def test_the_newest_call_comes_first_and_data_events_are_not_there(house: House) -> None:
    s3 = house.client("s3")
    s3.create_bucket(Bucket="basket")
    s3.put_object(Bucket="basket", Key="a", Body=b"x")
    s3.list_objects_v2(Bucket="basket")
    s3.put_public_access_block(Bucket="basket", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    queue = house.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    house.client("sqs").send_message(QueueUrl=queue, MessageBody="secret")

    events = looked_up(house)

    assert names(events) == ["CreateQueue", "PutBucketPublicAccessBlock", "CreateBucket"]
    assert "secret" not in json.dumps(events, default=str)
    assert names(looked_up(house))[0] == "LookupEvents"


def test_a_record_says_who_did_what_with_what(house: House) -> None:
    arn = house.user("ann", statement("s3:CreateBucket", "*"))
    ann = house.client("iam").get_user(UserName="ann")["User"]
    house.client("s3", "ann").create_bucket(Bucket="basket")

    (event,) = looked_up(house, "EventName", "CreateBucket")

    key = house.keys("ann")[0]
    assert event["Username"] == "ann"
    assert event["AccessKeyId"] == key
    assert event["EventSource"] == "s3.amazonaws.com"
    assert event["ReadOnly"] == "false"
    assert event["Resources"] == [{"ResourceType": "AWS::S3::Bucket", "ResourceName": "basket"}]
    told = record(event)
    assert told["userIdentity"] == {
        "type": "IAMUser",
        "principalId": ann["UserId"],
        "arn": arn,
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "userName": "ann",
    }
    assert told["requestParameters"] == {"bucketName": "basket"}
    assert told["eventID"] == event["EventId"]
    assert told["eventTime"] == f"{event['EventTime'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert told["sourceIPAddress"] == "127.0.0.1"
    assert "Boto3" in told["userAgent"]
    expected = {
        "eventName": "CreateBucket",
        "awsRegion": "us-east-1",
        "eventType": "AwsApiCall",
        "eventCategory": "Management",
        "recipientAccountId": ACCOUNT,
        "readOnly": False,
        "managementEvent": True,
    }
    assert {name: told[name] for name in expected} == expected
    assert "errorCode" not in told


def test_a_role_session_names_its_role_and_a_root_user_is_root(house: House) -> None:
    house.role("deploy", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, statement("s3:*", "*"))
    session = house.assume("admin", DEPLOY, RoleSessionName="monday")
    house.client("s3", session).create_bucket(Bucket="one")
    house.client("s3", "root").create_bucket(Bucket="two")

    by_root, by_role = looked_up(house, "EventName", "CreateBucket")

    identity = record(by_role)["userIdentity"]
    role = house.client("iam").get_role(RoleName="deploy")["Role"]
    assert by_role["Username"] == "monday"
    assert identity["type"] == "AssumedRole"
    assert identity["principalId"] == f"{role['RoleId']}:monday"
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": role["RoleId"],
        "arn": DEPLOY,
        "accountId": ACCOUNT,
        "userName": "deploy",
    }
    attributes = identity["sessionContext"]["attributes"]
    assert attributes["mfaAuthenticated"] == "false"
    assert datetime.fromisoformat(attributes["creationDate"])
    assert by_root["Username"] == "root"
    assert record(by_root)["userIdentity"]["type"] == "Root"
    (assumed,) = looked_up(house, "EventName", "AssumeRole")
    given = record(assumed)["responseElements"]["credentials"]
    assert given["accessKeyId"] == session["AccessKeyId"]
    assert session["SecretAccessKey"] not in assumed["CloudTrailEvent"]


def test_what_is_refused_has_the_code_that_records_have(house: House) -> None:
    house.user("ann")
    assert code(house.client("iam", "ann").list_users) == "AccessDenied"
    assert code(house.client("iam").get_user, UserName="nobody") == "NoSuchEntity"
    ec2 = house.client("ec2")
    assert code(ec2.describe_instances, InstanceIds=["i-0123456789abcdef0"]) == "InvalidInstanceID.NotFound"

    third, second, first = map(record, looked_up(house)[:3])

    assert first["errorCode"] == "AccessDenied"
    assert "is not authorized to perform: iam:ListUsers" in first["errorMessage"]
    assert second["errorCode"] == "NoSuchEntityException"
    assert third["errorCode"] == "Client.InvalidInstanceID.NotFound"
    assert third["requestParameters"]["instancesSet"] == {"items": [{"instanceId": "i-0123456789abcdef0"}]}
    assert third["responseElements"] is None


def test_nobody_knows_whose_history_an_unknown_key_belongs_to(house: House) -> None:
    stranger = house.wires.client("iam", "AKIAIOSFODNN7EXAMPLE", "secret")
    assert code(stranger.list_users) == "InvalidClientTokenId"
    assert looked_up(house) == []


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("EventName", "CreateBucket", ["CreateBucket"]),
        ("EventSource", "iam.amazonaws.com", ["CreateUser", "PutUserPolicy", "ListUsers"]),
        ("ReadOnly", "true", ["ListUsers"]),
        ("ResourceName", "ann", ["CreateUser", "PutUserPolicy"]),
        ("ResourceType", "AWS::S3::Bucket", ["CreateBucket"]),
        ("Username", "ann", ["ListUsers"]),
        ("Username", "nobody", []),
    ],
)
def test_one_attribute_narrows_the_history(house: House, key: str, value: str, expected: list[str]) -> None:
    house.user("ann", statement("iam:ListUsers", "*"))
    house.client("iam", "ann").list_users()
    house.client("s3").create_bucket(Bucket="basket")
    assert names(looked_up(house, key, value))[::-1] == expected


def test_an_event_is_found_by_its_id_and_by_the_key_that_signed_it(house: House) -> None:
    house.user("ann", statement("iam:ListUsers", "*"))
    house.client("iam", "ann").list_users()
    (event,) = looked_up(house, "AccessKeyId", house.keys("ann")[0])
    assert looked_up(house, "EventId", event["EventId"]) == [event]
    assert event["EventId"] == house.state.ledger.since()[-3].id


def test_resources_that_a_call_made_are_named_too(house: House) -> None:
    ec2 = house.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    run = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    instance = run["Instances"][0]["InstanceId"]
    (event,) = looked_up(house, "ResourceName", instance)
    assert event["EventName"] == "RunInstances"
    assert {"ResourceType": "AWS::EC2::Ami", "ResourceName": image} in event["Resources"]
    house.user("ann")
    key = house.client("iam").create_access_key(UserName="ann")["AccessKey"]
    (made,) = looked_up(house, "ResourceName", key["AccessKeyId"])
    assert key["SecretAccessKey"] not in made["CloudTrailEvent"]


def test_secrets_and_contents_are_not_kept(house: House) -> None:
    house.user("ann")
    house.client("iam").create_login_profile(UserName="ann", Password="Correct-Horse-9")
    house.role("lam", {"Service": "lambda.amazonaws.com"})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): pass")
    house.client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.11",
        Handler="app.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/lam",
        Code={"ZipFile": packed.getvalue()},
        Environment={"Variables": {"PASSWORD": "Correct-Horse-9"}},
    )
    function, _, login = looked_up(house)[:3]
    assert function["EventName"] == "CreateFunction20150331"
    assert record(function)["requestParameters"]["functionName"] == "f"
    assert record(login)["requestParameters"]["userName"] == "ann"
    assert "Horse" not in function["CloudTrailEvent"] + login["CloudTrailEvent"]


def test_pages_follow_one_another_and_belong_to_their_question(house: House) -> None:
    iam = house.client("iam")
    for number in range(7):
        iam.create_user(UserName=f"user-{number}")
    found, trail = [], house.client("cloudtrail")
    question = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]}
    pages = trail.get_paginator("lookup_events").paginate(**question, PaginationConfig={"PageSize": 3})
    for page in pages:
        assert len(page["Events"]) <= 3
        found += page["Events"]
    users = [record(each)["requestParameters"]["userName"] for each in found]
    assert users == [f"user-{number}" for number in reversed(range(7))]
    token = trail.lookup_events(**question, MaxResults=3)["NextToken"]
    assert code(trail.lookup_events, NextToken=token) == "InvalidNextTokenException"
    assert code(trail.lookup_events, **question, NextToken="x") == "InvalidNextTokenException"


def test_what_makes_no_sense_is_refused(house: House) -> None:
    trail, now = house.client("cloudtrail"), datetime.now(UTC)
    one = {"AttributeKey": "EventName", "AttributeValue": "CreateUser"}
    two = {"AttributeKey": "Username", "AttributeValue": "ann"}
    assert code(trail.lookup_events, LookupAttributes=[one, two]) == "InvalidLookupAttributesException"
    assert code(trail.lookup_events, MaxResults=51) == "InvalidMaxResultsException"
    times = {"StartTime": now, "EndTime": now - timedelta(hours=1)}
    assert code(trail.lookup_events, **times) == "InvalidTimeRangeException"
    assert trail.lookup_events(EventCategory="insight")["Events"] == []
    house.user("ann")
    assert code(house.client("cloudtrail", "ann").lookup_events) == "AccessDeniedException"


def test_each_region_and_each_account_has_a_history_of_its_own(house: House) -> None:
    house.founded("222222222222")
    house.client("sqs", region="eu-west-1").create_queue(QueueName="far")
    house.client("sqs", "222222222222:admin").create_queue(QueueName="theirs")
    house.client("sqs").create_queue(QueueName="near")
    (event,) = looked_up(house, "EventName", "CreateQueue")
    assert record(event)["requestParameters"]["queueName"] == "near"


def test_events_are_kept_for_90_days_of_the_worlds_time(nursery: Nursery) -> None:
    with nursery.world(seed=1) as world:
        world.client("iam").create_user(UserName="old")
        began = world.clock().now
        world.advance(days=60)
        world.client("iam").create_user(UserName="new")
        assert users(world) == ["new", "old"]
        assert users(world, EndTime=began + timedelta(days=1)) == ["old"]
        assert users(world, StartTime=began + timedelta(days=1)) == ["new"]
        with world.fork(nursery) as copy:
            assert users(copy) == ["new", "old"]
        world.advance(days=31)
        assert users(world) == ["new"]
        world.rewind(3)
        assert users(world) == ["old"]


def users(world: World, **more: Any) -> list[str]:
    trail = world.client("cloudtrail")
    asked = [{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
    events = trail.lookup_events(LookupAttributes=asked, **more)["Events"]
    return [record(each)["requestParameters"]["userName"] for each in events]
