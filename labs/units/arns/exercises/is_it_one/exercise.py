"""Eight texts: which of them could be ARNs of something in AWS?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.arns import names

CHOICES = ("yes", "no")
LETTERS = "abcdefgh"
BELIEFS = {
    "filled": ("A1", "S3 keeps the Region and the account of a bucket empty. Filled in, it names nothing."),
    "role": ("A1", "IAM is the same in every Region, so the Region of a role stays empty."),
    "colons": ("A2", "Only the first five colons divide. An object's key may have more of them."),
    "gov": ("A3", "GovCloud is a partition of its own, aws-us-gov, and this Region is in it."),
    "china": ("A3", "Regions in China are in the partition aws-cn."),
    "path": ("A5", "A session's ARN has the role's name and the session's, and no path."),
    "wildcard": (
        "A6",
        "Wildcards may stand in the resource, the Region and the account, not in the service.",
    ),
    "letters": (None, "After the hyphen come hexadecimal digits: 0-9 and a-f."),
}
"""By what is in a text, the belief of whoever misjudges it, and what is so."""


class IsItOne(AnswerExercise):
    title = "Is it one?"
    minutes = 6
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.arn import dissect

        account, region, bucket = names.account(rng), rng.choice(names.REGIONS), names.bucket(rng)
        team, role = rng.choice(names.TEAMS), rng.choice(("trainer", "crawler", "indexer", "painter"))
        wrong_digits = f"{names.hexadecimal(rng)[:-3]}{rng.choice('ghk')}{rng.choice('mpx')}0"
        texts = {
            "filled": f"arn:aws:s3:{region}:{account}:{bucket}",
            "role": f"arn:aws:iam::{account}:role/{team}/{role}",
            "colons": f"arn:aws:s3:::{bucket}/backup/2026-0{rng.randrange(1, 10)}-11T10:30:00.sql",
            "gov": f"arn:aws-us-gov:sqs:us-gov-west-1:{account}:orders",
            "china": f"arn:aws:sns:cn-north-1:{account}:alarms",
            "path": f"arn:aws:sts::{account}:assumed-role/{team}/{role}/night",
            "wildcard": f"arn:aws:*:::{bucket}",
            "letters": f"arn:aws:ec2:{region}:{account}:instance/i-{wrong_digits}",
        }
        order = rng.sample(sorted(texts), len(texts))
        answers = {kind: CHOICES[0] if dissect(text).ok else CHOICES[1] for kind, text in texts.items()}
        return {
            "order": order,
            "texts": texts,
            "answers": answers,
            "listed": "\n".join(
                f"{letter}. {texts[kind]}" for letter, kind in zip(LETTERS, order, strict=True)
            ),
            "good": " and ".join(
                letter for letter, kind in zip(LETTERS, order, strict=True) if answers[kind] == CHOICES[0]
            ),
            **{
                f"{letter}_{belief}": _said(kind, answers[kind], belief)
                for letter, kind in zip(LETTERS, order, strict=True)
                for belief in ("right", "A1", "A2", "A3", "A5", "A6")
            },
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        return tuple(
            _field(letter, kind, v["texts"][kind], v["answers"][kind])
            for letter, kind in zip(LETTERS, v["order"], strict=True)
        )


def _said(kind: str, answer: str, belief: str) -> str:
    """What somebody with a belief answers; whoever has none of them is right."""
    return CHOICES[answer == CHOICES[0]] if BELIEFS[kind][0] == belief else answer


def _field(letter: str, kind: str, text: str, answer: str) -> Field:
    belief, why = BELIEFS[kind]
    other = CHOICES[answer == CHOICES[0]]
    return Field(
        letter,
        f"{letter}. {text}",
        answer,
        "choice",
        CHOICES,
        why=why,
        slips=(Slip(other, belief, why),) if belief else (),
        command=names.show(text),
    )
