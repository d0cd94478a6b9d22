"""Predict six decisions from three policies, then see how each falls."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant

ACCOUNT = "123456789012"
CHOICES = ("allowed", "implicitly denied", "explicitly denied")
WORDS = {"Allowed": CHOICES[0], "ImplicitlyDenied": CHOICES[1], "ExplicitlyDenied": CHOICES[2]}
MORE = {
    "sqs:ListQueues": ("lists the account's SQS queues", "*"),
    "s3:PutObject": ("overwrites notes/old.txt", "notes/old.txt"),
    "s3:DeleteObject": ("deletes notes/old.txt", "notes/old.txt"),
}
"""One more request of the user, drawn by its action: what is done, and of what it is asked."""


class WhichDecision(Lettered, PredictExercise):
    title = "Which decision?"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user, other = rng.sample(("alice", "chen", "dana", "femi", "ines", "kofi", "mira", "omar"), 2)
        bucket = f"{rng.choice(('lab', 'course', 'team', 'field'))}-{rng.randrange(16**4):04x}"
        objects = f"arn:aws:s3:::{bucket}/*"
        own = _document([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])
        guard = [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": objects},
            {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": objects},
        ]
        rng.shuffle(guard)
        bob = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{other}"}
        bucket_policy = _document(
            [{"Effect": "Allow", "Principal": bob, "Action": "s3:GetObject", "Resource": objects}]
        )
        return {
            "user": user,
            "other": other,
            "group": rng.choice(("interns", "readers", "night-shift", "field-team")),
            "bucket": bucket,
            "key": rng.choice(("data/a.csv", "notes/plan.txt", "models/final.pt")),
            "own": own,
            "guard": _document(guard),
            "swapped": _document(guard[::-1]),
            "bucket_policy": bucket_policy,
            "more": (more := rng.choice(list(MORE))),
            "more_right": CHOICES[("s3:PutObject", "sqs:ListQueues", "s3:DeleteObject").index(more)],
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        user, other, key = v["user"], v["other"], v["key"]
        both: tuple[tuple[str, Any], ...] = ((f"{user}/own", v["own"]), (f"{v['group']}/guard", v["guard"]))
        swapped = (both[0], (f"{v['group']}/guard", v["swapped"]))
        done, thing = MORE[v["more"]]
        return (
            self._field(v, "more", f"{user} {done}", user, v["more"], both, of=thing),
            self._field(v, "read", f"{user} reads {key}", user, "s3:GetObject", both),
            self._field(
                v,
                "delete",
                f"{user} deletes {key}",
                user,
                "s3:DeleteObject",
                both,
                Slip("allowed", "I2", f"{user}'s own s3:* does not lift the group's Deny."),
            ),
            self._field(
                v,
                "swapped",
                f"{user} deletes {key}, the group's two statements being in the other order",
                user,
                "s3:DeleteObject",
                swapped,
                Slip("allowed", "I1", "All statements are looked at, in whatever order they stand."),
            ),
            self._field(
                v,
                "machines",
                f"{user} lists the account's EC2 instances",
                user,
                "ec2:DescribeInstances",
                both,
                Slip("allowed", "I3", "No policy says anything about EC2."),
            ),
            self._field(
                v,
                "guest",
                f"{other}, who has no policy at all, reads {key}",
                other,
                "s3:GetObject",
                (),
                Slip("implicitly denied", "I5", "The bucket's policy names the user, and that is enough."),
                Slip("explicitly denied", "I5", "No statement says Deny, and the bucket's policy allows it."),
            ),
        )

    def _field(
        self,
        v: Mapping[str, Any],
        name: str,
        label: str,
        who: str,
        action: str,
        identity: Sequence[tuple[str, Any]],
        *slips: Slip,
        of: str = "",
    ) -> Field:
        """A field whose answer is what IAM decides."""
        from labs.aws.iam import case_from_json, evaluate

        of = "*" if action.startswith("ec2:") else of or v["key"]
        resource = of if of == "*" else f"arn:aws:s3:::{v['bucket']}/{of}"
        request = {
            "principal": f"arn:aws:iam::{ACCOUNT}:user/{who}",
            "action": action,
            "resource": resource,
            "resourceAccount": ACCOUNT,
        }
        case: dict[str, Any] = {
            "request": request,
            "identityPolicies": [document for _, document in identity],
            "names": {"identityPolicies": [name for name, _ in identity]},
        }
        if resource != "*":
            case["resourcePolicy"] = v["bucket_policy"]
            case["names"]["resourcePolicy"] = "bucket policy"
        decision = evaluate(*case_from_json(case))
        answer = WORDS[decision.outcome.value]
        return Field(name, label, answer, "choice", CHOICES, why=decision.reason, slips=slips, case=case)


def _document(statements: list[Any]) -> dict[str, Any]:
    return json.loads(json.dumps({"Version": "2012-10-17", "Statement": statements}))  # type: ignore[no-any-return]
