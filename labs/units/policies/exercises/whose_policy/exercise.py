"""Say which documents AWS takes: who may be a Principal, and which policy has one."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Lettered, Slip, Variant
from labs.units.policies import cases

ACCEPTED, REFUSED = CHOICES = ("accepted", "refused")
MORE = ("role", "other")
"""Two more documents, each on the user or on the bucket as it is drawn."""


class WhosePolicy(Lettered, AnswerExercise):
    title = "Whose policy is it?"
    minutes = 5
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        word = rng.choice(("lab", "course", "team", "field"))
        drawn = [rng.choice(("user", "bucket")) for _ in MORE]
        return {
            "user": rng.choice(cases.USERS),
            "group": rng.choice(("interns", "readers", "night-shift", "field-team")),
            "bucket": cases.bucket_name(word, rng.randrange(16**4)),
            "action": rng.choice(("s3:GetObject", "s3:PutObject", "s3:DeleteObject")),
            "role": rng.choice(("worker", "importer", "trainer", "archiver")),
            "drawn": drawn,
            **{f"{name}_right": CHOICES[place == "user"] for name, place in zip(MORE, drawn, strict=True)},
        }

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        user = cases.user_arn(v["user"])
        group = f"arn:aws:iam::{cases.ACCOUNT}:group/{v['group']}"
        role = f"arn:aws:iam::{cases.ACCOUNT}:role/{v['role']}"
        account = f"arn:aws:iam::{cases.ACCOUNT}:root"
        silent = f"It hangs on {v['user']}, and is about {v['user']}: there is nobody to name."
        unasked = Slip(ACCEPTED, "I10", f"{silent} IAM refuses it.")
        return (
            self._field(v, "plain", "user", None, Slip(REFUSED, "I10", silent)),
            self._field(v, "named", "user", user, unasked),
            self._field(v, "nobody", "bucket", None),
            self._field(v, "person", "bucket", user),
            self._field(
                v,
                "everyone",
                "bucket",
                group,
                Slip(ACCEPTED, "I11", "Nobody signs a request as a group, so no policy can name one."),
            ),
            *(
                self._field(v, name, place, who, *([unasked] if place == "user" else []))
                for name, place, who in zip(MORE, v["drawn"], (role, account), strict=True)
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
        owner = f"the {hangs_on} {v[hangs_on]}"
        named = who.rpartition(":")[2] if who else ""
        label = f"On {owner}, {f'with {named} as its Principal' if who else 'without a Principal'}"
        look = ("lint", "--as", hangs_on, "-")
        return Field(name, label, answer, "choice", CHOICES, why=why, slips=slips, command=look, stdin=text)
