"""Say which documents AWS takes: who may be a Principal, and which policy has one."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.policies import cases

ACCEPTED, REFUSED = CHOICES = ("accepted", "refused")


class WhosePolicy(AnswerExercise):
    title = "Whose policy is it?"
    minutes = 4
    points = 5

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        word = rng.choice(("lab", "course", "team", "field"))
        return {
            "user": rng.choice(cases.USERS),
            "group": rng.choice(("interns", "readers", "night-shift", "field-team")),
            "bucket": cases.bucket_name(word, rng.randrange(16**4)),
            "action": rng.choice(("s3:GetObject", "s3:PutObject", "s3:DeleteObject")),
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        user = cases.user_arn(v["user"])
        group = f"arn:aws:iam::{cases.ACCOUNT}:group/{v['group']}"
        silent = f"It hangs on {v['user']}, and is about {v['user']}: there is nobody to name."
        return (
            self._field(v, "plain", "user", None, Slip(REFUSED, "I10", silent)),
            self._field(v, "named", "user", user, Slip(ACCEPTED, "I10", f"{silent} IAM refuses it.")),
            self._field(v, "nobody", "bucket", None),
            self._field(v, "person", "bucket", user),
            self._field(
                v,
                "everyone",
                "bucket",
                group,
                Slip(ACCEPTED, "I11", "Nobody signs a request as a group, so no policy can name one."),
            ),
        )

    def _field(self, v: Mapping[str, Any], name: str, hangs_on: str, who: str | None, *slips: Slip) -> Field:
        """A field whose answer is what `skylab lint` says."""
        from labs.aws.iam.lint import Severity, lint

        statement = cases.allow(v["action"], f"arn:aws:s3:::{v['bucket']}/*")
        if who is not None:
            statement["Principal"] = {"AWS": who}
        text = json.dumps(cases.document(statement))
        faults = [each for each in lint(text, hangs_on) if each.severity is Severity.ERROR]
        why = faults[0].sentence if faults else "Nothing is wrong with it."
        answer = REFUSED if faults else ACCEPTED
        owner = v["user"] if hangs_on == "user" else v["bucket"]
        label = f"On {owner}, {f'with the Principal {who}' if who else 'without a Principal'}"
        look = ("lint", "--as", hangs_on, "-")
        return Field(name, label, answer, "choice", CHOICES, why=why, slips=slips, command=look, stdin=text)
