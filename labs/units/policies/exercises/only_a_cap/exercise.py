"""Predict decisions under a permissions boundary and an SCP, for users and for root."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.policies import cases

TABLE = f"arn:aws:dynamodb:us-east-1:{cases.ACCOUNT}:table/results"

MORE = {"s3:GetObject": "reads another object, old.csv", "s3:PutObject": "overwrites another object, old.csv"}
"""One more request of the user, drawn by its action: the policy has the first, and not the second."""


class OnlyACap(Lettered, PredictExercise):
    title = "Only a cap"
    minutes = 7
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user, newcomer = rng.sample(cases.USERS, 2)
        bucket = cases.bucket_name(rng.choice(("lab", "course", "team", "field")), rng.randrange(16**4))
        return {
            "user": user,
            "newcomer": newcomer,
            "bucket": bucket,
            "key": rng.choice(("data/a.csv", "notes/plan.txt", "models/final.pt")),
            "queue": f"arn:aws:sqs:us-east-1:{cases.ACCOUNT}:{rng.choice(('jobs', 'tasks', 'mail'))}",
            "more": (more := rng.choice(list(MORE))),
            "more_right": cases.DECISIONS[more != "s3:GetObject"],
            "own": cases.document(cases.allow(["s3:GetObject", "ec2:*", "dynamodb:*"], "*")),
            "boundary": cases.document(cases.allow(["s3:*", "sqs:*", "dynamodb:*"], "*")),
            "scp": cases.document(cases.allow("*", "*"), cases.deny("dynamodb:*", "*")),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        user, newcomer, key = v["user"], v["newcomer"], v["key"]
        scps = {"scps": [[v["scp"]]]}
        capped = {"identityPolicies": [v["own"]], "boundary": v["boundary"], **scps}
        root = f"arn:aws:iam::{cases.ACCOUNT}:root"
        item = f"arn:aws:s3:::{v['bucket']}/{key}"
        old = f"arn:aws:s3:::{v['bucket']}/old.csv"
        return (
            _field("more", f"{user} {MORE[v['more']]}", cases.user_arn(user), v["more"], old, capped),
            _field("read", f"{user} reads {key}", cases.user_arn(user), "s3:GetObject", item, capped),
            _field(
                "send",
                f"{user} sends a message to {v['queue']}",
                cases.user_arn(user),
                "sqs:SendMessage",
                v["queue"],
                capped,
                Slip("", "I4", "Only the boundary allows it, and a boundary grants nothing."),
            ),
            _field(
                "machines",
                f"{user} lists the account's EC2 instances",
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
                "The account's root user reads an item of a DynamoDB table",
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
