"""Predict which actions and resources a statement matches: letter case, and actions that take only a star."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from labs.course import Field, PredictExercise, Slip, Variant
from labs.units.policies import cases

LETTERS = "abcde"


class LettersAndStars(PredictExercise):
    title = "Letters and stars"
    minutes = 5
    points = 5

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        bucket = cases.bucket_name(rng.choice(("lab", "course", "team", "field")), rng.randrange(16**4))
        instance = f"i-{rng.randrange(16**17):017x}"
        folder = rng.choice(("Data", "Raw", "Images", "Labels"))
        arn = f"arn:aws:ec2:us-east-1:*:instance/{instance}"
        bucket_arn = f"arn:aws:s3:::{bucket}"
        written = rng.choice(("S3:getobject", "s3:getObject", "s3:GETOBJECT"))
        drawn = {
            "user": rng.choice(cases.USERS),
            "bucket": bucket,
            "folder": folder,
            "lower": folder.lower(),
            "instance": instance,
            "policy": cases.document(
                cases.allow(written, f"{bucket_arn}/{folder}/*"),
                cases.allow(["ec2:DescribeInstances", "ec2:StopInstances"], arn),
                cases.allow("s3:ListAllMyBuckets", bucket_arn),
            ),
        }
        asked = {field.name: field for field in self._asked(drawn)}
        right = {name: field.answer for name, field in asked.items()}
        said = {
            "right": right,
            "never": right | {"lower": "allowed"},
            "misspelt": right | {"same": "denied"},
            "thing": right | {"describe": "allowed", "buckets": "allowed"},
        }
        order = rng.sample(sorted(asked), len(asked))
        lettered = dict(zip(LETTERS, order, strict=True))
        return {
            **drawn,
            "order": order,
            **{f"{letter}_asked": asked[name].label for letter, name in lettered.items()},
            **{
                f"{letter}_{how}": answers[name]
                for letter, name in lettered.items()
                for how, answers in said.items()
            },
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        asked = {field.name: field for field in self._asked(variant.values)}
        return tuple(
            replace(asked[name], name=letter, label=f"{letter}. {asked[name].label}")
            for letter, name in zip(LETTERS, variant.values["order"], strict=True)
        )

    def _asked(self, v: Mapping[str, Any]) -> tuple[Field, ...]:
        """The questions, by what is in them."""
        bucket = f"arn:aws:s3:::{v['bucket']}"
        instance = f"arn:aws:ec2:us-east-1:{cases.ACCOUNT}:instance/{v['instance']}"
        return (
            self._field(
                v,
                "same",
                f"reads {v['folder']}/a.csv in the bucket {v['bucket']}",
                "s3:GetObject",
                f"{bucket}/{v['folder']}/a.csv",
                Slip("", "I19", "The letter case of an action does not count."),
            ),
            self._field(
                v,
                "lower",
                f"reads {v['lower']}/a.csv in the bucket {v['bucket']}",
                "s3:GetObject",
                f"{bucket}/{v['lower']}/a.csv",
                Slip("", "I19", "It is in resources that letter case counts: this is another key."),
            ),
            self._field(
                v,
                "describe",
                "lists the instances: aws ec2 describe-instances",
                "ec2:DescribeInstances",
                "*",
                Slip("", "I23", "Listing is asked of *, which no instance's ARN matches."),
            ),
            self._field(v, "stop", f"stops {v['instance']}", "ec2:StopInstances", instance),
            self._field(
                v,
                "buckets",
                "lists the buckets of the account: aws s3 ls",
                "s3:ListAllMyBuckets",
                "*",
                Slip("", "I23", "Listing all buckets is asked of *, and not of one bucket."),
            ),
        )

    def _field(
        self, v: Mapping[str, Any], name: str, label: str, action: str, resource: str, *slips: Slip
    ) -> Field:
        asked = cases.case(cases.user_arn(v["user"]), action, resource, identityPolicies=[v["policy"]])
        return cases.decided(name, f"{v['user']} {label}", asked, *slips)
