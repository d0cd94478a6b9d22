"""A world in another process: an image that was sent there answers every question as the original does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labs.errors import InputError
from labs.sandbox import Nursery, World

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
    ],
}
ALL_OF_S3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


EC2 = (
    "instances",
    "vpcs",
    "subnets",
    "security_groups",
    "security_group_rules",
    "network_interfaces",
    "volumes",
    "snapshots",
    "addresses",
    "key_pairs",
    "route_tables",
    "network_acls",
    "internet_gateways",
    "images",
    "iam_instance_profile_associations",
    "tags",
)


def everyone_may(action: str, resource: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def furnish(world: World) -> None:
    """Something of every service of the course, and what they have to do with each other."""
    s3, iam, ec2, sqs, sns = (world.client(each) for each in ("s3", "iam", "ec2", "sqs", "sns"))
    account, region = world.account, world.region

    iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="app", PolicyName="s3", PolicyDocument=json.dumps(ALL_OF_S3))
    iam.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    own = iam.create_policy(PolicyName="own", PolicyDocument=json.dumps(ALL_OF_S3))["Policy"]["Arn"]
    iam.create_group(GroupName="staff")
    iam.attach_group_policy(GroupName="staff", PolicyArn=own)
    iam.create_user(UserName="dev", Tags=[{"Key": "team", "Value": "a"}])
    iam.add_user_to_group(GroupName="staff", UserName="dev")
    iam.create_access_key(UserName="dev")
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")

    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="web", Description="web")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8"
    )
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    launched = ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=2,
        MaxCount=2,
        SubnetId=subnet,
        SecurityGroupIds=[group],
        IamInstanceProfile={"Name": "app"},
    )
    world.advance(minutes=1)
    ec2.terminate_instances(InstanceIds=[launched["Instances"][0]["InstanceId"]])
    world.advance(minutes=1)  # it is terminated then, and nothing is under way that time alone would change
    ec2.create_key_pair(KeyName="laptop")
    ec2.allocate_address(Domain="vpc")
    volume = ec2.create_volume(AvailabilityZone=f"{region}a", Size=8)["VolumeId"]
    ec2.create_snapshot(VolumeId=volume)

    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    for number in range(5):
        s3.put_object(Bucket="bucket", Key=f"k{number % 2}", Body=b"v%d" % number, Tagging="a=b")
    s3.delete_object(Bucket="bucket", Key="k0")
    upload = s3.create_multipart_upload(Bucket="bucket", Key="large")["UploadId"]
    s3.upload_part(Bucket="bucket", Key="large", UploadId=upload, PartNumber=1, Body=b"x" * 100)
    s3.put_object(Bucket="bucket", Key="huge", Body=b"h" * (1 << 20))

    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    dead_arn = f"arn:aws:sqs:{region}:{account}:dead"
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    jobs_arn = f"arn:aws:sqs:{region}:{account}:jobs"
    jobs = sqs.create_queue(
        QueueName="jobs",
        Attributes={
            "VisibilityTimeout": "3600",
            "RedrivePolicy": redrive,
            "Policy": everyone_may("sqs:SendMessage", jobs_arn),
        },
    )["QueueUrl"]
    for number in range(3):
        sqs.send_message(QueueUrl=jobs, MessageBody=f"job {number}")
    sqs.receive_message(QueueUrl=jobs)
    sqs.send_message(QueueUrl=dead, MessageBody="dead")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=jobs_arn)
    configuration = {"QueueConfigurations": [{"QueueArn": jobs_arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=configuration)

    world.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    world.client("dynamodb").put_item(TableName="t", Item={"k": {"S": "a"}, "n": {"N": "1.5"}})
    world.client("lambda").create_function(
        FunctionName="f",
        Runtime="python3.11",
        Role=f"arn:aws:iam::{account}:role/app",
        Handler="f.handler",
        Code={"ZipFile": archive()},
    )
    world.client("lambda").publish_version(FunctionName="f")
    world.client("lambda").create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    key = world.client("kms").create_key()["KeyMetadata"]["KeyId"]
    world.client("kms").create_alias(AliasName="alias/own", TargetKeyId=key)
    world.client("secretsmanager").create_secret(Name="s", SecretString="x")
    world.client("ssm").put_parameter(Name="p", Value="v", Type="String")
    world.client("logs").create_log_group(logGroupName="g")
    world.client("events").put_rule(Name="r", ScheduleExpression="rate(1 hour)")
    world.client("rds").create_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="u",
        MasterUserPassword="longenough",
    )


def archive() -> bytes:
    import io
    import zipfile

    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("f.py", "def handler(event, context):\n    return event\n")
    return data.getvalue()


def questions(world: World) -> dict[str, Callable[[], Any]]:
    """Reads of all that was made."""
    client = world.client
    jobs = f"{world.endpoint}/{world.account}/jobs"
    objects = [("k1", None), ("huge", None)]
    asked: dict[str, Callable[[], Any]] = {
        f"object {key}": lambda key=key: client("s3").get_object(Bucket="bucket", Key=key)["Body"].read()  # type: ignore[misc]
        for key, _ in objects
    }
    reads: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
        "s3": (
            ("list_buckets", {}),
            ("list_object_versions", {"Bucket": "bucket"}),
            ("list_objects_v2", {"Bucket": "bucket"}),
            ("list_multipart_uploads", {"Bucket": "bucket"}),
            ("get_object_tagging", {"Bucket": "bucket", "Key": "k1"}),
            ("get_bucket_notification_configuration", {"Bucket": "bucket"}),
            ("get_bucket_versioning", {"Bucket": "bucket"}),
        ),
        "iam": (
            (
                "get_account_authorization_details",
                {"Filter": ["User", "Role", "Group", "LocalManagedPolicy"]},
            ),
            ("list_access_keys", {"UserName": "dev"}),
            ("list_instance_profiles", {}),
            ("list_attached_role_policies", {"RoleName": "app"}),
            ("get_policy", {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            ("get_policy", {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
            ("list_user_tags", {"UserName": "dev"}),
            ("get_account_summary", {}),
        ),
        "ec2": tuple((f"describe_{name}", {}) for name in EC2),
        "sqs": (("list_queues", {}), ("get_queue_attributes", {"QueueUrl": jobs, "AttributeNames": ["All"]})),
        "sns": (("list_topics", {}), ("list_subscriptions", {})),
        "dynamodb": (("describe_table", {"TableName": "t"}), ("scan", {"TableName": "t"})),
        "lambda": (
            ("list_functions", {}),
            ("get_function", {"FunctionName": "f"}),
            ("list_versions_by_function", {"FunctionName": "f"}),
            ("list_aliases", {"FunctionName": "f"}),
        ),
        "kms": (("list_keys", {}), ("list_aliases", {})),
        "secretsmanager": (("list_secrets", {}),),
        "ssm": (("describe_parameters", {}), ("get_parameter", {"Name": "p"})),
        "logs": (("describe_log_groups", {}),),
        "events": (("list_rules", {}),),
        "rds": (("describe_db_instances", {}),),
    }
    for service, operations in reads.items():
        for operation, parameters in operations:
            name = f"{service} {operation} {parameters}"
            asked[name] = lambda s=service, o=operation, p=parameters: getattr(client(s), o)(**p)  # type: ignore[misc]
    return asked


def look(world: World) -> dict[str, str]:
    """All answers as text; the port of the endpoint is no part of the world."""
    port = world.endpoint.rpartition(":")[2]
    answers = {}
    for name, ask in questions(world).items():
        answer = ask()
        if isinstance(answer, dict):
            answer.pop("ResponseMetadata")
            for database in answer.get("DBInstances", ()):
                del database["LatestRestorableTime"]  # which is always now
        answers[name.replace(port, "PORT")] = json.dumps(answer, default=str, sort_keys=True).replace(
            port, "PORT"
        )
    return answers


@pytest.fixture(scope="module")
def original(nursery: Nursery) -> Iterator[World]:
    with nursery.world(seed=4) as world:
        furnish(world)
        yield world


def test_a_fork_answers_every_question_as_its_original_does(original: World) -> None:
    before = look(original)
    assert len(before) > 50
    with original.fork() as copy:
        assert copy.endpoint != original.endpoint
        assert copy.connection.control != original.connection.control
        assert copy.connection.pid != original.connection.pid
        after = look(copy)
        assert [name for name in before if before[name] != after[name]] == []
        assert copy.credentials("user/dev") == original.credentials("user/dev")
        assert copy.clock().offset == original.clock().offset


def test_services_of_a_fork_still_reach_each_other(original: World) -> None:
    with original.fork() as copy:
        sqs = copy.client("sqs")
        jobs = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
        topic = f"arn:aws:sns:{copy.region}:{copy.account}:news"
        copy.client("sns").publish(TopicArn=topic, Message="from the topic")
        copy.client("s3").put_object(Bucket="bucket", Key="new", Body=b"1")
        received = []
        while messages := sqs.receive_message(QueueUrl=jobs, MaxNumberOfMessages=10).get("Messages"):
            received += [each["Body"] for each in messages]
        assert any("from the topic" in body for body in received)
        assert any('"ObjectCreated:Put"' in body and '"key": "new"' in body for body in received)
        copy.advance(hours=2)
        sqs.receive_message(QueueUrl=jobs)
        dead = sqs.get_queue_url(QueueName="dead")["QueueUrl"]
        counts = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["ApproximateNumberOfMessages"])
        assert int(counts["Attributes"]["ApproximateNumberOfMessages"]) > 1


def test_what_is_done_to_one_does_not_show_in_the_other(original: World) -> None:
    before, offset = look(original), original.clock().offset
    with original.fork() as copy:
        copy.client("s3").put_object(Bucket="bucket", Key="k1", Body=b"other")
        copy.client("iam").create_user(UserName="new")
        copy.advance(days=5)
        assert look(original) == before
        assert original.clock().offset == offset


def test_a_rewind_over_everything_answers_as_before(nursery: Nursery) -> None:
    with nursery.world(seed=4) as world:
        furnish(world)
        world.checkpoint("furnished")
        before = look(world)
        for bucket in ("second", "third"):
            world.client("s3").create_bucket(Bucket=bucket)
        world.client("iam").detach_role_policy(
            RoleName="app", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"
        )
        world.client("dynamodb").delete_table(TableName="t")
        world.client("lambda").delete_function(FunctionName="f")
        world.client("rds").delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
        world.rewind(to="furnished")
        after = look(world)
        assert [name for name in before if before[name] != after[name]] == []


def test_a_fork_goes_on_with_new_ids_that_its_original_would_have_given(original: World) -> None:
    with original.fork() as one, original.fork() as other:
        users = [world.client("iam").create_user(UserName="next")["User"]["UserId"] for world in (one, other)]
        assert users[0] == users[1]
        existing = {each["UserId"] for each in original.client("iam").list_users()["Users"]}
        assert users[0] not in existing


def test_a_fork_knows_what_has_happened_and_has_a_past_of_its_own(original: World) -> None:
    with original.fork() as copy:
        assert [event.id for event in copy.events()] == [event.id for event in original.events()]
        last = original.history()[-1].number
        assert [change.number for change in copy.history()] == [last]
        copy.client("s3").create_bucket(Bucket="later")
        copy.rewind()
        assert [each["Name"] for each in copy.client("s3").list_buckets()["Buckets"]] == ["bucket"]
        copy.rewind(to=1)
        assert copy.client("s3").list_buckets()["Buckets"] == []
        assert [each["RoleName"] for each in copy.client("iam").list_roles()["Roles"]] == ["app"]
        copy.reset()
        assert [each.id for each in copy.resources()] == ["admin"]


def test_a_fork_of_a_prepared_world_is_reset_to_its_preparation(nursery: Nursery) -> None:
    def prepare(world: World) -> None:
        world.client("s3").create_bucket(Bucket="given")

    with nursery.world(seed=2, prepare=prepare) as world:
        world.client("s3").create_bucket(Bucket="mine")
        with world.fork() as copy:
            copy.client("s3").create_bucket(Bucket="more")
            copy.reset()
            assert [each["Name"] for each in copy.client("s3").list_buckets()["Buckets"]] == ["given"]
            with pytest.raises(InputError):
                copy.rewind()
