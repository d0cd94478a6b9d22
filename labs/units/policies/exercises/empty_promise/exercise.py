"""A right that was written into a permissions boundary, in a live world: grant it where it takes effect."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.kinds.use import beyond
from labs.course.marks import failed, passed, skipped
from labs.units.policies import cases

if TYPE_CHECKING:
    from labs.sandbox import World

BOUNDARY = f"arn:aws:iam::{cases.ACCOUNT}:policy/limits"


class EmptyPromise(WorldExercise):
    title = "An empty promise"
    minutes = 15
    points = 8

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        user, mate = rng.sample(cases.USERS, 2)
        return {
            "user": user,
            "mate": mate,
            "bucket": cases.bucket_name(rng.choice(("intake", "survey", "course")), rng.randrange(16**4)),
            "inbox": rng.choice(("inbox", "uploads", "incoming", "drafts")),
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        objects = f"arn:aws:s3:::{v['bucket']}/*"
        iam, s3 = world.client("iam"), world.client("s3")
        s3.create_bucket(Bucket=v["bucket"])
        s3.put_object(Bucket=v["bucket"], Key="final/report.csv", Body=b"quarter,value\n1,42\n")
        # What went wrong: the new right stands in the boundary, and in no policy of the user.
        iam.create_policy(PolicyName="limits", PolicyDocument=json.dumps(_first_limits(v)))
        iam.create_user(UserName=v["user"], PermissionsBoundary=BOUNDARY)
        reading = json.dumps(cases.document(cases.allow("s3:GetObject", objects)))
        iam.put_user_policy(UserName=v["user"], PolicyName="work", PolicyDocument=reading)
        iam.create_user(UserName="learner")
        support = cases.document(
            cases.allow(["iam:Get*", "iam:List*"], "*"),
            cases.allow(
                ["iam:*UserPolicy", "iam:*UserPermissionsBoundary"],
                cases.user_arn(v["user"]),
            ),
            cases.allow("iam:*PolicyVersion", BOUNDARY),
        )
        iam.put_user_policy(UserName="learner", PolicyName="support", PolicyDocument=json.dumps(support))

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        v, new = variant.values, f"{variant.values['inbox']}/new.csv"
        uploads, elsewhere, deletes, fenced, always = _names(v)
        refusal = _refusal(world, v, "put_object", new)
        if refusal is not None:
            example = CounterExample(f"{uploads}: is denied", _case(world, v, new))
            belief = _belief(world, v)
            return (
                failed(uploads, 2, refusal, misconception=belief, example=example if belief else None),
                skipped(elsewhere, 2, ""),
                skipped(deletes, 2, ""),
                skipped(fenced, 1, ""),
                skipped(always, 1, ""),
            )
        return (
            passed(uploads, 2),
            _guarded(world, v, elsewhere, "put_object"),
            _guarded(world, v, deletes, "delete_object"),
            _fenced(world, v, fenced),
            _always_fenced(world, v, always, self.learner),
        )

    def needs(self, variant: Variant) -> Mapping[str, Sequence[str]]:
        """A world that nobody has touched keeps the others, and that earns nothing."""
        uploads, elsewhere, deletes, fenced, always = _names(variant.values)
        return {**dict.fromkeys((elsewhere, deletes, fenced), (uploads,)), always: (uploads, fenced)}


def _names(v: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    """What the criteria are called."""
    user = v["user"]
    return (
        f"{user} uploads {v['inbox']}/new.csv",
        f"{user} cannot write elsewhere",
        f"{user} cannot delete",
        f"{user} still has the boundary",
        f"{user} was never without it",
    )


def _guarded(world: World, v: Mapping[str, Any], name: str, call: str) -> Criterion:
    key = "final/report.csv"
    return (
        passed(name, 2)
        if _refusal(world, v, call, key)
        else failed(name, 2, f"{call} of {key} goes through.")
    )


def _fenced(world: World, v: Mapping[str, Any], name: str) -> Criterion:
    """The boundary is there, and no wider than it was."""
    if _boundary(world, v) != BOUNDARY:
        return failed(name, 1, "The boundary limits is gone.")
    if wider := _wider(world, v):
        return failed(name, 1, f"The boundary limits was changed. {wider}")
    return passed(name, 1)


def _always_fenced(world: World, v: Mapping[str, Any], name: str, learner: str) -> Criterion:
    """Of the learner's rights, those over the boundary were not made use of: it was in nobody's way."""
    more = beyond(world.events(), _least(v), learner)
    if not more:
        return passed(name, 1)
    said = f"You made use of {more[0]}. Until it was back, nothing capped what {v['user']} has."
    case = _case(world, v, f"{v['inbox']}/new.csv")
    example = CounterExample("With the boundary in its place, the upload is allowed", case)
    return failed(name, 1, said, misconception="I4", example=example)


def _least(v: Mapping[str, Any]) -> dict[str, Any]:
    """What the task takes: to look, and to change the user's inline policies."""
    user = cases.user_arn(v["user"])
    return cases.document(
        cases.allow(["iam:Get*", "iam:List*", "sts:GetCallerIdentity"], "*"),
        cases.allow(["iam:PutUserPolicy", "iam:DeleteUserPolicy"], user),
        cases.allow("iam:*PolicyVersion", BOUNDARY),
    )


def _refusal(world: World, v: Mapping[str, Any], operation: str, key: str) -> str | None:
    """What AWS answers when the user makes the call; None when it goes through."""
    from botocore.exceptions import ClientError

    body = {"Body": b"1\n"} if operation == "put_object" else {}
    try:
        getattr(world.client("s3", as_=v["user"]), operation)(Bucket=v["bucket"], Key=key, **body)
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    return None


def _boundary(world: World, v: Mapping[str, Any]) -> str | None:
    user = world.client("iam").get_user(UserName=v["user"])["User"]
    arn = user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return None if arn is None else str(arn)


def _limits(world: World) -> tuple[str, dict[str, Any]]:
    """The version of the boundary that is in force, and its document."""
    iam = world.client("iam")
    version = iam.get_policy(PolicyArn=BOUNDARY)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=BOUNDARY, VersionId=version)["PolicyVersion"]
    return version, found["Document"]


def _first_limits(v: Mapping[str, Any]) -> dict[str, Any]:
    """The boundary as it was when the learner came."""
    return cases.document(cases.allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{v['bucket']}/*"))


def _wider(world: World, v: Mapping[str, Any]) -> str | None:
    """How the boundary is wider than it was; None when it is not."""
    from labs.aws.iam import parse_policy
    from labs.aws.iam.prover import compare

    found = compare(parse_policy(_first_limits(v)), parse_policy(_limits(world)[1]))
    return None if found.not_wider else found.sentence


def _own(world: World, v: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The user's inline policies."""
    iam = world.client("iam")
    names = iam.list_user_policies(UserName=v["user"])["PolicyNames"]
    return [iam.get_user_policy(UserName=v["user"], PolicyName=each)["PolicyDocument"] for each in names]


def _case(world: World, v: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The upload as a question, with what is in force now."""
    beside: dict[str, Any] = {"identityPolicies": _own(world, v)}
    if _boundary(world, v) == BOUNDARY:
        beside["boundary"] = _limits(world)[1]
    resource = f"arn:aws:s3:::{v['bucket']}/{key}"
    return cases.case(cases.user_arn(v["user"]), "s3:PutObject", resource, **beside)


def _belief(world: World, v: Mapping[str, Any]) -> str | None:
    """What somebody believes who has changed something, and still the user cannot upload."""
    from labs.aws.iam import parse_policy

    for document in _own(world, v):
        for statement in parse_policy(document).statements:
            named = statement.resource.texts if statement.resource is not None else ()
            writes = "s3:putobject" in (text.casefold() for text in statement.action.texts)
            if writes and f"arn:aws:s3:::{v['bucket']}" in named:
                return "S2"
    return "I4" if _limits(world)[0] != "v1" else None
