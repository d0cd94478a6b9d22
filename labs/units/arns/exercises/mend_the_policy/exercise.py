"""A policy in a live world whose ARNs name nothing: mend them, and open no door beside them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.marks import failed, passed, skipped
from labs.units.arns import names
from labs.units.arns.decisions import case_of, decide, policy_of

if TYPE_CHECKING:
    from labs.sandbox import World

ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
MAY_MEND = policy_of(
    {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*", "iam:*UserPolicy"], "Resource": "*"}
)
NARROW = "and nothing beside it"


class MendThePolicy(WorldExercise):
    title = "Mend the policy"
    minutes = 20
    points = 9

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user = rng.choice(names.USERS)
        bucket, team = names.bucket(rng), rng.choice(names.TEAMS)
        role = rng.choice(("trainer", "crawler", "indexer", "painter"))
        prefix = rng.choice(("raw", "scans", "labels", "runs"))
        return {
            "account": ACCOUNT,
            "user": user,
            "bucket": bucket,
            "prefix": prefix,
            "team": team,
            "role": role,
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/{team}/eu/{role}",
            "seen_role": f"arn:aws:iam::{ACCOUNT}:role/{role}",
            "objects": f"arn:aws:s3:::{bucket}/{prefix}/*",
            "seen_objects": f"arn:aws:s3::{ACCOUNT}:{bucket}/{prefix}/*",
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v, iam, s3 = variant.values, world.client("iam"), world.client("s3")
        s3.create_bucket(Bucket=v["bucket"])
        for key in (f"{v['prefix']}/a.csv", f"{v['prefix']}base/users.csv"):
            s3.put_object(Bucket=v["bucket"], Key=key, Body=b"1\n")
        for name, path in ((v["role"], f"/{v['team']}/eu/"), ("admin-of-all", "/")):
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(TRUST))
        for name in (v["user"], "learner"):
            iam.create_user(UserName=name)
        work = [
            {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": v["seen_objects"]},
            {"Sid": "Look", "Effect": "Allow", "Action": "iam:GetRole", "Resource": v["seen_role"]},
        ]
        for user, document in (
            (v["user"], policy_of(*work)),
            ("learner", MAY_MEND),
        ):
            iam.put_user_policy(UserName=user, PolicyName="work", PolicyDocument=json.dumps(document))

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        policies = _policies(world, v["user"])
        texts = [text for each in policies for text in _resources(each)]
        reads, looks = self._reads(v, policies, texts), self._looks(v, policies, texts)
        if reads.state == "fail" or looks.state == "fail":
            return reads, looks, skipped(NARROW, 3, "It counts once both work.")
        return reads, looks, _narrow(v, policies)

    def _reads(self, v: Mapping[str, Any], policies: list[Any], texts: list[str]) -> Criterion:
        name = f"{v['user']} reads what is under {v['prefix']}/"
        if decide(_case(v, policies, "s3:GetObject", v["objects"].replace("*", "a.csv"))).allowed:
            return passed(name, 3)
        filled = [
            text for text in texts if text.startswith("arn:aws:s3:") and text.split(":", 5)[3:5] != ["", ""]
        ]
        bare = f"arn:aws:s3:::{v['bucket']}"
        # What stood there at the start is nobody's belief yet.
        mended = [text for text in filled if text != v["seen_objects"]]
        if mended:
            said = "The ARN of an object has neither a Region nor an account: three colons in a row."
            return _failed(name, said, "A1", mended[0])
        if bare in texts:
            return _failed(
                name, "That is the bucket. Its objects have a slash and a key behind it.", "S2", bare
            )
        return failed(name, 3, "No statement's Resource matches the object.")

    def _looks(self, v: Mapping[str, Any], policies: list[Any], texts: list[str]) -> Criterion:
        name = f"{v['user']} may look at the role {v['role']}"
        if decide(_case(v, policies, "iam:GetRole", v["role_arn"])).allowed:
            return passed(name, 3)
        session = next((text for text in texts if ":assumed-role/" in text), None)
        if session:
            return _failed(name, "That names sessions of the role, and not the role.", "A5", session)
        if v["seen_role"] in texts and v["seen_objects"] not in texts:
            # The other statement was mended, and this one was thought to be right.
            return _failed(name, "A role's ARN holds its path. Ask IAM for it.", "A4", v["role_arn"])
        return failed(name, 3, "No statement's Resource matches the role.")


def _narrow(v: Mapping[str, Any], policies: list[Any]) -> Criterion:
    beside = (
        ("s3:GetObject", f"arn:aws:s3:::{v['bucket']}/{v['prefix']}base/users.csv"),
        ("s3:GetObject", f"arn:aws:s3:::{v['bucket']}-old/{v['prefix']}/a.csv"),
        ("s3:PutObject", v["objects"].replace("*", "a.csv")),
        ("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/admin-of-all"),
        ("iam:UpdateRole", v["role_arn"]),
    )
    for action, resource in beside:
        case = _case(v, policies, action, resource)
        if decide(case).allowed:
            example = CounterExample(f"{action} on {resource} is allowed", case)
            said = "A pattern reaches further than was meant: a * stops at nothing."
            return failed(NARROW, 3, said, misconception="A6", example=example)
    return passed(NARROW, 3)


def _policies(world: World, user: str) -> list[Any]:
    """The inline policies of a user."""
    iam = world.client("iam")
    listed = iam.list_user_policies(UserName=user)["PolicyNames"]
    return [iam.get_user_policy(UserName=user, PolicyName=each)["PolicyDocument"] for each in listed]


def _resources(policy: Mapping[str, Any]) -> Iterator[str]:
    statements = policy["Statement"]
    for each in statements if isinstance(statements, list) else [statements]:
        found = each.get("Resource", [])
        yield from found if isinstance(found, list) else [found]


def _case(v: Mapping[str, Any], policies: list[Any], action: str, resource: str) -> dict[str, Any]:
    return case_of(policies, f"arn:aws:iam::{ACCOUNT}:user/{v['user']}", action, resource)


def _failed(name: str, said: str, belief: str, arn: str) -> Criterion:
    example = CounterExample.of_command(names.show(arn))
    return failed(name, 3, said, misconception=belief, example=example)
