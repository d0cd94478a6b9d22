"""Where an SDK finds its credentials: boto3's order, of which the first source that has any wins.

Source: Boto3 documentation, "Credentials", "Configuring credentials".
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

__all__ = ["CredentialSource", "winning"]


class CredentialSource(StrEnum):
    """A place in which credentials may lie; the members stand in boto3's order."""

    CODE = "code"
    ENVIRONMENT = "environment"
    CREDENTIALS_FILE = "credentials file"
    CONFIG_FILE = "config file"
    CONTAINER = "container"
    METADATA = "instance metadata"

    @property
    def says(self) -> str:
        """What the place is, in a sentence."""
        return _SAYS[self]


_SAYS = {
    CredentialSource.CODE: "Keys that the code passes to boto3.client or boto3.Session.",
    CredentialSource.ENVIRONMENT: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    CredentialSource.CREDENTIALS_FILE: "The file ~/.aws/credentials.",
    CredentialSource.CONFIG_FILE: "The file ~/.aws/config.",
    CredentialSource.CONTAINER: "The container's credentials endpoint, as on ECS.",
    CredentialSource.METADATA: "The role of the instance's profile, renewed by itself.",
}


def winning(found: Iterable[CredentialSource]) -> CredentialSource | None:
    """The source whose credentials are used; None where none has any."""
    there = set(found)
    return next((source for source in CredentialSource if source in there), None)
