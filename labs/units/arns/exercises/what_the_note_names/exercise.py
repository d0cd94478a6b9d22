"""A note names things by their ARNs, in a live world: find one of them by its id, and make the other."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.marks import failed, passed, skipped
from labs.units.arns import names

if TYPE_CHECKING:
    from labs.sandbox import World

ACCOUNT, HOME = "123456789012", "us-east-1"
THERE = ("eu-west-1", "eu-central-1", "us-west-2")
NOTE = "handover.txt"


class WhatTheNoteNames(WorldExercise):
    title = "What the note names"
    minutes = 20
    points = 9

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        person, team = rng.choice(names.USERS), rng.choice(names.TEAMS)
        return {
            "account": ACCOUNT,
            "bucket": names.bucket(rng),
            "note": NOTE,
            "there": rng.choice(THERE),
            "label": rng.choice(("scratch", "old-runs", "spare", "tmp")),
            "number": rng.randrange(3),
            "person": person,
            "team": team,
            "user_arn": f"arn:aws:iam::{ACCOUNT}:user/guests/{team}/{person}",
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v, iam, s3 = variant.values, world.client("iam"), world.client("s3")
        volumes = [_volume(world, v["there"], v["label"]) for _ in range(3)]
        _volume(world, HOME, v["label"])
        s3.create_bucket(Bucket=v["bucket"])
        doomed = f"arn:aws:ec2:{v['there']}:{ACCOUNT}:volume/{volumes[v['number']]}"
        note = f"delete  {doomed}\nmake    {v['user_arn']}\n"
        s3.put_object(Bucket=v["bucket"], Key=NOTE, Body=note.encode())
        iam.create_user(UserName="learner")
        statement = [
            {"Effect": "Allow", "Action": ["ec2:*", "iam:*User", "iam:*Users"], "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{v['bucket']}/*"},
        ]
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam.put_user_policy(UserName="learner", PolicyName="work", PolicyDocument=document)

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        note = world.client("s3").get_object(Bucket=v["bucket"], Key=NOTE)["Body"].read().decode()
        arn = note.split()[1]
        doomed = arn.rpartition("/")[2]
        there, here = _volumes(world, v["there"], v["label"]), _volumes(world, HOME, v["label"])
        gone, kept = "the volume of the note is gone", "the others of that name are still there"
        left = len(there - {doomed}) + len(here)
        criteria = (_mark_user(world, v),)
        if doomed in there:
            said = f"It is still there, in {v['there']}."
            example = CounterExample.of_command(names.show(arn))
            # Whoever has deleted its namesake at home has looked in one Region alone.
            belief = None if here else "B9"
            still = failed(gone, 3, said, misconception=belief, example=example if belief else None)
            return still, skipped(kept, 3, "It counts once that one is gone."), *criteria
        if left == 3:
            return passed(gone, 3), passed(kept, 3), *criteria
        said = f"Of three others, {left} are left. The note names one, by its id."
        return passed(gone, 3), failed(kept, 3, said), *criteria


def _mark_user(world: World, v: Mapping[str, Any]) -> Criterion:
    name = "the user of the note exists"
    users = [each["Arn"] for each in world.client("iam").list_users()["Users"]]
    if v["user_arn"] in users:
        return passed(name, 3)
    near = next((each for each in users if each.rpartition("/")[2] == v["person"]), None)
    if near is None:
        return failed(name, 3, f"No user has the ARN {v['user_arn']}.")
    said = f"There is {near}. The path is in the ARN, so that is another ARN than the note's."
    example = CounterExample.of_command(names.show(v["user_arn"]))
    return failed(name, 3, said, misconception="A4", example=example)


def _volume(world: World, region: str, name: str) -> str:
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": name}]}]
    made = world.client("ec2", region=region).create_volume(
        AvailabilityZone=f"{region}a", Size=1, TagSpecifications=tags
    )
    return str(made["VolumeId"])


def _volumes(world: World, region: str, name: str) -> set[str]:
    """The ids of the volumes of a name in a Region."""
    wanted = [{"Name": "tag:Name", "Values": [name]}]
    found = world.client("ec2", region=region).describe_volumes(Filters=wanted)["Volumes"]
    return {each["VolumeId"] for each in found}
