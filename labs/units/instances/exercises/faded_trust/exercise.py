"""Complete a trust policy: a service and the members of a group may take the role on, and nobody else."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.units.instances import machines as ec2
from labs.units.policies.cases import USERS, user_arn

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy


class FadedTrust(PolicyExercise):
    title = "Fill in who is trusted"
    minutes = 8
    points = 8
    policy_type = "trust"

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        first, second, stranger = rng.sample(USERS, 3)
        group = rng.choice(("operators", "night-shift", "analysts", "on-call"))
        return {
            "role": rng.choice(ec2.ROLES),
            "group": group,
            "group_arn": f"arn:aws:iam::{ec2.ACCOUNT}:group/{group}",
            "first": first,
            "second": second,
            "first_arn": user_arn(first),
            "second_arn": user_arn(second),
            "stranger": stranger,
            "bucket": f"{rng.choice(('reports', 'survey', 'archive'))}-{rng.randrange(16**4):04x}",
        }

    def principal(self, variant: Variant) -> str:
        return ec2.EC2

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        v = variant.values
        role = ec2.role_arn(v["role"])

        def assume(*who: str) -> tuple[Ask, ...]:
            return tuple(Ask("sts:AssumeRole", role, principal=each) for each in who)

        return (
            Rule("EC2 may take the role on", 2, True, assume(ec2.EC2), "EC2 has to stand in a Principal."),
            Rule(
                f"{v['first']} and {v['second']} may take it on",
                2,
                True,
                assume(v["first_arn"], v["second_arn"]),
                "Each of the two has to be named, as a user.",
            ),
            Rule(
                "nobody else may",
                2,
                False,
                assume(
                    user_arn(v["stranger"]),
                    "lambda.amazonaws.com",
                    "arn:aws:iam::999999999999:user/eve",
                    "arn:aws:iam::999999999999:root",
                ),
                "Only EC2 and the two users were asked for.",
            ),
            Rule(
                "it says nothing of what the role may do",
                2,
                False,
                tuple(
                    Ask(action, f"arn:aws:s3:::{v['bucket']}/a.csv", principal=v["first_arn"])
                    for action in ("s3:GetObject", "s3:PutObject")
                ),
                "IAM takes nothing but the actions of STS in a trust policy. What the role may do goes "
                "into a permissions policy.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        if ask.action.startswith("s3:"):
            return "I7"
        return (
            "I11" if rule.allowed and ask.principal != ec2.EC2 and ":group/" in str(policy.document) else None
        )
