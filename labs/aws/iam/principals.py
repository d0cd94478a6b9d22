"""Who makes a request: the account root, an IAM user, a role session, a federated user, a service, a provider
or nobody.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Self

from labs.aws.arn import Arn
from labs.aws.identifiers import is_account_id
from labs.errors import InputError

__all__ = ["Principal", "PrincipalKind"]

_PROVIDERS = frozenset(
    {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}
)
_SERVICE_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")
_SERVICE_ROLE_PATH = "/aws-service-role/"


class PrincipalKind(Enum):
    """The kinds of principal; the value is the word that sentences use."""

    ROOT = "account root user"
    USER = "IAM user"
    SESSION = "role session"
    FEDERATED = "federated user session"
    SERVICE = "AWS service"
    PROVIDER = "identity provider"
    ANONYMOUS = "anonymous caller"

    __hash__ = object.__hash__  # members are singletons, and Enum's own hash is slow: it is written in Python


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one request, as IAM sees it.

    `arn` is what a log shows: the user's ARN, the session's ARN, a service's or provider's name, or
    "anonymous". `issuer` is who stands behind a session: the role with its path, or the user who called
    GetFederationToken; None when it is not known. `session_name` is set for role sessions and federated
    users.
    """

    kind: PrincipalKind
    arn: str
    account: str | None = None
    name: str = ""
    session_name: str | None = None
    issuer: str | None = None
    keys: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", _keys_of(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a principal as it is written in a request: an ARN, a service's name, or "anonymous".

        A role's ARN stands for a session of that role whose name is not known.

        Raises:
            ArnError: the text starts like an ARN and is none.
            InputError: the text names no kind of principal that can make a request.
        """
        if not isinstance(text, str):
            raise InputError("The principal is not a text", f"It is {type(text).__name__}.", _PRINCIPAL_HINT)
        return cls._parsed(text)

    @classmethod
    @lru_cache(maxsize=4096)
    def _parsed(cls, text: str) -> Self:
        if text == "anonymous":
            return cls.anonymous()
        if text in _PROVIDERS:
            return cls(PrincipalKind.PROVIDER, text, name=text)
        if text.endswith(_SERVICE_SUFFIXES) and ":" not in text:
            return cls(PrincipalKind.SERVICE, text, name=text)
        if is_account_id(text):
            return cls(PrincipalKind.ROOT, f"arn:aws:iam::{text}:root", text, "root")
        if not text.startswith("arn:"):
            raise InputError(
                "No such kind of principal", f"{_clip(text)} cannot make a request.", _PRINCIPAL_HINT
            )
        return cls._from_arn(Arn.parse(text))

    @classmethod
    def _from_arn(cls, arn: Arn) -> Self:
        text, kind = str(arn), (arn.service, arn.resource_type)
        if not is_account_id(arn.account):
            raise InputError(
                "The principal's ARN has no account",
                f"{_clip(text)} needs twelve digits there.",
                _PRINCIPAL_HINT,
            )
        if arn.service == "iam" and arn.resource == "root":
            return cls(PrincipalKind.ROOT, text, arn.account, "root")
        if not arn.name:
            raise InputError("The principal has no name", f"{_clip(text)} ends too early.", _PRINCIPAL_HINT)
        if kind == ("iam", "user"):
            return cls(PrincipalKind.USER, text, arn.account, arn.name)
        if kind == ("iam", "role"):
            return cls(PrincipalKind.SESSION, text, arn.account, arn.name, issuer=text)
        if kind == ("sts", "assumed-role") and arn.resource_id.count("/") == 1:
            role, session = arn.resource_id.split("/")
            return cls(PrincipalKind.SESSION, text, arn.account, role, session)
        if kind == ("sts", "federated-user"):
            return cls(PrincipalKind.FEDERATED, text, arn.account, arn.resource_id, arn.resource_id)
        if kind in (("iam", "saml-provider"), ("iam", "oidc-provider")):
            return cls(PrincipalKind.PROVIDER, text, arn.account, arn.resource_id)
        if kind == ("iam", "group"):
            raise InputError(
                "A group is not a principal",
                f"{_clip(text)} signs no request.",
                "Name one of the group's users.",
            )
        raise InputError(
            "No such kind of principal", f"{_clip(text)} cannot make a request.", _PRINCIPAL_HINT
        )

    @classmethod
    def anonymous(cls) -> Self:
        """Whoever sends a request without a signature."""
        return cls(PrincipalKind.ANONYMOUS, "anonymous", name="anonymous")

    @classmethod
    def session(cls, role_arn: str, session_name: str) -> Self:
        """A session of a role; `role_arn` has the role's path, which the session's own ARN leaves out."""
        role = Arn.parse(role_arn)
        arn = f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{session_name}"
        return cls(PrincipalKind.SESSION, arn, role.account, role.name, session_name, role_arn)

    @classmethod
    def federated(cls, user_arn: str, session_name: str) -> Self:
        """A federated user session that the user (or root) at `user_arn` made with GetFederationToken."""
        user = Arn.parse(user_arn)
        arn = f"arn:{user.partition}:sts::{user.account}:federated-user/{session_name}"
        return cls(PrincipalKind.FEDERATED, arn, user.account, session_name, session_name, user_arn)

    @property
    def role_arn(self) -> str | None:
        """The role behind a role session, with its path; None for other kinds, or when it is not known."""
        return self.issuer if self.kind is PrincipalKind.SESSION else None

    @property
    def has_root_permissions(self) -> bool:
        """Whether the caller needs no identity-based policy: root, or a session that root federated."""
        if self.kind is PrincipalKind.FEDERATED:
            return self.issuer is not None and self.issuer.endswith(":root")
        return self.kind is PrincipalKind.ROOT

    @property
    def is_service_linked(self) -> bool:
        """Whether this is a session of a service-linked role, which SCPs and RCPs leave alone."""
        return self.role_arn is not None and f":role{_SERVICE_ROLE_PATH}" in self.role_arn

    def is_session_of(self, role_arn: str) -> bool:
        """Whether this is a session of the role.

        Where the issuer is not known, account and name decide: a role's name is unique in its account.
        """
        if self.kind is not PrincipalKind.SESSION:
            return False
        if self.issuer is not None:
            return self.issuer == role_arn
        before, _, rest = role_arn.partition(":role/")
        return before == _iam_prefix(self) and rest.rpartition("/")[2] == self.name

    def __str__(self) -> str:
        return self.arn


def _iam_prefix(principal: Principal) -> str:
    partition = principal.arn.split(":", 2)[1] if principal.arn.startswith("arn:") else "aws"
    return f"arn:{partition}:iam::{principal.account}"


def _keys_of(principal: Principal) -> dict[str, str]:
    """The global condition keys that follow from who calls, by their names in lower case."""
    kind, account = principal.kind, principal.account or ""
    if kind is PrincipalKind.ANONYMOUS:
        return {"aws:principaltype": "Anonymous", "aws:principalaccount": "anonymous"}
    if kind is PrincipalKind.SERVICE:
        return {"aws:principalisawsservice": "true", "aws:principalservicename": principal.name}
    if kind is PrincipalKind.PROVIDER:
        return {}
    keys = {
        "aws:principalarn": principal.arn,
        "aws:principalaccount": account,
        "aws:principalisawsservice": "false",
    }
    if kind is PrincipalKind.ROOT:
        keys |= {"aws:principaltype": "Account", "aws:userid": account}
    elif kind is PrincipalKind.USER:
        keys |= {"aws:principaltype": "User", "aws:username": principal.name}
    elif kind is PrincipalKind.SESSION:
        role = principal.issuer or f"{_iam_prefix(principal)}:role/{principal.name}"
        keys |= {"aws:principaltype": "AssumedRole", "aws:principalarn": role}
    else:
        keys |= {"aws:principaltype": "FederatedUser", "aws:userid": f"{account}:{principal.name}"}
    return keys


def _clip(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117]}…"


_PRINCIPAL_HINT = (
    "Give arn:aws:iam::ACCOUNT:user/NAME, arn:aws:iam::ACCOUNT:root, "
    "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, arn:aws:sts::ACCOUNT:federated-user/NAME, "
    'a service such as ec2.amazonaws.com, or "anonymous".'
)
