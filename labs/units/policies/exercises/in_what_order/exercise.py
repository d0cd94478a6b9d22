"""Put the questions in order by which AWS comes to its decision."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from labs.course import Block, Inversion, OrderExercise, Variant
from labs.units.policies import cases

GROUPS = ("interns", "readers", "night-shift", "field-team", "makers", "builders", "graders", "archivists")


class InWhatOrder(OrderExercise):
    title = "In what order?"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user = rng.choice(cases.USERS)
        group = rng.choice(GROUPS)
        word = rng.choice(("lab", "course", "team", "field"))
        return {
            "user": user,
            "group": group,
            "bucket": cases.bucket_name(word, rng.randrange(16**4)),
            "deny": "Does a Deny match, in any policy at all? If so: denied.",
            "scp": "Do the organization's SCPs have an Allow, level by level? If not: denied.",
            "bucket_says": f"Does the bucket's policy have an Allow for the user {user}? If so: allowed.",
            "own": f"Does a policy of {user} or of {group} have an Allow? If not: denied.",
            "boundary": "Does the permissions boundary have an Allow? If not: denied; if so: allowed.",
            "first_match": "Which statement matches first? Its effect is the decision.",
            "lifted": "Does a further policy allow it by name? If so, that lifts the Deny.",
            "grants": "Does the boundary have an Allow? If so: allowed, whatever else is there.",
            "as_group": f"Does the bucket's policy have {group} as its Principal? If so: allowed.",
        }

    def blocks(self, variant: Variant) -> Sequence[Block]:
        v = variant.values
        read = cases.allow("s3:GetObject", f"arn:aws:s3:::{v['bucket']}/*")
        no = cases.deny("s3:GetObject", f"arn:aws:s3:::{v['bucket']}/*")
        explain = ("explain", "--case", "-")
        arn = f"arn:aws:iam::{cases.ACCOUNT}:group/{v['group']}"
        as_group = cases.document(read | {"Principal": {"AWS": arn}})
        return (
            Block(v["deny"]),
            Block(v["scp"]),
            Block(v["bucket_says"]),
            Block(v["own"]),
            Block(v["boundary"]),
            Block(
                v["first_match"],
                why="No statement is first: all that match are looked at, and a Deny among them wins.",
                misconception="I1",
                command=explain,
                stdin=_asked(v, identityPolicies=[cases.document(read, no)]),
            ),
            Block(
                v["lifted"],
                why="Nothing lifts a Deny, by whatever name it allows.",
                misconception="I2",
                command=explain,
                stdin=_asked(v, identityPolicies=[cases.document(no), cases.document(read)]),
            ),
            Block(
                v["grants"],
                why="A boundary only caps: what it allows has to be allowed by another policy as well.",
                misconception="I4",
                command=explain,
                stdin=_asked(v, boundary=cases.document(read)),
            ),
            Block(
                v["as_group"],
                why="Nobody signs a request as a group, so a group is no principal, and S3 refuses such a "
                "policy.",
                misconception="I11",
                command=("lint", "--as", "bucket", "-"),
                stdin=json.dumps(as_group),
            ),
        )

    def inversions(self, variant: Variant) -> Sequence[Inversion]:
        v = variant.values
        bucket = cases.allow("s3:GetObject", f"arn:aws:s3:::{v['bucket']}/*")
        named = cases.document(bucket | {"Principal": {"AWS": cases.user_arn(v["user"])}})
        denied = cases.document(cases.deny("s3:*", "*"))
        explain = ("explain", "--case", "-")
        return (
            Inversion(
                v["deny"],
                v["bucket_says"],
                "I2",
                "Every Deny is looked for before any Allow counts; otherwise one Allow would hide it.",
                command=explain,
                stdin=_asked(v, identityPolicies=[denied], resourcePolicy=named),
            ),
            Inversion(
                v["bucket_says"],
                v["own"],
                "I5",
                "If the user's own policies came first, their silence would deny what the bucket's policy "
                "allows. In one account, either is enough.",
                command=explain,
                stdin=_asked(v, resourcePolicy=named),
            ),
        )


def _asked(v: Mapping[str, Any], **policies: Any) -> str:
    resource = f"arn:aws:s3:::{v['bucket']}/data/a.csv"
    return json.dumps(cases.case(cases.user_arn(v["user"]), "s3:GetObject", resource, **policies))
