"""Write the policy of a role that reads and lists one prefix of a bucket, and does nothing else."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.course.kinds.policy import s3_beside

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy


class LeastPrivilegeReader(PolicyExercise):
    title = "Least privilege for a reader"
    minutes = 10
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {
            "role": rng.choice(("reader", "trainer", "analyst", "reporter")),
            "bucket": f"{rng.choice(('training', 'sensor', 'survey', 'genome'))}-{rng.randrange(16**4):04x}",
            "prefix": rng.choice(("data", "raw", "labels", "images")),
        }

    def principal(self, variant: Variant) -> str:
        return f"arn:aws:sts::123456789012:assumed-role/{variant.values['role']}/job-1"

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        bucket, prefix = variant.values["bucket"], variant.values["prefix"]
        arn = f"arn:aws:s3:::{bucket}"

        def listing(*prefixes: str) -> tuple[Ask, ...]:
            return tuple(Ask("s3:ListBucket", arn, {"s3:prefix": each}) for each in prefixes)

        return (
            Rule(
                f"reads objects under {prefix}/",
                2,
                True,
                (
                    Ask("s3:GetObject", f"{arn}/{prefix}/a.csv"),
                    Ask("s3:GetObject", f"{arn}/{prefix}/2026/11/b.csv"),
                ),
                "GetObject is asked of an object: its ARN is the bucket's, a slash and the key.",
            ),
            Rule(
                f"lists the bucket under {prefix}/",
                2,
                True,
                listing(f"{prefix}/", f"{prefix}/2026/"),
                "ListBucket is asked of the bucket, and s3:prefix holds what the call asks for.",
            ),
            Rule(
                "does not list the rest",
                2,
                False,
                (
                    Ask("s3:ListBucket", arn),
                    *listing("", "keys/", f"{prefix}base/"),
                    Ask("s3:ListBucket", f"{arn}-backup", {"s3:prefix": f"{prefix}/"}),
                ),
                "A listing that asks for something else should stay denied.",
            ),
            Rule(
                "does nothing else",
                2,
                False,
                s3_beside(bucket, f"{prefix}/", ["s3:GetObject"]),
                "This request should stay denied.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        allowing = [each for each in policy.statements if each.effect == "Allow"]
        if any(each.action.negated for each in allowing) and not rule.allowed:
            return "I12"
        about = [each for each in allowing if each.action.matches(decision.request)]
        if rule.allowed and ask.action == "s3:ListBucket":
            return _why_no_listing(about, ask)
        beyond = ask.resource.partition("/")[2]
        patterns = [text for each in about if each.resource is not None for text in each.resource.texts]
        runs_on = any(
            text.endswith("*") and not text.endswith(("/*", ":*")) and len(text) > 1 for text in patterns
        )
        return "A6" if not rule.allowed and runs_on and "base/" in beyond else None


def _why_no_listing(about: list[Any], ask: Ask) -> str | None:
    """Why statements about ListBucket do not match a listing of the bucket."""
    for statement in about:
        for condition in statement.conditions:
            if condition.written == "StringEquals" and any("*" in text for text in condition.texts):
                return "I16"
    texts = [text for each in about if each.resource is not None for text in each.resource.texts]
    if texts and all("/" in text for text in texts):
        return "S1"
    return None
