"""From the ARN of a session to that of its role, in a live world where roles have paths."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import Call, CallResult, CodeExercise, CounterExample, Criterion, Run, Variant
from labs.course.kinds.code import same
from labs.course.marks import failed, passed
from labs.units.arns import names

if TYPE_CHECKING:
    from labs.sandbox import World

ACCOUNT = "123456789012"
AUDITOR = "user/auditor"
MAY_LOOK = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


class RolesOfSessions(CodeExercise):
    title = "Roles of sessions"
    minutes = 25
    points = 10

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        plain, deep, gone = rng.sample(("trainer", "crawler", "indexer", "painter", "sorter"), 3)
        team, person = rng.choice(names.TEAMS), rng.choice(names.USERS)
        iam, sts = f"arn:aws:iam::{ACCOUNT}", f"arn:aws:sts::{ACCOUNT}:assumed-role"
        return {
            "account": ACCOUNT,
            "plain": plain,
            "deep": deep,
            "path": f"/{team}/eu/",
            "policies": sorted(rng.sample(("read-raw", "write-runs", "send-mail", "call-home"), 2)),
            "plain_arn": f"{iam}:role/{plain}",
            "deep_arn": f"{iam}:role/{team}/eu/{deep}",
            "flat_arn": f"{iam}:role/{deep}",
            "plain_session": f"{sts}/{plain}/{person}",
            "deep_session": f"{sts}/{deep}/i-{names.hexadecimal(rng)}",
            "gone_session": f"{sts}/{gone}/{person}",
            "user": f"{iam}:user/{team}/{person}",
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v, iam = variant.values, world.client("iam")
        for name, path in ((v["plain"], "/"), (v["deep"], v["path"])):
            iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(TRUST))
        for policy in v["policies"]:
            statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{policy}/*"}
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_role_policy(RoleName=v["deep"], PolicyName=policy, PolicyDocument=document)
        iam.create_user(UserName="auditor")
        iam.put_user_policy(UserName="auditor", PolicyName="look", PolicyDocument=json.dumps(MAY_LOOK))

    def calls(self, variant: Variant) -> Sequence[Call]:
        v = variant.values
        return (
            *(
                Call("role_of", (v[each],), as_=AUDITOR)
                for each in ("plain_session", "deep_session", "gone_session", "user")
            ),
            Call("policies_of", (v["deep_arn"],), as_=AUDITOR),
        )

    def mark(self, world: World, run: Run, variant: Variant) -> tuple[Criterion, ...]:
        v = variant.values
        plain, deep, gone, user, policies = run.results
        path_lost = (v["flat_arn"], v["deep_session"])
        return (
            _mark("finds the role of a session", 2, plain, v["plain_session"], v["plain_arn"]),
            _mark(
                "finds a role that has a path",
                3,
                deep,
                v["deep_session"],
                v["deep_arn"],
                belief="A5" if deep.value in path_lost else None,
            ),
            _mark("returns None if the role is gone", 1, gone, v["gone_session"], None),
            _mark("returns None for the ARN of a user", 1, user, v["user"], None),
            _mark(
                "lists the policies of a role by its ARN",
                3,
                policies,
                v["deep_arn"],
                v["policies"],
                belief="A4" if _with_its_path(policies.error or "", v) else None,
            ),
        )


def _with_its_path(error: str, v: Mapping[str, Any]) -> bool:
    """Whether IAM was asked for a role by more than its name: the error repeats it, or complains of it."""
    return f"{v['path']}{v['deep']}".lstrip("/") in error or "rolename" in error.casefold()


def _mark(
    name: str, points: int, result: CallResult, given: str, wanted: Any, *, belief: str | None = None
) -> Criterion:
    if result.error is None and same(_sorted(result.value), wanted):
        return passed(name, points)
    said = result.error or f"For {given} it returned {str(result.value)[:120]}, and not {wanted}."
    example = CounterExample.of_command(names.show(given)) if belief else None
    return failed(name, points, said, misconception=belief, example=example)


def _sorted(value: Any) -> Any:
    """A list of names in their order, which is left to the program; anything else as it is."""
    names_only = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return sorted(value) if names_only else value
