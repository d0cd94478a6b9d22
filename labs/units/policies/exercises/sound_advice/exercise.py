"""Judge advice on IAM: of what is proposed for each case, which does what is wanted."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Lettered, Slip, Variant
from labs.units.policies import cases

PROPOSALS = {
    "script": {
        "retry": "let it wait and try again",
        "widen": "allow `s3:*`",
        "rebuild": "delete the user and begin anew",
    },
    "revoked": {"now": "go on, it is safe", "wait": "not yet"},
    "root": {
        "policy": "a Deny in the policies of all users",
        "boundary": "a boundary for everybody",
        "scp": "a Deny in an SCP",
    },
    "spare": {
        "notprincipal": "Deny with `NotPrincipal`",
        "condition": "Deny with `ArnNotEquals` on `aws:PrincipalArn`",
    },
    "away": {
        "notaction": "Allow with `NotAction` `iam:*`",
        "deny": "Allow everything, and Deny `iam:*`",
    },
    "team": {"bucket": "name the group in the bucket's policy", "group": "give the group a policy"},
}
"""What is proposed, by the case; each student has it in another order, under the numbers 1, 2 …"""
ROOT = f"arn:aws:iam::{cases.ACCOUNT}:root"


class SoundAdvice(Lettered, AnswerExercise):
    title = "Sound advice"
    minutes = 8
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user = rng.choice(cases.USERS)
        bucket = cases.bucket_name(rng.choice(("vault", "ledger", "escrow", "safe")), rng.randrange(16**4))
        orders = {case: rng.sample(list(each), len(each)) for case, each in PROPOSALS.items()}
        return {
            **{
                f"{case}_{proposal}": str(number)
                for case, order in orders.items()
                for number, proposal in enumerate(order, start=1)
            },
            **{
                f"{case}_proposals": "\n".join(
                    f"{number}. {PROPOSALS[case][each]}" for number, each in enumerate(order, start=1)
                )
                for case, order in orders.items()
            },
            "user": user,
            "bucket": bucket,
            "group": rng.choice(("interns", "readers", "night-shift", "field-team")),
            "policy": cases.document(cases.allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")),
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
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
                v,
                "script",
                "The script that is denied once",
                {"retry": right},
                True,
                {"widen": ("I20", early, right), "rebuild": ("I20", early, right)},
            ),
            _chosen(
                v,
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
                v,
                "root",
                "Root and DynamoDB",
                {"scp": scanning(scps=[[guard]])},
                False,
                {"policy": ("I21", unbound, scanning()), "boundary": ("I21", unbound, scanning())},
            ),
            _chosen(
                v,
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
                v,
                "away",
                "Out of IAM",
                {"deny": listing(no_iam, looking)},
                False,
                {"notaction": ("I12", "Another Allow is enough to get in.", listing(not_iam, looking))},
            ),
            _group(v, bucket),
        )


def _chosen(
    v: Mapping[str, Any],
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
        Slip(v[f"{name}_{choice}"], belief, message, ("explain", "--case", "-"), json.dumps(shown))
        for choice, (belief, message, shown) in unsound.items()
    )
    return Field(
        name,
        label,
        v[f"{name}_{answer}"],
        "choice",
        numbers_of(name),
        slips=slips,
        command=("explain", "--case", "-"),
        stdin=json.dumps(asked),
    )


def _group(v: Mapping[str, Any], bucket: str) -> Field:
    """How a whole group comes to read a bucket."""
    group = {"AWS": f"arn:aws:iam::{cases.ACCOUNT}:group/{v['group']}"}
    named = cases.document(cases.allow("s3:GetObject", f"{bucket}/*", Principal=group))
    slip = Slip(
        v["team_bucket"],
        "I11",
        "A group is no principal: nobody signs a request as a group.",
        ("lint", "--as", "bucket", "-"),
        json.dumps(named),
    )
    return Field("team", "A whole group", v["team_group"], "choice", numbers_of("team"), slips=(slip,))


def numbers_of(case: str) -> tuple[str, ...]:
    """The numbers of the proposals for a case."""
    return tuple(str(number) for number, _ in enumerate(PROPOSALS[case], start=1))
