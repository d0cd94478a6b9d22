"""The services that programs of the course speak to, and which of them a piece of work names."""

from __future__ import annotations

import re

__all__ = ["SERVICES", "named_in"]

SERVICES = ("s3", "iam", "sts", "ec2", "sqs", "sns", "dynamodb", "lambda")
_NAMED = re.compile(rf"""["'/]({"|".join(SERVICES)})["'/]""")


def named_in(text: str) -> tuple[str, ...]:
    """The services that a program has clients of, or a journal has requests to, as far as its text shows.

    It is a guess by which one loads early what will be needed.
    """
    found = set(_NAMED.findall(text))
    return tuple(each for each in SERVICES if each in found)
