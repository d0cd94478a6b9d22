"""Complete the patterns of a policy: one prefix of one bucket, and the list of the bucket."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.course.kinds.policy import s3_beside
from labs.units.arns import names

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy
    from labs.errors import PolicyError

ACCOUNT = "123456789012"


class JustThisPrefix(PolicyExercise):
    title = "Just this prefix"
    minutes = 8
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {
            "user": rng.choice(names.USERS),
            "bucket": names.bucket(rng),
            "prefix": rng.choice(("data", "raw", "scans", "labels")),
            "region": rng.choice(names.REGIONS),
            "account": ACCOUNT,
        }

    def principal(self, variant: Variant) -> str:
        return f"arn:aws:iam::{ACCOUNT}:user/{variant.values['user']}"

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        bucket, prefix = variant.values["bucket"], variant.values["prefix"]
        inside = f"arn:aws:s3:::{bucket}/{prefix}"
        return (
            Rule(
                "reads what begins with the prefix",
                3,
                True,
                (
                    Ask("s3:GetObject", f"{inside}/a.csv"),
                    Ask("s3:GetObject", f"{inside}/2026/01/T10:30:00.csv"),
                ),
                "An object's ARN is the bucket's, a slash and the key. Neither Region nor account is in it.",
            ),
            Rule(
                "lists the bucket",
                2,
                True,
                (Ask("s3:ListBucket", f"arn:aws:s3:::{bucket}"),),
                "ListBucket is asked of the bucket: its ARN has no slash.",
            ),
            Rule(
                "allows nothing else",
                3,
                False,
                s3_beside(bucket, f"{prefix}/", ["s3:GetObject"]),
                "This request should stay denied. A * goes on across letters, slashes and colons.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        resources = _resources(policy)
        bucket = ask.resource.partition("/")[0]
        if not rule.allowed:
            # An object that is read beside the prefix: the pattern reaches further than was meant.
            return "A6" if ask.action == "s3:GetObject" else None
        if any(text.split(":", 5)[3:5] != ["", ""] for text in resources if text.startswith("arn:aws:s3:")):
            return "A1"
        if ask.action == "s3:ListBucket" and any(text.startswith(f"{bucket}/") for text in resources):
            return "S1"
        if ask.action == "s3:GetObject" and bucket in resources:
            return "S2"
        return None

    def diagnose_document(self, fault: PolicyError) -> str | None:
        """A wildcard in the service is refused."""
        return "A6" if "service" in fault.title else super().diagnose_document(fault)


def _resources(policy: Policy) -> list[str]:
    """All ARNs and patterns that the policy's Allows name."""
    allows = (each for each in policy.statements if each.effect == "Allow" and each.resource is not None)
    return [text for each in allows if each.resource for text in each.resource.texts]
