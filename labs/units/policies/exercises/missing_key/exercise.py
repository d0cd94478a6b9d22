"""Predict what conditions do when the request does not have their key."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.policies import cases

TAGGED, STRANGE = "a tag of the list", "another tag"
"""With what the last queue is created, drawn."""


class MissingKey(Lettered, PredictExercise):
    title = "The key that is not there"
    minutes = 8
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        bucket = cases.bucket_name(rng.choice(("ledger", "survey", "genome", "sensor")), rng.randrange(16**4))
        objects = f"arn:aws:s3:::{bucket}/*"
        tags = rng.sample(("team", "project", "owner", "stage", "course"), 2)
        only = {"ForAllValues:StringEquals": {"aws:TagKeys": tags}}
        some = {"Null": {"aws:TagKeys": "false"}}
        queue = f"arn:aws:sqs:us-east-1:{cases.ACCOUNT}:*"
        reading = cases.allow("s3:GetObject", objects)

        def unless(operator: str) -> dict[str, Any]:
            condition = {operator: {"aws:MultiFactorAuthPresent": "false"}}
            return cases.document(reading, cases.deny("*", "*", Condition=condition))

        return {
            "user": rng.choice(cases.USERS),
            "bucket": bucket,
            "extra": (extra := rng.choice((TAGGED, STRANGE))),
            "extra_right": cases.DECISIONS[extra == STRANGE],
            "tag": tags[0],
            "other_tag": tags[1],
            "bool": unless("Bool"),
            "if_exists": unless("BoolIfExists"),
            "for_all": cases.document(cases.allow("sqs:CreateQueue", queue, Condition=only)),
            "not_null": cases.document(cases.allow("sqs:CreateQueue", queue, Condition={**only, **some})),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        signed_in = {"aws:MultiFactorAuthPresent": "true"}
        tagged = {"aws:TagKeys": [v["tag"]]}
        no_key = (
            "An access key sends no aws:MultiFactorAuthPresent at all. Bool finds nothing to compare, so "
            "the Deny does not match."
        )
        none_at_all = "Of no tags at all it is true that all of them are in the list."
        return (
            self._read(v, "bool_key", "bool", {}, Slip("", "I17", no_key)),
            self._read(v, "exists_key", "if_exists", {}),
            self._read(v, "exists_mfa", "if_exists", signed_in),
            self._create(v, "tagged", "for_all", tagged),
            self._create(v, "untagged", "for_all", {}, Slip("", "I15", none_at_all)),
            self._create(v, "not_null", "not_null", {}),
            self._create(
                v, "extra", "not_null", tagged if v["extra"] == TAGGED else {"aws:TagKeys": ["salary"]}
            ),
        )

    def _read(
        self, v: Mapping[str, Any], name: str, policy: str, context: Mapping[str, Any], *slips: Slip
    ) -> Field:
        how = "in a session opened with MFA" if context else "with a long-term access key"
        item = f"arn:aws:s3:::{v['bucket']}/a.csv"
        who = cases.user_arn(v["user"])
        asked = cases.case(who, "s3:GetObject", item, identityPolicies=[v[policy]], context=context)
        return cases.decided(name, f"{policy}: {v['user']} reads an object, {how}", asked, *slips)

    def _create(
        self, v: Mapping[str, Any], name: str, policy: str, context: Mapping[str, Any], *slips: Slip
    ) -> Field:
        what = f"with the tag {context['aws:TagKeys'][0]}" if context else "without any tag"
        queue = f"arn:aws:sqs:us-east-1:{cases.ACCOUNT}:jobs"
        who = cases.user_arn(v["user"])
        asked = cases.case(who, "sqs:CreateQueue", queue, identityPolicies=[v[policy]], context=context)
        return cases.decided(name, f"{policy}: {v['user']} creates a queue {what}", asked, *slips)
