"""Predict what conditions let through: several keys, several values, and wildcards."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.policies import cases

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1", "sa-east-1")
FAMILIES = ("t3", "t3a", "m7i", "c7g", "r7g", "m6a")


class AndOr(Lettered, PredictExercise):
    title = "And, or"
    minutes = 6
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        first, second, third = rng.sample(REGIONS, 3)
        family = rng.choice(FAMILIES)
        wanted, larger = rng.choice((("large", "xlarge"), ("xlarge", "2xlarge"), ("2xlarge", "4xlarge")))
        exact = f"{family}.{wanted}"
        both = {"aws:RequestedRegion": [first, second], "ec2:InstanceType": exact}
        starred = {"ec2:InstanceType": f"{family}.*"}
        return {
            "user": rng.choice(cases.USERS),
            "first": first,
            "second": second,
            "third": third,
            "wanted": exact,
            "larger": f"{family}.{larger}",
            "family": family,
            **_drawn(rng, first, third, exact, f"{family}.{larger}"),
            "both": _launching("StringEquals", both),
            "equals": _launching("StringEquals", starred),
            "like": _launching("StringLike", starred),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        values_or = "Values of one key are alternatives: one of them is enough."
        keys_and = "Two keys are both needed: here one of them does not fit."
        return (
            self._field(v, "fits", "both", v["second"], v["wanted"], Slip("", "I14", values_or)),
            self._field(v, "size", "both", v["first"], v["larger"], Slip("", "I14", keys_and)),
            self._field(v, "region", "both", v["third"], v["wanted"], Slip("", "I14", keys_and)),
            self._field(
                v,
                "equals",
                "equals",
                v["first"],
                v["wanted"],
                Slip("", "I16", f"To StringEquals, {v['family']}.* is a type whose name ends in a star."),
            ),
            self._field(v, "like", "like", v["first"], v["wanted"]),
            self._field(v, "other", "both", *v["other_asked"]),
            self._field(v, "another", "like", *v["another_asked"]),
        )

    def _field(
        self, v: Mapping[str, Any], name: str, policy: str, region: str, type: str, *slips: Slip
    ) -> Field:
        asked = cases.case(
            cases.user_arn(v["user"]),
            "ec2:RunInstances",
            f"arn:aws:ec2:{region}:{cases.ACCOUNT}:instance/*",
            identityPolicies=[v[policy]],
            context={"aws:RequestedRegion": region, "ec2:InstanceType": type},
        )
        return cases.decided(name, f"With the policy “{policy}”: a {type} in {region}", asked, *slips)


def _drawn(rng: random.Random, first: str, third: str, exact: str, larger: str) -> dict[str, Any]:
    """Two more launches, each with its Region and type, and whether it fits."""
    fits, starred = rng.random() < 0.5, rng.random() < 0.5
    stranger = rng.choice(("p5.48xlarge", "g6.xlarge", "x2idn.metal"))
    return {
        "other_asked": (first, exact) if fits else (third, larger),
        "other_right": cases.DECISIONS[not fits],
        "another_asked": (third, larger if starred else stranger),
        "another_right": cases.DECISIONS[not starred],
    }


def _launching(operator: str, keys: Mapping[str, Any]) -> dict[str, Any]:
    instances = f"arn:aws:ec2:*:{cases.ACCOUNT}:instance/*"
    return cases.document(cases.allow("ec2:RunInstances", instances, Condition={operator: keys}))
