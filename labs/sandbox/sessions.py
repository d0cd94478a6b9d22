"""Sessions that STS gives out: what each was made with, and how long it may last.

moto keeps the key of a role's session and forgets the rest; of users' and federated users' sessions it keeps
nothing. What is added here lives in moto's own objects, so it goes when they go.

Source: IAM User Guide, "Request temporary security credentials", "Pass session tags in AWS STS".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from labs.sandbox.live import begun

__all__ = [
    "Session",
    "UserSession",
    "begin_role_session",
    "begin_user_session",
    "role_session",
    "user_sessions",
]

SessionKind = Literal["role", "user", "federated"]
_NOTES = "skylab_session"
_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Session:
    """What a session was made with.

    `policy` is the JSON text of its inline session policy, and `policy_arns` name the managed ones. `tags`
    were given with it or came down a chain of roles; those in `transitive` go on down. `mfa` is when the
    one-time code behind it was checked, where that counts for later requests.
    """

    kind: SessionKind = "role"
    policy: str = ""
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str | None = None
    mfa: datetime | None = None

    @property
    def has_policy(self) -> bool:
        """Whether the session is limited by session policies."""
        return bool(self.policy or self.policy_arns)


_PLAIN = Session()


@dataclass(frozen=True, slots=True)
class UserSession:
    """A session of an IAM user, of the account root, or of a federated user that one of them vouches for.

    `user` is moto's user; None stands for root. `name` is that of a federated user.
    """

    access_key: Any = field(repr=False)
    token: str = field(repr=False)
    issued: datetime
    expires: datetime
    user: Any
    name: str | None
    session: Session


def _sts(account: str) -> Any:
    return begun("sts", account)


def begin_role_session(
    account: str, role_arn: str, name: str, lifetime: timedelta, session: Session = _PLAIN
) -> Any:
    """moto's new session of a role, with a note of what it was made with."""
    made = _sts(account).assume_role(
        region_name=_REGION,
        role_session_name=name,
        role_arn=role_arn,
        policy=session.policy,
        duration=int(lifetime.total_seconds()),
        external_id="",
    )
    setattr(made, _NOTES, session)
    return made


def role_session(made: Any) -> Session:
    """What moto's session of a role was made with."""
    noted: Session | None = getattr(made, _NOTES, None)
    return noted if noted is not None else Session(policy=made.policy or "")


def begin_user_session(
    account: str, user: Any, name: str | None, now: datetime, lifetime: timedelta, session: Session
) -> UserSession:
    """A new session of a user or of root (None), or of the federated user of that name."""
    from moto.sts.utils import random_session_token

    key = begun("iam", account).create_temp_access_key()
    token = random_session_token()
    made = UserSession(key, token, now, now + lifetime, user, name, session)
    user_sessions(account)[key.access_key_id] = made
    return made


def user_sessions(account: str) -> dict[str, UserSession]:
    """The sessions of users by access key id."""
    found: dict[str, UserSession] = vars(_sts(account)).setdefault("sessions_of_users", {})
    return found
