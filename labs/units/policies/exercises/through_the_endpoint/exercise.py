"""Write a bucket policy for a role whose requests come through a VPC endpoint."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.units.policies import cases

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy


class ThroughTheEndpoint(PolicyExercise):
    title = "Through the endpoint"
    minutes = 10
    points = 8
    policy_type = "resource"

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        role, other = rng.sample(("trainer", "analyst", "reporter", "cleaner"), 2)
        second = rng.randrange(1, 250)
        return {
            "role": role,
            "other": other,
            "bucket": cases.bucket_name(rng.choice(("corpus", "survey", "genome")), rng.randrange(16**4)),
            "block": f"10.{second}.0.0/16",
            "machine": f"10.{second}.{rng.randrange(250)}.{rng.randrange(4, 250)}",
            "endpoint": f"vpce-{rng.randrange(16**17):017x}",
            "vpc": f"vpc-{rng.randrange(16**17):017x}",
        }

    def principal(self, variant: Variant) -> str:
        return _session(variant.values["role"])

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        v = variant.values
        item = f"arn:aws:s3:::{v['bucket']}/data/a.csv"
        inside = {
            "aws:SourceVpce": v["endpoint"],
            "aws:SourceVpc": v["vpc"],
            "aws:VpcSourceIp": v["machine"],
        }
        # Another VPC may well use the same private addresses.
        elsewhere = {
            "aws:SourceVpce": "vpce-0dddddddddddddddd",
            "aws:SourceVpc": "vpc-0dddddddddddddddd",
            "aws:VpcSourceIp": v["machine"],
        }
        return (
            Rule(
                f"{v['role']} reads through {v['endpoint']}",
                3,
                True,
                (Ask("s3:GetObject", item, inside),),
                "Through an endpoint no public address arrives, so such a request has no aws:SourceIp.",
            ),
            Rule(
                "nothing comes in another way",
                3,
                False,
                (
                    Ask("s3:GetObject", item, {"aws:SourceIp": "198.51.100.7"}),
                    Ask("s3:GetObject", item, elsewhere),
                ),
                "Only the endpoint tells this network from another one with the same private addresses.",
            ),
            Rule(
                "nobody else, and nothing else",
                2,
                False,
                (
                    Ask("s3:GetObject", item, inside, _session(v["other"])),
                    Ask("s3:PutObject", item, inside),
                    Ask("s3:DeleteObject", item, inside),
                    Ask("s3:ListBucket", f"arn:aws:s3:::{v['bucket']}", inside),
                ),
                "The policy is for one role, and for reading.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        if not rule.allowed:
            return None
        for statement in policy.statements:
            for condition in statement.conditions:
                if condition.key.casefold() == "aws:sourceip":
                    return "I24"
                if condition.written == "StringEquals" and any("*" in text for text in condition.texts):
                    return "I16"
        return None


def _session(role: str) -> str:
    return f"arn:aws:sts::{cases.ACCOUNT}:assumed-role/{role}/job-1"
