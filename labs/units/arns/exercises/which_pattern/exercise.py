"""Four patterns, from wide to narrow: how much does each match, and which is the one to take?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.arns import names
from labs.units.arns.decisions import case_of, decide, policy_of

LETTERS = ("a", "b", "c", "d")
BUCKET = "the bucket's own"
WHO = "arn:aws:iam::123456789012:user/reader"


class WhichPattern(AnswerExercise):
    title = "Which pattern?"
    minutes = 10
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        bucket, word = names.bucket(rng), rng.choice(("reports", "runs", "scans", "labels"))
        head = f"arn:aws:s3:::{bucket}"
        first, count = rng.randrange(2018, 2022), rng.randrange(2, 6)
        inside = [f"{head}/{word}/{first + year}/a.csv" for year in range(count)]
        beside = [f"{head}/{word}-private/{each}.csv" for each in ("pay", "sick")[: rng.randrange(1, 3)]]
        listed = [
            head,
            *inside,
            *beside,
            f"{head}/keys/root.pem",
            f"{head}-old",
            f"{head}-old/{word}/{first - 1}.csv",
        ]
        patterns = dict(
            zip(LETTERS, (f"{head}*", f"{head}/*", f"{head}/{word}*", f"{head}/{word}/*"), strict=True)
        )
        matched = {
            letter: [each for each in listed if _matches(text, each)] for letter, text in patterns.items()
        }
        right = next(letter for letter in LETTERS if matched[letter] == inside)
        near = {
            letter: [each for each in listed if _as_in_a_shell(text, each)]
            for letter, text in patterns.items()
        }
        return {
            "bucket": bucket,
            "word": word,
            "patterns": patterns,
            "listed": "\n".join(listed),
            "shown": "\n".join(f"{letter}  {text}" for letter, text in patterns.items()),
            "head": head,
            "sample": inside[-1],
            "beside": beside[0],
            "right": right,
            "with_the_bucket": len(matched["b"]) + 1,
            **{f"count_{letter}": len(found) for letter, found in matched.items()},
            **{f"shell_{letter}": len(found) for letter, found in near.items()},
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        crosses = "A * in the resource stops at nothing: not at a slash, and not at the end of a word."
        counts = tuple(
            Field(
                f"count_{letter}",
                f"How many ARNs {v['patterns'][letter]} matches",
                str(v[f"count_{letter}"]),
                "number",
                why="Take one ARN after the other, and compare it with the fixed text before the *.",
                slips=_slips(v, letter, crosses),
                case=_case(v["patterns"][letter], v["beside" if letter == "c" else "sample"]),
            )
            for letter in LETTERS
        )
        return (
            *counts,
            Field(
                "reading",
                f"The pattern for reading {v['word']}/",
                v["right"],
                "choice",
                LETTERS,
                points=2,
                why="It should match what is wanted, what comes next year too, and nothing beside it.",
                slips=(Slip("c", "A6", f"That one also matches {v['beside']}."),),
                case=_case(v["patterns"]["c"], v["beside"]),
            ),
            Field(
                "listing",
                "The ARN for ListBucket",
                BUCKET,
                "choice",
                (*LETTERS, BUCKET),
                points=2,
                why="a would do, but for too much: it also names another bucket, and every object.",
                slips=tuple(
                    Slip(each, "S1", "ListBucket is asked of the bucket, and this names objects.")
                    for each in ("b", "c", "d")
                ),
                case=_case(v["patterns"]["b"], v["head"], "s3:ListBucket"),
            ),
        )


def _slips(v: Mapping[str, Any], letter: str, crosses: str) -> tuple[Slip, ...]:
    """What somebody counts who thinks of the shell's *, or that everything in a bucket is the bucket too."""
    right = v[f"count_{letter}"]
    wrong = {v[f"shell_{letter}"]: ("A6", crosses)}
    if letter == "b":
        wrong[v["with_the_bucket"]] = ("S1", "The bucket's own ARN has no slash, so /* does not match it.")
    if letter == "c":
        wrong[v["count_d"]] = ("A6", crosses)
    return tuple(Slip(str(each), *said) for each, said in wrong.items() if each != right)


def _as_in_a_shell(pattern: str, arn: str) -> bool:
    """Whether the ARN would match if a * stopped at a slash."""
    fixed = pattern.removesuffix("*")
    return arn.startswith(fixed) and "/" not in arn.removeprefix(fixed)


def _case(pattern: str, arn: str, action: str = "s3:GetObject") -> dict[str, Any]:
    policy = policy_of({"Effect": "Allow", "Action": "s3:*", "Resource": pattern})
    return case_of([policy], WHO, action, arn)


def _matches(pattern: str, arn: str) -> bool:
    return decide(_case(pattern, arn, "s3:GetObject" if "/" in arn else "s3:ListBucket")).allowed
