"""Predict which actions and resources a statement matches: letter case, and actions that take only a star."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.policies import cases

MACHINES = {"ec2:StopInstances": "stops", "ec2:RebootInstances": "reboots"}
"""What is asked of the instance, drawn: the policy has the first, and not the second."""


class LettersAndStars(Lettered, PredictExercise):
    title = "Letters and stars"
    minutes = 6
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        bucket = cases.bucket_name(rng.choice(("lab", "course", "team", "field")), rng.randrange(16**4))
        instance = f"i-{rng.randrange(16**17):017x}"
        folder = rng.choice(("Data", "Raw", "Images", "Labels"))
        arn = f"arn:aws:ec2:us-east-1:*:instance/{instance}"
        bucket_arn = f"arn:aws:s3:::{bucket}"
        written = rng.choice(("S3:getobject", "s3:getObject", "s3:GETOBJECT"))
        capital, key = rng.random() < 0.5, rng.choice(("b.csv", "notes.txt", "c.json"))
        return {
            "user": rng.choice(cases.USERS),
            "bucket": bucket,
            "folder": folder,
            "lower": folder.lower(),
            "instance": instance,
            "more_key": f"{folder if capital else folder.upper()}/{key}",
            "more_right": cases.DECISIONS[not capital],
            "machine": (machine := rng.choice(list(MACHINES))),
            "machine_right": cases.DECISIONS[machine != "ec2:StopInstances"],
            "policy": cases.document(
                cases.allow(written, f"{bucket_arn}/{folder}/*"),
                cases.allow(["ec2:DescribeInstances", "ec2:stopinstances"], arn),
                cases.allow("s3:ListAllMyBuckets", bucket_arn),
            ),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
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
            self._field(v, "stop", f"{MACHINES[v['machine']]} {v['instance']}", v["machine"], instance),
            self._field(
                v,
                "listing",
                f"lists the objects: aws s3 ls s3://{v['bucket']}",
                "s3:ListBucket",
                bucket,
            ),
            self._field(
                v,
                "more",
                f"reads {v['more_key']} in the bucket {v['bucket']}",
                "s3:GetObject",
                f"{bucket}/{v['more_key']}",
            ),
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
