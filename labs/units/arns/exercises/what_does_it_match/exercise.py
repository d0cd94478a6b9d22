"""Predict which requests the patterns of a policy match, then see how each decision falls."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.arns import names
from labs.units.arns.decisions import case_of, decide, policy_of

CHOICES = ("allowed", "denied")
FIELDS = ("prefix", "neighbour", "other", "listing", "reading", "alias", "complete")


class WhatDoesItMatch(Lettered, PredictExercise):
    title = "What does it match?"
    minutes = 8
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        account, region = names.account(rng), rng.choice(names.REGIONS)
        team = rng.choice(names.TEAMS)
        first, second, third = (f"{name}-{rng.randrange(16**4):04x}" for name in rng.sample(names.BUCKETS, 3))
        function = rng.choice(("resize", "import", "notify"))
        statements = [
            ("Data", "s3:getobject", f"arn:aws:s3:::{first}/data*"),
            ("List", "s3:ListBucket", f"arn:aws:s3:::{second}/*"),
            ("Read", "s3:GetObject", f"arn:aws:s3:::{second}"),
            ("Run", "lambda:InvokeFunction", f"arn:aws:lambda:{region}:{account}:function:{function}*"),
            ("Third", "s3:GetObject", f"arn:aws:s3::{account}:{third}/*"),
        ]
        key = f"a-{rng.randrange(100):02d}.csv"
        requests = {
            "prefix": ("s3:GetObject", f"arn:aws:s3:::{first}/data/{key}"),
            "neighbour": ("s3:GetObject", f"arn:aws:s3:::{first}/database/{key}"),
            "other": (
                "s3:GetObject",
                f"arn:aws:s3:::{first}/{rng.choice(('Data/', 'data-', '.data/'))}{key}",
            ),
            "listing": ("s3:ListBucket", f"arn:aws:s3:::{second}"),
            "reading": ("s3:GetObject", f"arn:aws:s3:::{second}/{key}"),
            "alias": (
                "lambda:InvokeFunction",
                f"arn:aws:lambda:{region}:{account}:function:{function}-payroll:live",
            ),
            "complete": ("s3:GetObject", f"arn:aws:s3:::{third}/{key}"),
        }
        policy = policy_of(
            *(
                {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": resource}
                for sid, action, resource in statements
            )
        )
        drawn = {
            "account": account,
            "user": f"arn:aws:iam::{account}:user/{team}/{rng.choice(names.USERS)}",
            "policy": policy,
            "requests": requests,
            "statements": "\n\n".join(f"{sid}\n  {action}\n  {arn}" for sid, action, arn in statements),
        }
        return drawn | {name: _decision(_case(drawn, name))[0] for name in FIELDS}

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        slips = {
            "prefix": Slip(CHOICES[1], "I19", "Action names are the same in any case."),
            "neighbour": Slip(
                CHOICES[1], "A6", "No slash stands before the *, so it goes on from any letter."
            ),
            "listing": Slip(CHOICES[0], "S1", "ListBucket is asked of the bucket, and /* names its objects."),
            "reading": Slip(CHOICES[0], "S2", "The ARN without a slash names the bucket, and no object."),
            "alias": Slip(CHOICES[1], "A6", "A * at the end crosses hyphens, colons and slashes."),
            "complete": Slip(
                CHOICES[0], "A1", "An object's ARN has no account, so the pattern differs from it."
            ),
        }
        return tuple(self._field(variant.values, name, slips.get(name)) for name in FIELDS)

    def _field(self, v: Mapping[str, Any], name: str, slip: Slip | None) -> Field:
        """A field whose answer is what IAM decides."""
        case = _case(v, name)
        answer, reason = _decision(case)
        action, resource = v["requests"][name]
        slips = (slip,) if slip else ()
        return Field(name, f"{action} on {resource}", answer, "choice", CHOICES, 1, reason, slips, case)


def _case(v: Mapping[str, Any], name: str) -> dict[str, Any]:
    case = case_of([v["policy"]], v["user"], *v["requests"][name])
    return case | {"names": {"identityPolicies": ["patterns"]}}


def _decision(case: Mapping[str, Any]) -> tuple[str, str]:
    """Whether it is allowed, and why."""
    decision = decide(case)
    return CHOICES[0] if decision.allowed else CHOICES[1], decision.reason
