"""Read one statement, and say which requests it matches."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.policies import cases

READINGS = ("the day it was written", "the policy language", "how often it was changed")


class ReadAStatement(AnswerExercise):
    title = "Read a statement"
    minutes = 4
    points = 5

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {
            "user": rng.choice(("alice", "chen", "dana", "femi", "ines", "kofi", "mira", "omar")),
            "bucket": f"{rng.choice(('training', 'sensor', 'survey', 'genome'))}-{rng.randrange(16**4):04x}",
            "prefix": rng.choice(("data/", "raw/", "images/", "2026/")),
            "file": rng.choice(("a.csv", "batch-001.csv", "labels.json", "scan.png")),
            "sid": rng.choice(("TeamData", "ReadAndWrite", "Uploads", "WorkInProgress")),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        bucket = f"arn:aws:s3:::{v['bucket']}"
        key = f"{v['prefix']}{v['file']}"
        policy = cases.document(
            cases.allow(["s3:GetObject", "s3:PutObject"], f"{bucket}/{v['prefix']}*", Sid=v["sid"])
        )
        # The language of 2008 has no variables, whatever the day on which it is written.
        old = {
            **cases.document(cases.allow("s3:GetObject", f"{bucket}/${{aws:username}}/*")),
            "Version": "2008-10-17",
        }

        def asked(action: str, resource: str, document: Mapping[str, Any] = policy) -> cases.Case:
            return cases.case(cases.user_arn(v["user"]), action, resource, identityPolicies=[document])

        look, own = cases.question(asked("s3:GetObject", f"{bucket}/{v['user']}/a.csv", old))
        listing = f"s3:ListBucket is asked of {bucket}, which has no slash."
        return (
            cases.decided("read", f"{v['user']} reads {key}", asked("s3:GetObject", f"{bucket}/{key}")),
            cases.decided(
                "delete",
                f"{v['user']} deletes {key}",
                asked("s3:DeleteObject", f"{bucket}/{key}"),
                Slip("", "I3", "The statement does not name s3:DeleteObject."),
            ),
            cases.decided(
                "list",
                f"{v['user']} lists the bucket",
                asked("s3:ListBucket", bucket),
                Slip("", "S1", listing),
            ),
            Field(
                "resource",
                "The ARN of the bucket itself",
                bucket,
                "arn",
                why=f"An ARN of a bucket is arn:aws:s3::: and the bucket's name, here {v['bucket']}.",
                slips=(
                    Slip(
                        f"{bucket}/*", "S1", "That names the objects, not the bucket.", ("arn", f"{bucket}/*")
                    ),
                    Slip(
                        _has_region_or_account,
                        "A1",
                        "A bucket's ARN leaves Region and account empty.",
                        ("arn", bucket),
                    ),
                ),
            ),
            Field(
                "version",
                "What 2012-10-17 is the version of",
                READINGS[1],
                "choice",
                READINGS,
                slips=(
                    Slip(
                        READINGS[0],
                        "I18",
                        "It is a fixed date: every policy written today has it.",
                        look,
                        own,
                    ),
                    Slip(READINGS[2], "I18", "It does not change when the policy does.", look, own),
                ),
            ),
        )


def _has_region_or_account(given: str) -> bool:
    return re.match(r"arn:aws:s3:([^:]+:|:[^:]+)", given) is not None
