"""Write a parser of ARNs with the standard library; the cases that are tried hold all that is awkward."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CallResult, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.marks import failed, passed
from labs.units.arns import names

if TYPE_CHECKING:
    from labs.sandbox import World

PARSED = (
    ("plain", 1, "takes an ARN apart", None),
    ("empty", 2, "knows that parts may be empty", "A1"),
    ("colons", 2, "keeps the colons of the resource", "A2"),
    ("partitions", 1, "works in every partition", "A3"),
    ("none", 1, "returns None for what is no ARN", None),
)
NAMED = (
    ("role", 1, "gives the name of a role without its path", "A4"),
    ("session", 1, "gives the name of a session's role", "A5"),
    ("others", 1, "returns None for what is neither", None),
)
"""Criteria by the group of cases: points, name, and the belief behind an answer that the text suggests."""


class ParseWithPython(CodeExercise):
    title = "Parse with Python"
    minutes = 25
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        account, region = names.account(rng), rng.choice(names.REGIONS)
        bucket, team, person = names.bucket(rng), rng.choice(names.TEAMS), rng.choice(names.USERS)
        role = rng.choice(("trainer", "crawler", "indexer", "painter"))
        queue = rng.choice(("orders", "letters", "jobs"))
        machine = f"i-{names.hexadecimal(rng)}"
        return {
            "example": f"arn:aws:lambda:{region}:{account}:function:resize-{team}:live",
            "example_region": region,
            "example_account": account,
            "team": team,
            "parsed": {
                "plain": [
                    f"arn:aws:sqs:{region}:{account}:{queue}",
                    f"arn:aws:ec2:{region}:{account}:instance/{machine}",
                ],
                "empty": [f"arn:aws:s3:::{bucket}", f"arn:aws:iam::{account}:role/{team}/{role}"],
                "colons": [
                    f"arn:aws:lambda:{region}:{account}:function:resize-{team}:live",
                    f"arn:aws:logs:{region}:{account}:log-group:/app/{team}:*",
                ],
                "partitions": [
                    f"arn:aws-cn:sqs:cn-north-1:{account}:{queue}",
                    f"arn:aws-us-gov:sqs:us-gov-west-1:{account}:{queue}",
                ],
                "none": [machine, f"arn:aws:sqs:{account}:{queue}", f"s3://{bucket}/a.csv"],
            },
            "named": {
                "role": {
                    f"arn:aws:iam::{account}:role/{role}": role,
                    f"arn:aws:iam::{account}:role/{team}/eu/{role}": role,
                },
                "session": {
                    f"arn:aws:sts::{account}:assumed-role/{role}/{person}": role,
                    f"arn:aws:sts::{account}:assumed-role/{role}/{machine}": role,
                },
                "others": {
                    f"arn:aws:iam::{account}:user/{team}/{person}": None,
                    f"arn:aws:s3:::{bucket}/role/{role}": None,
                },
            },
        }

    def prepare(self, world: World, variant: Variant) -> None:
        """Nothing: the functions are given all that they need."""

    def calls(self, variant: Variant) -> Sequence[Call]:
        v = variant.values
        return (
            *(Call("parse", (text,)) for group, *_ in PARSED for text in v["parsed"][group]),
            *(Call("role_name", (text,)) for group, *_ in NAMED for text in v["named"][group]),
        )

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        results = iter(run.results)
        criteria = []
        for group, points, name, belief in PARSED:
            cases = {text: _parts(text) for text in v["parsed"][group]}
            criteria.append(_mark(name, points, belief, cases, results, _misread))
        for group, points, name, belief in NAMED:
            criteria.append(_mark(name, points, belief, v["named"][group], results, _misnamed))
        return tuple(criteria)


def _parts(text: str) -> dict[str, str] | None:
    """What `parse` should return."""
    from labs.aws.arn import Arn
    from labs.errors import ArnError

    try:
        arn = Arn.parse(text)
    except ArnError:
        return None
    return {
        "partition": arn.partition,
        "service": arn.service,
        "region": arn.region,
        "account": arn.account,
        "resource": arn.resource,
    }


def _mark(
    name: str,
    points: int,
    belief: str | None,
    cases: Mapping[str, Any],
    results: Any,
    believed: Callable[[str, Any, Any], bool],
) -> Criterion:
    """The criterion of a group of cases; each takes its result."""
    of_cases: list[tuple[str, Any, CallResult]] = [
        (text, wanted, result) for (text, wanted), result in zip(cases.items(), results, strict=False)
    ]
    for text, wanted, result in of_cases:
        if result.is_exactly(wanted):
            continue
        said = result.error or f"For {text} it returned {str(result.value)[:120]}, and not {wanted}."
        misled = belief if result.error is None and believed(text, wanted, result.value) else None
        example = CounterExample.of_command(names.show(text)) if misled else None
        return failed(name, points, said, misconception=misled, example=example)
    return passed(name, points)


def _misread(text: str, wanted: Any, given: Any) -> bool:
    """Whether an ARN was thought to be none, or some of its resource was lost."""
    if given is None or not isinstance(given, dict):
        return wanted is not None and given is None
    resource = given.get("resource")
    rest = {key: value for key, value in given.items() if key != "resource"}
    agrees = isinstance(wanted, dict) and all(wanted.get(key) == value for key, value in rest.items())
    return agrees and isinstance(resource, str) and resource in text


def _misnamed(text: str, wanted: Any, given: Any) -> bool:
    """Whether the answer is some other piece of the text, or none."""
    return wanted is not None and (given is None or (isinstance(given, str) and given in text))
