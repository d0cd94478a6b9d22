"""What a change is called where one looks back at it."""

from __future__ import annotations

from collections.abc import Iterable

from labs.sandbox.wire import Call

__all__ = ["label"]


def label(call: Call, resources: Iterable[str]) -> str:
    """Service, operation, and the first resource that is a particular one: `s3 PutObject bucket/key`."""
    named = (arn.split(":", 5)[-1] for arn in resources if "*" not in arn)
    return " ".join([call.service, call.operation, *filter(None, [next(named, "")])])
