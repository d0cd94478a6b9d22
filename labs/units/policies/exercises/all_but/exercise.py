"""Predict what the elements with Not do: NotAction in an Allow, NotPrincipal in a Deny."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.policies import cases

FIRST = {
    "iam:ListUsers": ("lists the users of the account", "*"),
    "lambda:ListFunctions": ("lists the Lambda functions", "*"),
}
"""A request under the group's first policy alone, drawn by its action."""


class AllBut(Lettered, PredictExercise):
    title = "All but these"
    minutes = 7
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user, mate = rng.sample(cases.USERS, 2)
        bucket = cases.bucket_name(rng.choice(("vault", "ledger", "escrow", "safe")), rng.randrange(16**4))
        arn = f"arn:aws:s3:::{bucket}"
        root = f"arn:aws:iam::{cases.ACCOUNT}:root"
        not_them = {"NotPrincipal": {"AWS": [cases.user_arn(user), root]}}
        spared = {"ArnNotEquals": {"aws:PrincipalArn": cases.user_arn(user)}}
        return {
            "user": user,
            "mate": mate,
            "group": rng.choice(("makers", "builders", "night-shift", "field-team")),
            "bucket": bucket,
            "not_action": cases.document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            "looking": cases.document(cases.allow("iam:ListUsers", "*")),
            "not_principal": cases.document(cases.deny("s3:*", [arn, f"{arn}/*"], **not_them)),
            "by_condition": cases.document(
                cases.deny("s3:*", [arn, f"{arn}/*"], Principal="*", Condition=spared)
            ),
            "first": (first := rng.choice(list(FIRST))),
            "first_right": cases.DECISIONS[first.startswith("iam:")],
            "boundary": cases.document(cases.allow("s3:*", "*")),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        user, mate = cases.user_arn(v["user"]), cases.user_arn(v["mate"])
        not_action, looking = {"identityPolicies": [v["not_action"]]}, [v["not_action"], v["looking"]]
        instance = f"arn:aws:ec2:us-east-1:{cases.ACCOUNT}:instance/i-0abc1234def567890"
        key = f"arn:aws:s3:::{v['bucket']}/a.csv"
        guarded = {**not_action, "resourcePolicy": v["not_principal"]}
        by_condition = {**not_action, "resourcePolicy": v["by_condition"]}
        boundary = {"boundary": v["boundary"]}
        done, thing = FIRST[v["first"]]
        return (
            cases.decided(
                "first",
                f"With the group's first policy alone: {v['mate']} {done}",
                cases.case(mate, v["first"], thing, **not_action),
            ),
            cases.decided(
                "machine",
                f"With the group's first policy alone: {v['mate']} terminates an EC2 instance",
                cases.case(mate, "ec2:TerminateInstances", instance, **not_action),
                Slip("", "I12", "NotAction with Allow allows every action but those named, in all services."),
            ),
            cases.decided(
                "look",
                f"With both policies of the group: {v['mate']} lists the users of the account",
                cases.case(mate, "iam:ListUsers", "*", identityPolicies=looking),
                Slip("", "I12", "The first policy leaves iam:* out; it does not forbid it."),
            ),
            cases.decided(
                "create",
                f"With both policies of the group: {v['mate']} creates a user",
                cases.case(mate, "iam:CreateUser", cases.user_arn("mallory"), identityPolicies=looking),
            ),
            cases.decided(
                "listed",
                f"The bucket's policy with NotPrincipal, no boundary: {v['user']} reads a.csv",
                cases.case(user, "s3:GetObject", key, **guarded),
            ),
            cases.decided(
                "bounded",
                f"The bucket's policy with NotPrincipal, and the boundary: {v['user']} reads a.csv",
                cases.case(user, "s3:GetObject", key, **guarded, **boundary),
                Slip(
                    "", "I13", "A Deny with NotPrincipal denies everybody who has a boundary, listed or not."
                ),
            ),
            cases.decided(
                "instead",
                f"The new bucket policy, and the boundary: {v['user']} reads a.csv",
                cases.case(user, "s3:GetObject", key, **by_condition, **boundary),
            ),
        )
