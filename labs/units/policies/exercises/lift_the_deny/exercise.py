"""Something denies a reader, in a live world: find the statement and put it right, without opening a door."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.marks import failed, passed, skipped
from labs.units.policies import cases

if TYPE_CHECKING:
    from labs.sandbox import Event, World

REPORT = b"quarter,value\n1,42\n"


class LiftTheDeny(WorldExercise):
    title = "Lift the deny"
    minutes = 20
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user, mate = rng.sample(("alice", "chen", "dana", "femi", "ines", "kofi", "mira", "omar"), 2)
        return {
            "user": user,
            "mate": mate,
            "group": rng.choice(("interns", "readers", "night-shift", "field-team")),
            "bucket": f"{rng.choice(('reports', 'archive', 'finance', 'survey'))}-{rng.randrange(16**4):04x}",
            "key": rng.choice(("2026/report.csv", "data/report.csv", "public/report.csv")),
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        bucket, objects = f"arn:aws:s3:::{v['bucket']}", f"arn:aws:s3:::{v['bucket']}/*"
        iam, s3 = world.client("iam"), world.client("s3")
        s3.create_bucket(Bucket=v["bucket"])
        s3.put_object(Bucket=v["bucket"], Key=v["key"], Body=REPORT)
        s3.put_object(Bucket=v["bucket"], Key="keys/root.pem", Body=b"not for you")
        working = {"Effect": "Allow", "Action": "s3:*", "Resource": [bucket, objects]}
        for name in (v["user"], v["mate"]):
            iam.create_user(UserName=name)
            iam.put_user_policy(UserName=name, PolicyName="work", PolicyDocument=_document(working))
        # What went wrong: the Deny on reading was meant for keys/ and names every object.
        guard = _document(
            {"Sid": "KeepKeysSecret", "Effect": "Deny", "Action": "s3:GetObject", "Resource": objects},
            {"Sid": "KeepEverything", "Effect": "Deny", "Action": "s3:DeleteObject*", "Resource": objects},
        )
        iam.create_group(GroupName=v["group"])
        iam.put_group_policy(GroupName=v["group"], PolicyName="guard", PolicyDocument=guard)
        for name in (v["user"], v["mate"]):
            iam.add_user_to_group(GroupName=v["group"], UserName=name)
        iam.create_user(UserName="learner")
        iam.put_user_policy(UserName="learner", PolicyName="support", PolicyDocument=_may(v["bucket"]))

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        reads = _expect(world, v["user"], "get_object", v, v["key"], True, _reads(v))
        if reads.state == "fail":
            belief = self._belief(world, variant)
            example = CounterExample(f"{reads.name}: is denied", _case(world, v)) if belief else None
            return (
                replace(reads, misconception=belief, counterexample=example),
                *(skipped(name, 2, "") for name in _guards(v)),
            )
        return (
            reads,
            *(
                _expect(world, user, call, v, key, False, name)
                for name, (user, call, key) in _guards(v).items()
            ),
        )

    def needs(self, variant: Variant) -> Mapping[str, Sequence[str]]:
        """A world that nobody has touched keeps all guards, and that earns nothing."""
        return dict.fromkeys(_guards(variant.values), (_reads(variant.values),))

    def _belief(self, world: World, variant: Variant) -> str | None:
        """What somebody believes who has changed something, and still the user cannot read."""
        v, iam = variant.values, world.client("iam")
        inline = iam.list_user_policies(UserName=v["user"])["PolicyNames"]
        attached = iam.list_attached_user_policies(UserName=v["user"])["AttachedPolicies"]
        if len(inline) + len(attached) > 1:
            return "I2"
        if "guard" not in iam.list_group_policies(GroupName=v["group"])["PolicyNames"]:
            return None
        guard = iam.get_group_policy(GroupName=v["group"], PolicyName="guard")["PolicyDocument"]
        first = guard["Statement"][0] if isinstance(guard["Statement"], list) else guard["Statement"]
        return "I1" if first["Effect"] == "Allow" else None


def _reads(v: Mapping[str, Any]) -> str:
    """What the goal is called."""
    return f"{v['user']} reads {v['key']}"


def _guards(v: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    """By their names, the calls that stay refused: who makes them, which, and on what."""
    return {
        "nobody reads keys/root.pem": (v["user"], "get_object", "keys/root.pem"),
        f"{v['user']} still cannot delete": (v["user"], "delete_object", v["key"]),
        f"{v['mate']} still cannot delete": (v["mate"], "delete_object", v["key"]),
    }


def _case(world: World, v: Mapping[str, Any]) -> cases.Case:
    """The reading as a question, with the policies that apply now."""
    iam, user = world.client("iam"), v["user"]
    found = [
        iam.get_user_policy(UserName=user, PolicyName=name)["PolicyDocument"]
        for name in iam.list_user_policies(UserName=user)["PolicyNames"]
    ]
    for attached in iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
        arn = attached["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found.append(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    for group in iam.list_groups_for_user(UserName=user)["Groups"]:
        name = group["GroupName"]
        found += [
            iam.get_group_policy(GroupName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_group_policies(GroupName=name)["PolicyNames"]
        ]
    resource = f"arn:aws:s3:::{v['bucket']}/{v['key']}"
    return cases.case(cases.user_arn(user), "s3:GetObject", resource, identityPolicies=found)


def _document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _may(bucket: str) -> str:
    """What the learner may do: look at everything that decides, and change it."""
    return _document(
        {
            "Effect": "Allow",
            "Action": [
                "iam:Get*",
                "iam:List*",
                "iam:*UserPolicy",
                "iam:*GroupPolicy",
                "iam:AddUserToGroup",
                "iam:RemoveUserFromGroup",
            ],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"],
            "Resource": f"arn:aws:s3:::{bucket}",
        },
    )


def _expect(
    world: World,
    user: str,
    operation: str,
    v: Mapping[str, Any],
    key: str,
    allowed: bool,
    name: str,
) -> Criterion:
    """Make the call as the user, and see whether it goes as it should."""
    from botocore.exceptions import ClientError

    last = world.events()[-1].sequence if world.events() else 0
    try:
        getattr(world.client("s3", as_=user), operation)(Bucket=v["bucket"], Key=key)
        went_through = True
    except ClientError:
        went_through = False
    if went_through is allowed:
        return passed(name, 2)
    return failed(name, 2, _answer(world.events(after=last)))


def _answer(events: tuple[Event, ...]) -> str:
    """What AWS answered to the last of these calls: less than the sandbox knows, and that is the puzzle."""
    return (events[-1].message or "The call goes through.") if events else ""
