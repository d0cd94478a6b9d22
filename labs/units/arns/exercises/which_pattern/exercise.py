"""Four patterns, some wide and some narrow: how much does each match, and which is the one to take?"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from labs.course import AnswerExercise, Field, Slip, Variant
from labs.units.arns import names
from labs.units.arns.decisions import case_of, decide, policy_of

LETTERS = ("a", "b", "c", "d")
WIDTHS = ("widest", "whole", "nearly", "exact")
"""The patterns from wide to narrow; each student has them under other letters."""
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
        written = dict(
            zip(WIDTHS, (f"{head}*", f"{head}/*", f"{head}/{word}*", f"{head}/{word}/*"), strict=True)
        )
        order = dict(zip(LETTERS, rng.sample(WIDTHS, len(WIDTHS)), strict=True))
        matched = {width: sum(_matches(text, each) for each in listed) for width, text in written.items()}
        shell = {width: sum(_as_in_a_shell(text, each) for each in listed) for width, text in written.items()}
        said = {
            "count": matched,
            "shell": shell,
            "prefix": matched | {"nearly": matched["exact"]},
            "inside": matched | {"whole": matched["whole"] + 1},
        }
        return {
            "bucket": bucket,
            "word": word,
            "patterns": written,
            "order": order,
            "listed": "\n".join(listed),
            "shown": "\n".join(f"{letter}  {written[width]}" for letter, width in order.items()),
            "head": head,
            "sample": inside[-1],
            "beside": beside[0],
            **{width: letter for letter, width in order.items()},
            **{
                f"{how}_{letter}": counted[width]
                for letter, width in order.items()
                for how, counted in said.items()
            },
        }

    def fields(self, variant: Variant) -> tuple[Field, ...]:
        v = variant.values
        crosses = "A * in the resource stops at nothing: not at a slash, and not at the end of a word."
        counts = tuple(
            Field(
                f"count_{letter}",
                f"How many ARNs {v['patterns'][width]} matches",
                str(v[f"count_{letter}"]),
                "number",
                why="Take one ARN after the other, and compare it with the fixed text before the *.",
                slips=_slips(v, letter, crosses),
                case=_case(v["patterns"][width], v["beside" if width == "nearly" else "sample"]),
            )
            for letter, width in v["order"].items()
        )
        return (
            *counts,
            Field(
                "reading",
                f"The pattern for reading {v['word']}/",
                v["exact"],
                "choice",
                LETTERS,
                points=2,
                why="It should match what is wanted, what comes next year too, and nothing beside it.",
                slips=(Slip(v["nearly"], "A6", f"That one also matches {v['beside']}."),),
                case=_case(v["patterns"]["nearly"], v["beside"]),
            ),
            Field(
                "listing",
                "The ARN for ListBucket",
                BUCKET,
                "choice",
                (*LETTERS, BUCKET),
                points=2,
                why=f"{v['widest']} names more than is wanted: another bucket, and every object.",
                slips=tuple(
                    Slip(v[each], "S1", "ListBucket is asked of the bucket, and this names objects.")
                    for each in ("whole", "nearly", "exact")
                ),
                case=_case(v["patterns"]["whole"], v["head"], "s3:ListBucket"),
            ),
        )


def _slips(v: Mapping[str, Any], letter: str, crosses: str) -> tuple[Slip, ...]:
    """What somebody counts who thinks of the shell's *, or that everything in a bucket is the bucket too."""
    beliefs = {
        "shell": ("A6", crosses),
        "inside": ("S1", "The bucket's own ARN has no slash, so /* does not match it."),
        "prefix": ("A6", crosses),
    }
    right = v[f"count_{letter}"]
    wrong = {v[f"{how}_{letter}"]: said for how, said in beliefs.items()}
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
