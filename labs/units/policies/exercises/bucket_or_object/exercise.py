"""A policy names objects where it means the bucket too: put it right."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant
from labs.course.kinds.policy import s3_beside

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy


class BucketOrObject(PolicyExercise):
    title = "Bucket or object?"
    minutes = 5
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {
            "user": rng.choice(("alice", "chen", "dana", "femi", "ines", "kofi", "mira", "omar")),
            "bucket": f"{rng.choice(('training', 'sensor', 'survey', 'genome'))}-{rng.randrange(16**4):04x}",
            "key": rng.choice(("data/a.csv", "raw/batch-001.csv", "images/0001.png", "labels.json")),
        }

    def principal(self, variant: Variant) -> str:
        return f"arn:aws:iam::123456789012:user/{variant.values['user']}"

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        bucket, key = variant.values["bucket"], variant.values["key"]
        return (
            Rule(
                "reads an object",
                2,
                True,
                (Ask("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"),),
                "GetObject is asked of an object: its ARN is the bucket's, a slash and the key.",
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
                2,
                False,
                s3_beside(bucket, "", ["s3:GetObject"]),
                "This request should stay denied.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        if not rule.allowed:
            return None
        resources = [
            text
            for statement in policy.statements
            if statement.effect == "Allow" and statement.resource is not None
            for text in statement.resource.texts
        ]
        bucket = ask.resource.partition("/")[0]
        if ask.action == "s3:ListBucket" and f"{bucket}/*" in resources and bucket not in resources:
            return "S1"
        if ask.action == "s3:GetObject" and bucket in resources and f"{bucket}/*" not in resources:
            return "S2"
        return None
