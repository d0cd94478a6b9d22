"""Write the policy of somebody who launches machines with one role, and becomes nobody by it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.units.instances import machines as ec2
from labs.units.policies.cases import USERS, user_arn

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy

PASSED_TO = "iam:PassedToService"
RESOURCES = (
    "instance/*",
    "subnet/subnet-0a1b2c3d4e5f60718",
    "network-interface/*",
    "security-group/sg-0a1b2c3d4e5f60718",
    "volume/*",
)
"""What RunInstances is asked of, beside the image."""


class OnlyThisRole(PolicyExercise):
    title = "Launch with this role only"
    minutes = 12
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        role, boss = (f"{each}-{rng.randrange(2, 30)}" for each in rng.sample(ec2.ROLES, 2))
        return {
            "user": rng.choice(USERS),
            "role": role,
            "boss": boss,
            "role_arn": ec2.role_arn(role),
            "boss_arn": ec2.role_arn(boss),
            "region": rng.choice(("us-east-1", "eu-west-1", "eu-central-1", "us-west-2")),
        }

    def principal(self, variant: Variant) -> str:
        return user_arn(variant.values["user"])

    def beside(self, variant: Variant) -> Mapping[str, Any]:
        """The role's trust policy, which leaves it to the account's own policies who may take it on."""
        from labs.aws.iam import parse_policy

        account = {"Service": ec2.EC2, "AWS": f"arn:aws:iam::{ec2.ACCOUNT}:root"}
        return {"resource": parse_policy(ec2.trust(account), name="the role's trust policy", type="trust")}

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        v = variant.values
        role, boss = v["role_arn"], v["boss_arn"]
        own = f"arn:aws:ec2:{v['region']}:{ec2.ACCOUNT}"
        launched = (
            *(f"{own}:{each}" for each in RESOURCES),
            f"arn:aws:ec2:{v['region']}::image/ami-0a1b2c3d",
        )
        return (
            Rule(
                f"passes {v['role']} to EC2",
                2,
                True,
                (Ask("iam:PassRole", role, {PASSED_TO: ec2.EC2}),),
                "The launch asks for iam:PassRole on the role.",
            ),
            Rule(
                "launches instances",
                2,
                True,
                tuple(Ask("ec2:RunInstances", each) for each in launched),
                "RunInstances is asked of the instance, the image, the subnet and more.",
            ),
            Rule(
                "passes no other role, and to no other service",
                2,
                False,
                (
                    Ask("iam:PassRole", boss, {PASSED_TO: ec2.EC2}),
                    Ask("iam:PassRole", f"{role}-admin", {PASSED_TO: ec2.EC2}),
                    Ask("iam:PassRole", role, {PASSED_TO: "lambda.amazonaws.com"}),
                    Ask("iam:PassRole", role, {PASSED_TO: "glue.amazonaws.com"}),
                ),
                "Name the one role, and the service in a condition on iam:PassedToService.",
            ),
            Rule(
                "takes on no role",
                2,
                False,
                (Ask("sts:AssumeRole", role),),
                "Whoever launches with a role need not be able to become it.",
            ),
            Rule(
                "does nothing else",
                2,
                False,
                (
                    Ask("ec2:TerminateInstances", f"{own}:instance/i-0a1b2c3d"),
                    Ask("ec2:CreateVpc", f"{own}:vpc/*"),
                    Ask("iam:CreateRole", role),
                    Ask("iam:PutRolePolicy", role),
                    Ask("iam:UpdateAssumeRolePolicy", role),
                    Ask("s3:GetObject", "arn:aws:s3:::somebody-else/a.csv"),
                ),
                "This request should stay denied.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        allowing = [each for each in policy.statements if each.effect == "Allow"]
        if not rule.allowed and any(each.action.negated for each in allowing):
            return "I12"
        if ask.action == "sts:AssumeRole":
            return "I9"
        assumes = any("assumerole" in text.lower() for each in allowing for text in each.action.texts)
        return "I9" if rule.allowed and ask.action == "iam:PassRole" and assumes else None
