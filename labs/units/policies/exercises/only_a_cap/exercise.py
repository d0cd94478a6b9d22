"""Predict decisions under a permissions boundary and an SCP, for users and for root."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.policies import cases

TABLE = f"arn:aws:dynamodb:us-east-1:{cases.ACCOUNT}:table/results"


class OnlyACap(PredictExercise):
    title = "Only a cap"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user, newcomer = rng.sample(cases.USERS, 2)
        bucket = cases.bucket_name(rng.choice(("lab", "course", "team", "field")), rng.randrange(16**4))
        return {
            "user": user,
            "newcomer": newcomer,
            "bucket": bucket,
            "key": rng.choice(("data/a.csv", "notes/plan.txt", "models/final.pt")),
            "queue": f"arn:aws:sqs:us-east-1:{cases.ACCOUNT}:{rng.choice(('jobs', 'tasks', 'mail'))}",
            "own": cases.document(cases.allow(["s3:GetObject", "ec2:*", "dynamodb:*"], "*")),
            "boundary": cases.document(cases.allow(["s3:*", "sqs:*", "dynamodb:*"], "*")),
            "scp": cases.document(cases.allow("*", "*"), cases.deny("dynamodb:*", "*")),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        user, newcomer, key = v["user"], v["newcomer"], v["key"]
        scps = {"scps": [[v["scp"]]]}
        capped = {"identityPolicies": [v["own"]], "boundary": v["boundary"], **scps}
        root = f"arn:aws:iam::{cases.ACCOUNT}:root"
        item = f"arn:aws:s3:::{v['bucket']}/{key}"
        return (
            _field("read", f"{user} reads {key}", cases.user_arn(user), "s3:GetObject", item, capped),
            _field(
                "send",
                f"{user} sends a message to the queue",
                cases.user_arn(user),
                "sqs:SendMessage",
                v["queue"],
                capped,
                Slip("", "I4", "Only the boundary allows it, and a boundary grants nothing."),
            ),
            _field(
                "machines",
                f"{user} lists the EC2 instances",
                cases.user_arn(user),
                "ec2:DescribeInstances",
                "*",
                capped,
            ),
            _field(
                "newcomer",
                f"{newcomer} reads {key}",
                cases.user_arn(newcomer),
                "s3:GetObject",
                item,
                scps,
                Slip("", "I4", "Only the SCP allows it, and an SCP grants nothing."),
            ),
            _field(
                "root",
                f"The account's root user reads {key}",
                root,
                "s3:GetObject",
                item,
                scps,
                Slip("", "I21", "The root user needs no identity-based policy, and can have none."),
            ),
            _field(
                "root_table",
                "The account's root user reads the table",
                root,
                "dynamodb:GetItem",
                TABLE,
                scps,
                Slip("", "I21", "An SCP binds the root user of a member account as well."),
            ),
        )


def _field(
    name: str, label: str, who: str, action: str, resource: str, policies: Mapping[str, Any], *slips: Slip
) -> Field:
    return cases.decided(name, label, cases.case(who, action, resource, **policies), *slips)
