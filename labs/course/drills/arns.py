"""ARN anatomy: take one apart, write one, tell a role from its session, and see what a pattern matches."""

from __future__ import annotations

import random
from typing import Any, Final

from labs.course.drills import draw
from labs.course.drills.question import Asked, Drill, Form, asked

__all__ = ["DRILL"]

_NONE: Final = "none"
_ELSEWHERE: Final = ("cn-north-1", "cn-northwest-1", "us-gov-west-1", "us-gov-east-1")


def _resource(rng: random.Random) -> Asked:
    from labs.aws.arn import Arn

    parts: list[str] = rng.choice(
        (
            ["lambda", "function", draw.name(rng), rng.choice(("live", "blue", "prod"))],
            ["logs", "log-group", f"/aws/lambda/{draw.name(rng)}", "*"],
            ["sns", draw.name(rng), f"{rng.randrange(16**8):08x}"],
            ["rds", rng.choice(("db", "snapshot")), draw.name(rng)],
        )
    )
    arn = Arn.parse(f"arn:aws:{parts[0]}:{draw.region(rng)}:{draw.account(rng)}:{':'.join(parts[1:])}")
    why = "Split at the first five colons. All that follows is the resource, its own colons included."
    words = arn.resource.split(":")
    ends = range(1, len(words) + 1)
    pieces = {":".join(words[start:end]) for end in ends for start in range(end)}
    return asked(
        str(arn),
        "What is the resource part of this ARN?",
        arn.resource,
        *((each, "A2", why) for each in sorted(pieces)),
        why=why,
        command=("arn", str(arn)),
    )


def _region(rng: random.Random) -> Asked:
    from labs.aws.arn import Arn
    from labs.aws.identifiers import is_region

    arn = Arn.parse(
        rng.choice(
            (
                f"arn:aws:s3:::{draw.bucket(rng)}/{draw.region(rng)}/{draw.key(rng)}",
                f"arn:aws:iam::{draw.account(rng)}:role/{draw.name(rng)}",
                f"arn:aws:sqs:{draw.region(rng)}:{draw.account(rng)}:{draw.name(rng)}",
                f"arn:aws:sns:{draw.region(rng)}:{draw.account(rng)}:{draw.name(rng)}",
            )
        )
    )
    answer = arn.region or _NONE
    wrong = (
        () if arn.region else ((is_region, "A1", "Between the colons where a Region stands, there is none."),)
    )
    return asked(
        str(arn),
        f"Which Region does this ARN name? ({_NONE} if it names none)",
        answer,
        *wrong,
        why="The Region is the fourth part, after the third colon; S3's buckets and IAM leave it empty.",
        command=("arn", str(arn)),
    )


def _name(rng: random.Random) -> Asked:
    kind, path = rng.choice(("role", "user")), draw.path(rng)
    name = draw.name(rng) if kind == "role" else draw.user(rng)
    arn = f"arn:aws:iam::{draw.account(rng)}:{kind}/{path}/{name}"
    said = f"/{path}/ is the path; iam:Get{kind.capitalize()} asks for the name alone."
    return asked(
        arn,
        f"What is the {kind}'s name?",
        name,
        (f"{path}/{name}", "A4", said),
        (f"/{path}/{name}", "A4", said),
        why="The name is what follows the last slash.",
        command=("arn", arn),
    )


def _role_of_session(rng: random.Random) -> Asked:
    account, role, path = draw.account(rng), draw.name(rng), draw.path(rng)
    session = f"arn:aws:sts::{account}:assumed-role/{role}/{draw.user(rng)}"
    answer = f"arn:aws:iam::{account}:role/{path}/{role}"
    return asked(
        f"A request was made as\n  {session}\nThe role lies under the path /{path}/.",
        "What is the role's ARN?",
        answer,
        (session, "A5", "That is the session's ARN; the role has one of its own, of IAM."),
        (
            session.rpartition("/")[0],
            "A5",
            "A role is of iam and role/…; assumed-role is how sts names sessions.",
        ),
        (f"arn:aws:sts::{account}:role/{path}/{role}", "A5", "Sessions are of sts, roles of iam."),
        (
            f"arn:aws:iam::{account}:role/{role}",
            "A5",
            "The session's ARN leaves the path out; the role's has it.",
        ),
        why="A role is arn:aws:iam::ACCOUNT:role/PATH/NAME; the session shows its account and its name.",
        type="arn",
        command=("arn", answer),
    )


def _session_of_role(rng: random.Random) -> Asked:
    account, role, path, who = draw.account(rng), draw.name(rng), draw.path(rng), draw.user(rng)
    of_role = f"arn:aws:iam::{account}:role/{path}/{role}"
    answer = f"arn:aws:sts::{account}:assumed-role/{role}/{who}"
    return asked(
        f"{who} takes on the role\n  {of_role}\nin a session named {who}.",
        "As which ARN do the requests of this session come?",
        answer,
        (of_role, "A5", "That is the role. Its sessions have ARNs of their own."),
        (f"arn:aws:sts::{account}:assumed-role/{path}/{role}/{who}", "A5", "A session's ARN has no path."),
        (f"arn:aws:iam::{account}:role/{path}/{role}/{who}", "A5", "Sessions are of sts, and assumed-role/…"),
        (f"arn:aws:iam::{account}:assumed-role/{role}/{who}", "A5", "Sessions are of sts, not of iam."),
        why="It is arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, without the role's path.",
        type="arn",
        command=("arn", answer),
    )


def _write(rng: random.Random) -> Asked:
    from labs.aws.identifiers import partition_of_region

    region, account = rng.choice((*draw.REGIONS, *_ELSEWHERE)), draw.account(rng)
    partition = partition_of_region(region)
    what, name = rng.choice((("queue", draw.name(rng)), ("bucket", draw.bucket(rng))))
    if what == "queue":
        middle = f"{region}:{account}"
        service, said = "sqs", f"An SQS queue {name}, of the account {account}, in {region}"
    else:
        middle = ":"
        service, said = "s3", f"An S3 bucket {name}, of the account {account}, in {region}"
    answer = f"arn:{partition}:{service}:{middle}:{name}"
    wrong = []
    if partition != "aws":
        wrong.append(
            (f"arn:aws:{service}:{middle}:{name}", "A3", f"{region} is in the partition {partition}.")
        )
    if what == "bucket":
        said_so = "A bucket's ARN leaves the Region and the account empty."
        places = (f"{region}:{account}", f"{region}:", f":{account}")
        wrong += [(f"arn:{partition}:s3:{each}:{name}", "A1", said_so) for each in places]
    return asked(
        f"{said}.",
        "What is its ARN?",
        answer,
        *wrong,
        why="arn, partition, service, Region, account, resource; a bucket's leaves Region and account empty.",
        type="arn",
        command=("arn", answer),
    )


def _pattern(rng: random.Random) -> Asked:
    from labs.aws.iam import case_from_json, evaluate

    bucket, word = draw.bucket(rng), rng.choice(("data", "log", "note", "scan"))
    crosses = "A * stands for any characters, slashes and colons too."
    cases = (
        (f"{word}/*", f"{word}/{draw.key(rng)}", crosses),
        (
            f"{word}*",
            f"{word}base/{draw.key(rng)}",
            "No slash stands before the *, so it goes on from any letter.",
        ),
        (f"*/{word}.csv", f"{draw.key(rng)}/{word}.csv", crosses),
        (f"{word}/?.csv", f"{word}/{rng.randrange(10, 99)}.csv", ""),
        (f"{word}/*", f"{word}", ""),
    )
    pattern, key, said = rng.choice(cases)
    asking = f"arn:aws:s3:::{bucket}/{key}"
    case = _case("s3:GetObject", f"arn:aws:s3:::{bucket}/{pattern}", asking)
    decision = evaluate(*case_from_json(case))
    return asked(
        f"A policy allows s3:GetObject on\n  arn:aws:s3:::{bucket}/{pattern}\nThe request is for\n  {asking}",
        "Does the pattern match?",
        "yes" if decision.allowed else "no",
        *([("no", "A6", said)] if said else []),
        why="? is one character, * is any number of any characters, and all else has to be the same.",
        choices=("yes", "no"),
        case=case,
    )


def _bucket_or_object(rng: random.Random) -> Asked:
    bucket = draw.bucket(rng)
    action = rng.choice(
        ("s3:ListBucket", "s3:GetBucketPolicy", "s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    )
    of_objects = action.endswith("Object")
    answer = f"arn:aws:s3:::{bucket}{'/*' if of_objects else ''}"
    other = f"arn:aws:s3:::{bucket}{'' if of_objects else '/*'}"
    said = f"{action} is asked of {'an object' if of_objects else 'the bucket itself'}."
    asking = f"arn:aws:s3:::{bucket}/a.csv" if of_objects else answer
    return asked(
        f"A statement is to allow {action} for all of the bucket {bucket}, and no other bucket.",
        "Which Resource does it need? (an ARN)",
        answer,
        (other, "S2" if of_objects else "S1", said),
        why=said,
        type="arn",
        case=_case(action, answer, asking),
    )


def _case(action: str, pattern: str, resource: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": pattern}
    return {
        "request": {
            "principal": "arn:aws:iam::123456789012:user/ada",
            "action": action,
            "resource": resource,
            "resourceAccount": "123456789012",
        },
        "identityPolicies": [{"Version": "2012-10-17", "Statement": [statement]}],
    }


DRILL: Final = Drill(
    "arns",
    "ARN anatomy",
    "take ARNs apart, write them, and say what a pattern matches",
    (
        Form(_resource, ("A2",)),
        Form(_region, ("A1",)),
        Form(_name, ("A4",)),
        Form(_role_of_session, ("A5",)),
        Form(_session_of_role, ("A5",)),
        Form(_write, ("A1", "A3")),
        Form(_pattern, ("A6",)),
        Form(_bucket_or_object, ("S1", "S2")),
    ),
)
