"""A nursery for one check loads little; its worlds are the same as any other's all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labs.sandbox import Nursery, World

SEED = 5
LATER = 40 * 24
"""Hours."""


@pytest.fixture(scope="module")
def brief() -> Iterator[Nursery]:
    with Nursery(brief=True) as nursery:
        yield nursery


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


def test_its_worlds_make_the_same_ids_and_follow_the_same_clock(nursery: Nursery, brief: Nursery) -> None:
    with nursery.world(seed=SEED) as usual, brief.world(seed=SEED) as little:
        assert made_in(little) == made_in(usual)


def test_its_worlds_can_begin_anew(brief: Nursery) -> None:
    with brief.world(seed=1) as world:
        world.client("s3").create_bucket(Bucket="first")
        anew = world.renew(2)
        assert anew.client("s3").list_buckets()["Buckets"] == []
