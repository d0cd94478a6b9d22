"""What the exercises of unit 5 share: names, ARNs, and questions that `skylab ec2` answers."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

__all__ = [
    "ACCOUNT",
    "EC2",
    "ROLES",
    "Question",
    "asked",
    "instance_id",
    "profile_arn",
    "role_arn",
    "session_arn",
    "trust",
    "word",
]

ACCOUNT: Final = "123456789012"
EC2: Final = "ec2.amazonaws.com"
ROLES: Final = (
    "report-reader",
    "image-maker",
    "log-shipper",
    "model-trainer",
    "ledger-keeper",
    "feed-writer",
)

Question: TypeAlias = Mapping[str, Any]


def asked(question: Question) -> tuple[tuple[str, ...], str]:
    """The command that answers a question about an instance, and what it reads."""
    return ("ec2", "-"), json.dumps(question)


def word(question: Question, subject: str = "") -> str:
    """The word of the answer's line about a subject; of its only line without one."""
    from labs.aws.ec2.questions import tell

    lines = tell(question).lines
    return next(line.word for line in lines if subject in ("", line.subject))


def instance_id(rng: random.Random) -> str:
    """An instance's id."""
    return f"i-0{rng.randrange(16**16):016x}"


def role_arn(name: str, account: str = ACCOUNT) -> str:
    """The ARN of a role; `name` may have a path before it."""
    return f"arn:aws:iam::{account}:role/{name}"


def profile_arn(name: str, account: str = ACCOUNT) -> str:
    """The ARN of an instance profile."""
    return f"arn:aws:iam::{account}:instance-profile/{name}"


def session_arn(role: str, session: str, account: str = ACCOUNT) -> str:
    """The ARN of a session of a role, which has no path."""
    return f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{session}"


def trust(*principals: Mapping[str, str | Sequence[str]], **elements: Any) -> dict[str, Any]:
    """A trust policy with a statement for each principal; `elements` are further ones of each."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": dict(each), "Action": "sts:AssumeRole", **elements}
            for each in principals
        ],
    }
