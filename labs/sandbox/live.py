"""What moto holds of a service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

__all__ = ["accounts_of", "begun", "live", "live_bucket", "live_everywhere"]


def live(service: str, account: str, region: str = "aws") -> Any:
    """moto's state of a service in an account and region; None where nothing has been made yet.

    Looking makes nothing, whatever account and region a caller has put into an ARN.

    Args:
        service: moto's name of the service, such as "awslambda".
        region: "aws", the partition, for the services that are the same in all regions.
    """
    regions = _accounts(service).get(account)
    return None if regions is None else regions.get(region)


def begun(service: str, account: str, region: str = "aws") -> Any:
    """moto's state of a service in an account and region, which begins now if nothing has been made there."""
    found = live(service, account, region)
    return _accounts(service)[account][region] if found is None else found


def live_everywhere(service: str, account: str) -> Iterator[Any]:
    """moto's state of a service in each region of an account where something has been made."""
    yield from list((_accounts(service).get(account) or {}).values())


def accounts_of(service: str) -> tuple[str, ...]:
    """The accounts in which something of a service has been made."""
    return tuple(_accounts(service))


def live_bucket(name: str) -> Any:
    """moto's bucket of that name, whosever it is; None when there is none."""
    accounts = _accounts("s3")
    home = accounts.bucket_accounts.get(name)
    s3 = live("s3", home[1], home[0]) if home else None
    return s3.buckets.get(name) if s3 else None


@cache
def _accounts(service: str) -> Any:
    """moto's state of a service by account. A new world fills the same object anew."""
    from moto.backends import get_backend

    return get_backend(service)
