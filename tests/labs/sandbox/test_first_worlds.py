"""The first worlds of a nursery load what they need themselves, and are the same as all others."""

from __future__ import annotations

from typing import Any

from labs.sandbox import Nursery, World
from labs.sandbox.quick_start import FEW

SEED = 5
LATER = 40 * 24
"""Hours."""


def made_in(world: World) -> dict[str, Any]:
    """What services that were not loaded make up and date, forty days from now."""
    world.advance(hours=LATER)
    ec2, kms, logs = (world.client(name) for name in ("ec2", "kms", "logs"))
    logs.create_log_group(logGroupName="runs")
    queue = world.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    secret = world.client("secretsmanager").create_secret(Name="word", SecretString="hush")
    return {
        "vpc": vpc,
        "default": ec2.describe_subnets()["Subnets"][0]["SubnetId"],
        "key": kms.create_key()["KeyMetadata"]["KeyId"],
        "role": world.client("iam").get_user(UserName="admin")["User"]["UserId"],
        "secret": secret["ARN"],
        "queue": queue.rpartition("/")[2],
        "bucket": world.client("s3").create_bucket(Bucket="notes")["Location"],
        "logged": logs.describe_log_groups()["logGroups"][0]["creationTime"] // 86_400_000,
        "dated": world.client("secretsmanager").describe_secret(SecretId="word")["CreatedDate"].date(),
    }


def test_they_make_the_same_ids_and_follow_the_same_clock_as_those_that_find_all_loaded() -> None:
    made = []
    with Nursery() as nursery, Nursery(ready=1) as other:
        for _ in range(FEW + 2):
            with nursery.world(seed=SEED) as world:
                made.append(made_in(world))
        with other.world(seed=SEED) as world:
            made.append(made_in(world))

    assert all(each == made[0] for each in made)


def test_they_can_begin_anew() -> None:
    with Nursery() as nursery, nursery.world(seed=1) as world:
        world.client("s3").create_bucket(Bucket="first")
        anew = world.renew(2)
        assert anew.client("s3").list_buckets()["Buckets"] == []
