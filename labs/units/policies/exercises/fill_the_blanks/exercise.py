"""A faded example: four policies, each with one blank more to think about than the one before."""

from __future__ import annotations

import ipaddress
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from labs.course import AnswerExercise, Field, Lettered, Slip, Variant
from labs.units.policies import cases

Wanted: TypeAlias = Sequence[tuple[Mapping[str, Any], bool]]
"""Contexts of a request, each with whether it should be allowed."""
VERSIONS = ("2008-10-17", "2012-10-17", "left out")


class FillTheBlanks(Lettered, AnswerExercise):
    title = "Fill the blanks"
    minutes = 7
    points = 5

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        return {
            "user": rng.choice(cases.USERS),
            "bucket": cases.bucket_name(rng.choice(("lab", "course", "team", "field")), rng.randrange(16**4)),
            "prefix": rng.choice(("data", "raw", "labels", "images")),
            "office": f"203.0.113.{rng.choice((0, 64, 128, 192))}/26",
            "tag": rng.choice(("team", "project", "owner", "stage")),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        bucket = f"arn:aws:s3:::{v['bucket']}"
        item, queue = f"{bucket}/a.csv", f"arn:aws:sqs:us-east-1:{cases.ACCOUNT}:jobs"
        inside = str(ipaddress.ip_network(v["office"])[9])

        def listing(blank: str) -> dict[str, Any]:
            condition = {blank: {"s3:prefix": f"{v['prefix']}/*"}}
            return cases.document(cases.allow("s3:ListBucket", bucket, Condition=condition))

        def office(blank: str) -> dict[str, Any]:
            condition = {blank: {"aws:SourceIp": v["office"]}}
            return cases.document(cases.allow("s3:GetObject", f"{bucket}/*", Condition=condition))

        def mfa(blank: str) -> dict[str, Any]:
            condition = {blank: {"aws:MultiFactorAuthPresent": "false"}}
            reading = cases.allow("s3:GetObject", f"{bucket}/*")
            return cases.document(reading, cases.deny("*", "*", Condition=condition))

        def tags(blank: str) -> dict[str, Any]:
            condition: dict[str, Any] = {"ForAllValues:StringEquals": {"aws:TagKeys": [v["tag"]]}}
            if blank == "Null":
                condition[blank] = {"aws:TagKeys": "false"}
            return cases.document(cases.allow("sqs:CreateQueue", queue, Condition=condition))

        def home(blank: str) -> dict[str, Any]:
            written = cases.document(cases.allow("s3:GetObject", f"{bucket}/${{aws:username}}/*"))
            if blank == "left out":
                return {"Statement": written["Statement"]}
            return {**written, "Version": blank}

        return (
            self._field(
                v,
                "office",
                f"Reading {v['bucket']}, from the office only: which operator",
                ("StringLike", "IpAddress"),
                office,
                "s3:GetObject",
                item,
                [({"aws:SourceIp": inside}, True), ({"aws:SourceIp": "8.8.8.8"}, False)],
            ),
            self._field(
                v,
                "listing",
                f"Listing {v['bucket']}, under {v['prefix']}/ only: which operator",
                ("StringLike", "StringEquals"),
                listing,
                "s3:ListBucket",
                bucket,
                [({"s3:prefix": f"{v['prefix']}/"}, True), ({"s3:prefix": "keys/"}, False)],
                {"StringEquals": ("I16", "To StringEquals the star is an ordinary star.")},
            ),
            self._field(
                v,
                "mfa",
                "The Deny for all without a second factor: which operator",
                ("Bool", "BoolIfExists"),
                mfa,
                "s3:GetObject",
                item,
                [({}, False), ({"aws:MultiFactorAuthPresent": "true"}, True)],
                {
                    "Bool": (
                        "I17",
                        "An access key does not send the key at all, and Bool then does not match.",
                    )
                },
            ),
            self._field(
                v,
                "tags",
                f"Creating a queue with the tag {v['tag']}: which operator, or is the line not needed",
                ("Null", "nothing"),
                tags,
                "sqs:CreateQueue",
                queue,
                [({"aws:TagKeys": [v["tag"]]}, True), ({}, False)],
                {"nothing": ("I15", "Of no tags at all, all are in the list.")},
            ),
            self._field(
                v,
                "version",
                "Reading one's own folder: which Version",
                VERSIONS,
                home,
                "s3:GetObject",
                f"{bucket}/{v['user']}/a.csv",
                [({}, True)],
                dict.fromkeys(
                    (VERSIONS[0], VERSIONS[2]), ("I18", "In the language of 2008, a variable is just text.")
                ),
            ),
        )

    def _field(
        self,
        v: Mapping[str, Any],
        name: str,
        label: str,
        choices: tuple[str, ...],
        filled: Callable[[str], dict[str, Any]],
        action: str,
        resource: str,
        wanted: Wanted,
        beliefs: Mapping[str, tuple[str, str]] | None = None,
    ) -> Field:
        """A field whose answer is the choice under which each request meets the decision that is wanted."""
        faults = {
            choice: _fault(cases.user_arn(v["user"]), filled(choice), action, resource, wanted)
            for choice in choices
        }
        (answer,) = (choice for choice, fault in faults.items() if fault is None)
        slips = tuple(
            Slip(choice, belief, message, ("explain", "--case", "-"), json.dumps(faults[choice]))
            for choice, (belief, message) in (beliefs or {}).items()
        )
        why = "Try it on a request that should pass and on one that should not."
        return Field(name, label, answer, "choice", choices, why=why, slips=slips)


def _fault(
    who: str, policy: Mapping[str, Any], action: str, resource: str, wanted: Wanted
) -> dict[str, Any] | None:
    """The first question that meets the wrong decision; None where there is none."""
    from labs.aws.iam import case_from_json, evaluate

    for context, allowed in wanted:
        asked = cases.case(who, action, resource, identityPolicies=[policy], context=context)
        if evaluate(*case_from_json(asked)).allowed is not allowed:
            return asked
    return None
