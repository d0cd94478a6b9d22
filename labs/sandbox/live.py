"""What moto holds of a service, for those who only look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["live", "live_everywhere"]


def live(service: str, account: str, region: str = "aws") -> Any:
    """moto's state of a service in an account and region; None where nothing has been made yet.

    Looking makes nothing, whatever account and region a caller has put into an ARN.

    Args:
        service: moto's name of the service, such as "awslambda".
        region: "aws", the partition, for the services that are the same in all regions.
    """
    from moto.backends import get_backend

    regions = get_backend(service).get(account)
    return None if regions is None else regions.get(region)


def live_everywhere(service: str, account: str) -> Iterator[Any]:
    """moto's state of a service in each region of an account where something has been made."""
    from moto.backends import get_backend

    yield from list((get_backend(service).get(account) or {}).values())
