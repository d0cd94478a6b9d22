"""Predict what PassRole lets somebody do, what it does not, and where a role's credentials come from."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.instances import machines as ec2
from labs.units.policies.cases import DECISIONS, USERS, allow, case, decided, document, user_arn

CALLS = ("iam:CreateAccessKey", "iam:GetRole", "iam:PassRole", "sts:AssumeRole")

MORE = {"ec2:RunInstances": "launches an instance without a role", "ec2:StopInstances": "stops an instance"}
"""One more request, drawn by its action: the policy has the first, and not the second."""


class PassOrAssume(Lettered, PredictExercise):
    title = "Pass or assume?"
    minutes = 8
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        role, boss = rng.sample(ec2.ROLES, 2)
        user = rng.choice(USERS)
        policy = document(
            allow("ec2:RunInstances", "*"),
            allow(
                "iam:PassRole",
                ec2.role_arn(role),
                Condition={"StringEquals": {"iam:PassedToService": ec2.EC2}},
            ),
        )
        return {
            "user": user,
            "role": role,
            "boss": boss,
            "bucket": f"{rng.choice(('reports', 'survey', 'archive'))}-{rng.randrange(16**4):04x}",
            "own": policy,
            "more": (more := rng.choice(list(MORE))),
            "more_right": DECISIONS[more != "ec2:RunInstances"],
            "trust": ec2.trust({"Service": ec2.EC2}),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        role = ec2.role_arn(v["role"])
        credentials = f"/latest/meta-data/iam/security-credentials/{v['role']}"
        command, stdin = ec2.asked(
            {"metadata": {"path": credentials, "token": "valid"}, "options": {"role": v["role"]}}
        )

        def asks(action: str, resource: str, **beside: Any) -> dict[str, Any]:
            return case(user_arn(v["user"]), action, resource, identityPolicies=[v["own"]], **beside)

        def passes(name: str, service: str) -> dict[str, Any]:
            return asks("iam:PassRole", ec2.role_arn(name), context={"iam:PassedToService": service})

        temporary = "A role has no keys of its own; STS makes temporary ones for each session."
        return (
            decided(
                "launch",
                f"{v['user']} launches an instance with {v['role']}: the check of PassRole",
                passes(v["role"], ec2.EC2),
            ),
            decided(
                "assume",
                f"{v['user']} calls sts:AssumeRole on {v['role']}",
                asks("sts:AssumeRole", role, resourcePolicy=v["trust"]),
                Slip("", "I9", "PassRole hands the role to a service. It gives you no credentials."),
            ),
            decided(
                "read",
                f"{v['user']}, on the laptop, reads an object of {v['bucket']}",
                asks("s3:GetObject", f"arn:aws:s3:::{v['bucket']}/a.csv"),
                Slip("", "I9", "What the role may do, its sessions may do; whoever passes it may not."),
            ),
            decided(
                "function",
                f"{v['user']} gives {v['role']} to a Lambda function: the check of PassRole",
                passes(v["role"], "lambda.amazonaws.com"),
                Slip("", "I9", "The condition iam:PassedToService names EC2 alone."),
            ),
            decided(
                "other",
                f"{v['user']} launches an instance with {v['boss']}: the check of PassRole",
                passes(v["boss"], ec2.EC2),
            ),
            decided(
                "more",
                f"{v['user']} {MORE[v['more']]}: {v['more']} on the instance",
                asks(v["more"], f"arn:aws:ec2:us-east-1:{ec2.ACCOUNT}:instance/i-0abc1234def567890"),
            ),
            Field(
                "keys",
                "The call by which credentials of a role are made",
                CALLS[3],
                "choice",
                CALLS,
                1,
                temporary,
                (
                    Slip(CALLS[0], "I22", f"Access keys belong to users. {temporary}"),
                    Slip(CALLS[1], "I22", f"GetRole tells about the role. {temporary}"),
                    Slip(CALLS[2], "I9", "PassRole is a permission that others ask for: nobody calls it."),
                ),
                command=command,
                stdin=stdin,
            ),
        )
