"""The instance metadata service: what it answers to a request, and why.

Source: EC2 User Guide, "Use the Instance Metadata Service to access instance metadata" and "How Instance
Metadata Service Version 2 works"; EC2 API Reference, `InstanceMetadataOptionsRequest`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["LONGEST_TOKEN", "ROLE_PATH", "TOKEN_PATH", "MetadataReply", "MetadataRequest", "Options", "reply"]

TOKEN_PATH: Final = "/latest/api/token"
ROLE_PATH: Final = "/latest/meta-data/iam/security-credentials/"
LONGEST_TOKEN: Final = 21_600
"""Seconds: a token lives six hours at most."""


@dataclass(frozen=True, slots=True)
class Options:
    """How the service of an instance is set, and the role that the instance has; None without one.

    `tokens` is `required` for version 2 alone, `optional` for both. `hop_limit` is how many network hops the
    reply to a PUT may make.
    """

    role: str | None = None
    tokens: Literal["required", "optional"] = "required"
    hop_limit: int = 1
    endpoint: Literal["enabled", "disabled"] = "enabled"


@dataclass(frozen=True, slots=True)
class MetadataRequest:
    """One request. `ttl` is the lifetime that a PUT asks for, in seconds; None where the header is absent.

    `hops` is how far the program is from the service: 1 on the instance, 2 in a container behind a bridge.
    """

    method: Literal["GET", "PUT"] = "GET"
    path: str = "/latest/meta-data/instance-id"
    token: Literal["none", "valid", "expired"] = "none"
    ttl: int | None = None
    hops: int = 1


@dataclass(frozen=True, slots=True)
class MetadataReply:
    """The HTTP status, None where no answer comes back, and the reason in a sentence."""

    status: int | None
    says: str

    @property
    def word(self) -> str:
        """The status as a word: `200`, or `no answer`."""
        return "no answer" if self.status is None else str(self.status)


def reply(request: MetadataRequest, options: Options | None = None) -> MetadataReply:
    """What the service of an instance answers to a request."""
    options = options or Options()
    if options.endpoint == "disabled":
        return MetadataReply(403, "The service is switched off for this instance.")
    if request.method == "PUT":
        return _token(request, options)
    if request.token == "expired":
        return MetadataReply(401, "The token has expired: ask for another one, with PUT.")
    if request.token == "none" and options.tokens == "required":
        return MetadataReply(401, "The instance requires version 2, and the request brings no token.")
    if request.path.startswith("/latest/meta-data/iam/"):
        return _role(request, options)
    return MetadataReply(200, "The instance knows that about itself.")


def _token(request: MetadataRequest, options: Options) -> MetadataReply:
    if request.path != TOKEN_PATH:
        return MetadataReply(405, f"PUT is for {TOKEN_PATH} alone.")
    if request.hops > options.hop_limit:
        says = f"The reply to a PUT travels {options.hop_limit} hop, and this program is {request.hops} away."
        return MetadataReply(None, says.replace(" hop,", " hops,") if options.hop_limit > 1 else says)
    if request.ttl is None or not 1 <= request.ttl <= LONGEST_TOKEN:
        return MetadataReply(400, f"A token's lifetime has to be asked for: 1 to {LONGEST_TOKEN:,} seconds.")
    return MetadataReply(200, f"A token that lives {request.ttl:,} seconds.")


def _role(request: MetadataRequest, options: Options) -> MetadataReply:
    if options.role is None:
        return MetadataReply(404, "The instance has no role, so there is nothing at this path.")
    if request.path == ROLE_PATH:
        return MetadataReply(200, f"The name of the role: {options.role}.")
    if request.path == ROLE_PATH + options.role:
        return MetadataReply(200, "The role's temporary credentials.")
    return MetadataReply(404, f"The instance has the role {options.role}, and none of that name.")
