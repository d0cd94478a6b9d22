"""What a session was made with outlives a restart, a rewind and a fork of its world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from labs.sandbox import Nursery, World, read_journal
from tests.labs.sandbox.houses import ACCOUNT, code, policy, statement, trust

SEED = 5
LIST = statement("s3:ListAllMyBuckets", "*")
RED = [{"Key": "team", "Value": "red"}]


@dataclass
class Lasting:
    """Keys of three kinds of session, each with its own limits, and a member of an organization."""

    role: dict[str, str]
    federated: dict[str, str]
    user: dict[str, str]
    member: dict[str, str]


def client(world: World, service: str, keys: dict[str, str]) -> Any:
    return boto3.client(
        service,
        endpoint_url=world.endpoint,
        region_name=world.region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def begin(world: World) -> Lasting:
    iam, sts, organizations = (world.client(name) for name in ("iam", "sts", "organizations"))
    everything, tagging = policy(statement("*", "*")), ["sts:AssumeRole", "sts:TagSession"]
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}, action=tagging))
    red = statement("s3:*", "*", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    iam.put_role_policy(RoleName="app", PolicyName="p", PolicyDocument=policy(red, statement("sqs:*", "*")))
    role = f"arn:aws:iam::{ACCOUNT}:role/app"
    of_role = sts.assume_role(RoleArn=role, RoleSessionName="one", Tags=RED, Policy=policy(LIST))
    federated = sts.get_federation_token(Name="bob", Policy=policy(LIST))
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=everything)
    fence = iam.create_policy(PolicyName="fence", PolicyDocument=policy(LIST))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=fence)
    of_user = world.client("sts", "user/ann").get_session_token()
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    account = organizations.create_account(AccountName="m", Email="m@example.com")
    member = account["CreateAccountStatus"]["AccountId"]
    made = organizations.create_policy(
        Name="no-sqs",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=policy(statement("sqs:*", "*", "Deny")),
    )
    organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=root)
    there = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    of_member = sts.assume_role(RoleArn=there, RoleSessionName="one")
    keys = (each["Credentials"] for each in (of_role, federated, of_user, of_member))
    return Lasting(*keys)


def limits(world: World, keys: Lasting) -> dict[str, tuple[str, str]]:
    """For each session: whether it may list buckets, and whether it may list queues."""
    return {
        name: (
            code(client(world, "s3", held).list_buckets),
            code(client(world, "sqs", held).list_queues),
        )
        for name, held in vars(keys).items()
    }


LIMITS = dict.fromkeys(("role", "federated", "user", "member"), ("", "AccessDenied"))


@pytest.fixture(scope="module")
def written(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lasting]:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    with nursery.world(seed=SEED, journal=path) as world:
        keys = begin(world)
        assert limits(world, keys) == LIMITS
    return path, keys


def test_after_a_restart(nursery: Nursery, written: tuple[Path, Lasting], tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(written[0].read_bytes())
    with nursery.world(seed=SEED, journal=path) as world:
        assert limits(world, written[1]) == LIMITS


def test_in_a_replay(nursery: Nursery, written: tuple[Path, Lasting]) -> None:
    with nursery.world(seed=SEED) as world:
        result = world.replay(read_journal(written[0]).entries)
        assert result.refused == ()
        assert limits(world, written[1]) == LIMITS


@pytest.mark.parametrize("move", ["rewind", "fork"])
def test_after_going_back_and_in_a_copy(nursery: Nursery, move: str) -> None:
    with nursery.world(seed=SEED) as world:
        keys = begin(world)
        if move == "fork":
            with world.fork(nursery) as copy:
                assert limits(copy, keys) == LIMITS
            return
        world.checkpoint("begun")
        world.client("iam").delete_user_permissions_boundary(UserName="ann")
        assert limits(world, keys)["user"] == ("", "")
        world.rewind(to="begun")
        assert limits(world, keys) == LIMITS


def test_a_rewind_takes_a_session_back(nursery: Nursery) -> None:
    with nursery.world(seed=SEED) as world:
        world.client("s3").create_bucket(Bucket="first")
        world.checkpoint("before")
        made: Callable[[], Any] = world.client("sts").get_session_token
        keys = made()["Credentials"]
        assert code(client(world, "s3", keys).list_buckets) == ""
        world.rewind(to="before")
        assert code(client(world, "s3", keys).list_buckets) == "InvalidAccessKeyId"
