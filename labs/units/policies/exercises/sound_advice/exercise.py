"""Judge advice on IAM: of what is proposed for each case, which does what is wanted."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.policies import cases

ROOT = f"arn:aws:iam::{cases.ACCOUNT}:root"


class SoundAdvice(AnswerExercise):
    title = "Sound advice"
    minutes = 8
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user = rng.choice(cases.USERS)
        bucket = cases.bucket_name(rng.choice(("vault", "ledger", "escrow", "safe")), rng.randrange(16**4))
        return {
            "user": user,
            "bucket": bucket,
            "group": rng.choice(("interns", "readers", "night-shift", "field-team")),
            "policy": cases.document(cases.allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        user, bucket = cases.user_arn(v["user"]), f"arn:aws:s3:::{v['bucket']}"
        item = f"{bucket}/a.csv"
        looking = cases.document(cases.allow("iam:ListUsers", "*"))
        not_iam = cases.document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})
        no_iam = cases.document(cases.allow("*", "*"), cases.deny("iam:*", "*"))
        guard = cases.document(cases.allow("*", "*"), cases.deny("dynamodb:*", "*"))
        listed = {"NotPrincipal": {"AWS": [user, ROOT]}}
        spared = {"Principal": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": user}}}
        by_list, by_key = (
            cases.document(cases.deny("s3:*", f"{bucket}/*", **each)) for each in (listed, spared)
        )
        bounded = {"identityPolicies": [v["policy"]], "boundary": v["policy"]}
        table = f"arn:aws:dynamodb:us-east-1:{cases.ACCOUNT}:table/results"

        def listing(*policies: Mapping[str, Any]) -> dict[str, Any]:
            return cases.case(user, "iam:ListUsers", "*", identityPolicies=list(policies))

        def scanning(**policies: Any) -> dict[str, Any]:
            return cases.case(ROOT, "dynamodb:Scan", table, **policies)

        def reading(**policies: Any) -> dict[str, Any]:
            return cases.case(user, "s3:GetObject", item, **policies)

        right = reading(identityPolicies=[v["policy"]])
        early = "The policy allows the call as it stands: the change had not yet reached every place."
        unbound = "No identity-based policy, and so no boundary, binds the root user."
        return (
            # A policy that allows the call needs no change: what is left is to wait.
            _chosen(
                "script",
                "The script that is denied once",
                {"retry": right},
                True,
                {"widen": ("I20", early, right), "rebuild": ("I20", early, right)},
            ),
            _chosen(
                "revoked",
                "The user who was just locked out",
                {"wait": right},
                True,
                {
                    "now": (
                        "I20",
                        "Until the change has reached every place, some still decide as shown here.",
                        right,
                    )
                },
            ),
            _chosen(
                "root",
                "Root and DynamoDB",
                {"scp": scanning(scps=[[guard]])},
                False,
                {"policy": ("I21", unbound, scanning()), "boundary": ("I21", unbound, scanning())},
            ),
            _chosen(
                "spare",
                "All but one",
                {"condition": reading(**bounded, resourcePolicy=by_key)},
                True,
                {
                    "notprincipal": (
                        "I13",
                        "It denies everybody who has a permissions boundary, listed or not.",
                        reading(**bounded, resourcePolicy=by_list),
                    )
                },
            ),
            _chosen(
                "away",
                "Out of IAM",
                {"deny": listing(no_iam, looking)},
                False,
                {"notaction": ("I12", "Another Allow is enough to get in.", listing(not_iam, looking))},
            ),
            _group(v, bucket),
        )


def _chosen(
    name: str,
    label: str,
    sound: Mapping[str, Mapping[str, Any]],
    allowed: bool,
    unsound: Mapping[str, tuple[str, str, Mapping[str, Any]]],
) -> Field:
    """A field whose answer is the one proposal under which the question meets the decision that is wanted."""
    from labs.aws.iam import case_from_json, evaluate

    ((answer, asked),) = sound.items()
    assert evaluate(*case_from_json(dict(asked))).allowed is allowed, name
    slips = tuple(
        Slip(choice, belief, message, ("explain", "--case", "-"), json.dumps(shown))
        for choice, (belief, message, shown) in unsound.items()
    )
    choices = (answer, *unsound)
    return Field(
        name,
        label,
        answer,
        "choice",
        choices,
        slips=slips,
        command=("explain", "--case", "-"),
        stdin=json.dumps(asked),
    )


def _group(v: Mapping[str, Any], bucket: str) -> Field:
    """How a whole group comes to read a bucket."""
    group = {"AWS": f"arn:aws:iam::{cases.ACCOUNT}:group/{v['group']}"}
    named = cases.document(cases.allow("s3:GetObject", f"{bucket}/*", Principal=group))
    slip = Slip(
        "bucket",
        "I11",
        "A group is no principal: nobody signs a request as a group.",
        ("lint", "--as", "bucket", "-"),
        json.dumps(named),
    )
    return Field("team", "A whole group", "group", "choice", ("group", "bucket"), slips=(slip,))
