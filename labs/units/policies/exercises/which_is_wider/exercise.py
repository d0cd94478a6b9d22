"""Judge which of two policies allows more; the prover knows, and has a request that shows it."""

from __future__ import annotations

import json
import random
import textwrap
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from labs.course import Field, Lettered, PredictExercise, Slip, Variant
from labs.units.policies import cases

FIRST, SECOND, SAME, NEITHER = CHOICES = ("first", "second", "same", "neither")
ANSWERS = {"narrower": FIRST, "wider": SECOND, "equivalent": SAME, "incomparable": NEITHER}
WIDTH = 72
TITLES = {
    "slash": "Objects of one prefix",
    "letters": "Reading objects",
    "order": "An Allow and a Deny",
    "star": "Listing a bucket",
    "keys": "Tags of the caller",
    "tags": "Tags of what is made",
    "apart": "Asking about the bucket",
}
PAIRS = tuple(TITLES)


class WhichIsWider(Lettered, PredictExercise):
    title = "Which is wider?"
    minutes = 10
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        bucket = cases.bucket_name(rng.choice(("lab", "course", "team", "field")), rng.randrange(16**4))
        prefix = rng.choice(("data", "raw", "labels", "images"))
        arn = f"arn:aws:s3:::{bucket}"
        pairs = _pairs(arn, prefix)
        values: dict[str, Any] = {"bucket": bucket, "prefix": prefix}
        for name in PAIRS:
            first, second = rng.sample(pairs[name], 2)
            values |= {
                f"{name}_first": _shown(first),
                f"{name}_second": _shown(second),
                f"{name}_pair": (first, second),
                f"{name}_answer": _answer(json.dumps(first), json.dumps(second))[0],
            }
        return values

    def questions(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        said: Mapping[str, tuple[Slip, ...]] = {
            "slash": (Slip(SAME, "A6", "Without the slash, the star runs on into other names."),),
            "letters": tuple(
                Slip(each, "I19", "An action's letter case does not count.")
                for each in (FIRST, SECOND, NEITHER)
            ),
            "order": tuple(
                Slip(each, "I1", "The order of statements does not count.")
                for each in (FIRST, SECOND, NEITHER)
            ),
            "star": (Slip(SAME, "I16", "To StringEquals the star is an ordinary star."),),
            "keys": (
                Slip(
                    SAME, "I14", "Two keys in one condition are both needed; of two statements one will do."
                ),
            ),
            "tags": (Slip(SAME, "I15", "Without the Null, a request with no tags at all is allowed."),),
        }
        return tuple(self._field(v, name, said.get(name, ())) for name in PAIRS)

    def _field(self, v: Mapping[str, Any], name: str, slips: tuple[Slip, ...]) -> Field:
        first, second = v[f"{name}_pair"]
        answer, sentence = _answer(json.dumps(first), json.dumps(second))
        return Field(
            name,
            TITLES[name],
            answer,
            "choice",
            CHOICES,
            why=sentence,
            slips=slips,
            command=("prove", "--jsonl"),
            stdin=json.dumps({"reference": first, "candidate": second}),
        )


def _pairs(arn: str, prefix: str) -> Mapping[str, list[dict[str, Any]]]:
    """Two policies by name, in either order."""
    queue = f"arn:aws:sqs:us-east-1:{cases.ACCOUNT}:*"
    reading = cases.allow("s3:GetObject", f"{arn}/*")
    keeping = cases.deny("s3:*", f"{arn}/keys/*")
    listed = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}

    def listing(operator: str) -> dict[str, Any]:
        condition = {operator: {"s3:prefix": f"{prefix}/*"}}
        return cases.document(cases.allow("s3:ListBucket", arn, Condition=condition))

    def tagged(**keys: str) -> dict[str, Any]:
        condition = {"StringEquals": {f"aws:PrincipalTag/{key}": value for key, value in keys.items()}}
        return cases.allow("s3:GetObject", f"{arn}/*", Condition=condition)

    def queues(condition: Mapping[str, Any]) -> dict[str, Any]:
        return cases.document(cases.allow("sqs:CreateQueue", queue, Condition=condition))

    return {
        "slash": [cases.document(cases.allow("s3:GetObject", f"{arn}/{prefix}{end}")) for end in ("/*", "*")],
        "letters": [
            cases.document(cases.allow(action, f"{arn}/*")) for action in ("s3:GetObject", "s3:getobject")
        ],
        "order": [cases.document(reading, keeping), cases.document(keeping, reading)],
        "star": [listing("StringEquals"), listing("StringLike")],
        "keys": [
            cases.document(tagged(team="red", stage="test")),
            cases.document(tagged(team="red"), tagged(stage="test")),
        ],
        "tags": [queues(listed), queues({**listed, "Null": {"aws:TagKeys": "false"}})],
        "apart": [cases.document(cases.allow(action, arn)) for action in ("s3:ListBucket", "s3:GetBucket*")],
    }


def _shown(document: Mapping[str, Any]) -> str:
    """The statements of a policy, in few lines that fit a narrow terminal."""
    lines: list[str] = []
    for statement in document["Statement"]:
        # A name and its value stay on one line: textwrap breaks at no such space.
        text = json.dumps(statement).replace(": ", ":\N{NO-BREAK SPACE}")
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


@lru_cache(maxsize=1024)
def _answer(first: str, second: str) -> tuple[str, str]:
    """Which of two documents is wider, proved; and the prover's sentence, with the first as reference."""
    from labs.aws.iam import parse_policy
    from labs.aws.iam.prover import compare

    found = compare(parse_policy(first, name="first"), parse_policy(second, name="second"))
    return ANSWERS[found.verdict], found.sentence
