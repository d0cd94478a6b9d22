"""Who an access key belongs to, read from moto's state, and keys made for the control plane.

The account root user and the IAM user `admin` exist in every world. Root's key is held where moto keeps all
keys, under the ARN of root, because moto itself knows no root user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from labs.aws.iam import Principal, PrincipalKind
from labs.errors import SandboxError
from labs.sandbox import sessions
from labs.sandbox.live import begun, live
from labs.sandbox.sessions import Session
from labs.sandbox.values import ACCOUNT, REGION

__all__ = [
    "ADMIN",
    "Caller",
    "Credential",
    "admin_credential",
    "entity_of",
    "find_credential",
    "found_account",
    "root_credential",
    "session_for_role",
    "tags_of",
    "unique_id",
    "user_credential",
]

ADMIN = "admin"
_ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key and whose it is.

    `session` tells what STS made the key with, and `expires` when it ends; both are None for keys that last.
    """

    access_key_id: str
    secret: str = field(repr=False)
    account: str
    principal: Principal
    active: bool = True
    session_token: str | None = field(default=None, repr=False)
    expires: datetime | None = None
    issued: datetime | None = None
    session: Session | None = None

    @property
    def temporary(self) -> bool:
        """Whether STS gave the key out."""
        return self.session_token is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request: the principal, and the credential that was proved; None for anonymous callers.

    `instance` is the EC2 instance whose metadata service gave the credential out.
    """

    principal: Principal
    credential: Credential | None = None
    instance: str | None = None

    @classmethod
    def anonymous(cls) -> Caller:
        """Whoever sends a request without a signature."""
        return cls(Principal.anonymous())

    @property
    def session(self) -> Session | None:
        """What the caller's session was made with; None for keys that last, and for anonymous callers."""
        return self.credential.session if self.credential else None


def _iam(account: str = ACCOUNT) -> Any:
    return begun("iam", account)


def _sts(account: str = ACCOUNT) -> Any:
    return begun("sts", account)


# -- the first keys --------------------------------------------------------------------------------------


def found_account(seed: int, secret: bytes, account: str = ACCOUNT) -> None:
    """Make the IAM user `admin` with AdministratorAccess and a key, and the root user's key."""
    from labs.sandbox.moto_setup import randomness

    with randomness(seed, 0):
        iam = _iam(account)
        iam.create_user(REGION, ADMIN, tags=[{"Key": "skylab", "Value": "course"}])
        iam.managed_policies[_ADMINISTRATOR_ACCESS].attach_to(iam.users[ADMIN])
        iam.create_access_key(ADMIN)
        admin = iam.users[ADMIN].access_keys[0]
        root = _root_key(account)
    digest = sha256(secret + f"/{seed}/{account}".encode()).digest()
    _rekey(iam, admin, Random(digest + b"admin"))
    _rekey(iam, root, Random(digest + b"root"))


def _root_key(account: str) -> Any:
    from moto.iam.models import AccessKey

    key = AccessKey(None, prefix="AKIA", account_id=account)
    key.role_arn = f"arn:aws:iam::{account}:root"
    return key


def _rekey(iam: Any, key: Any, draw: Random) -> None:
    """Give a key an id and a secret that do not follow from the seed alone."""
    iam.access_keys.pop(key.access_key_id, None)
    # The first half of a key id tells its account; what follows is free.
    key.access_key_id = key.access_key_id[:12] + "".join(draw.choices(_BASE32, k=8))
    key.secret_access_key = "".join(draw.choices(_SECRET_ALPHABET, k=40))
    iam.access_keys[key.access_key_id] = key


# -- looking a key up ------------------------------------------------------------------------------------


def find_credential(access_key_id: str) -> Credential | None:
    """The credential behind an access key id; None when the world has no such key (or has it no longer)."""
    account = _account_of(access_key_id)
    if account is None:
        return None
    if (session := _sessions(account).get(access_key_id)) is not None:
        return _of_session(account, session)
    if (user_session := sessions.user_sessions(account).get(access_key_id)) is not None:
        return _of_user_session(account, user_session)
    key = _iam(account).access_keys[access_key_id]
    if key.user_name is not None:
        return _of_user(account, key)
    if key.role_arn is not None and key.role_arn.endswith(":root"):
        return Credential(key.access_key_id, key.secret_access_key, account, Principal.parse(key.role_arn))
    return None


def _account_of(access_key_id: str) -> str | None:
    """The account that has the key. moto's own search would begin an IAM in every partition on its way."""
    from moto.iam.models import iam_backends

    for account, partitions in list(iam_backends.items()):
        if "aws" in partitions and access_key_id in partitions["aws"].access_keys:
            return str(account)
    return None


def _sessions(account: str) -> Mapping[str, Any]:
    """moto's sessions by access key. Its own list only grows, so what is new in it stands at its end."""
    sts = _sts(account)
    # Held by moto's object, so that it is forgotten with it.
    index: dict[str, Any] = vars(sts).setdefault("sessions_by_key", {})
    for session in sts.assumed_roles[len(index) :]:
        index[session.access_key_id] = session
    return index


def _of_user(account: str, key: Any) -> Credential | None:
    users = _iam(account).users
    user = users.get(key.user_name)
    if user is None or key not in user.access_keys:
        # moto keeps the keys of a deleted user in its table, and the old name in those of a renamed one.
        user = next((each for each in users.values() if key in each.access_keys), None)
    if user is None:
        return None
    return Credential(
        key.access_key_id,
        key.secret_access_key,
        account,
        Principal.parse(user.arn),
        active=key.status == "Active",
    )


def _of_session(account: str, session: Any) -> Credential:
    expires = _aware(session.expiration)
    return Credential(
        session.access_key_id,
        session.secret_access_key,
        account,
        Principal.session(session.role_arn, session.session_name),
        session_token=session.session_token,
        expires=expires,
        issued=_aware(session.access_key.create_date),
        session=sessions.role_session(session),
    )


def _of_user_session(account: str, made: sessions.UserSession) -> Credential | None:
    """A session ends with the user behind it."""
    user = made.user
    if user is not None and _iam(account).users.get(user.name) is not user:
        return None
    arn = str(user.arn) if user is not None else f"arn:aws:iam::{account}:root"
    key = made.access_key
    return Credential(
        key.access_key_id,
        key.secret_access_key,
        account,
        Principal.federated(arn, made.name) if made.name else Principal.parse(arn),
        session_token=made.token,
        expires=made.expires,
        issued=made.issued,
        session=made.session,
    )


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# -- what IAM knows of a principal -----------------------------------------------------------------------


def tags_of(entity: Any) -> dict[str, str]:
    """The tags of moto's user or role."""
    if entity is None:
        return {}
    own = vars(entity).get("tags")
    if own is None:  # a user's lie with IAM
        return dict(live("iam", entity.account_id).tagger.get_tag_dict_for_resource(entity.arn))
    if isinstance(own, Mapping):
        return {key: tag["Value"] for key, tag in own.items()}
    return {tag["Key"]: tag["Value"] for tag in own}


def unique_id(principal: Principal, entity: Any) -> str | None:
    """`aws:userid`: AIDA… of a user, AROA…:SESSION of a role session, ACCOUNT:NAME of a federated user, the
    account of root; None for those who are gone, and for callers without an account.
    """
    if principal.kind is PrincipalKind.ROOT:
        return principal.account
    if principal.kind is PrincipalKind.FEDERATED:
        return f"{principal.account}:{principal.name}"
    if entity is None:
        return None
    return f"{entity.id}:{principal.session_name}" if principal.session_name else str(entity.id)


def entity_of(principal: Principal) -> Any:
    """moto's user or role whose permissions count: that behind a role session or a federated user, or itself.

    None for everybody else, and for those who are gone.
    """
    if principal.account is None:
        return None
    if principal.kind is PrincipalKind.USER:
        return _iam(principal.account).users.get(principal.name)
    if principal.kind is PrincipalKind.FEDERATED:
        users = _iam(principal.account).users.values()
        return next((user for user in users if user.arn == principal.issuer), None)
    if principal.kind is PrincipalKind.SESSION:
        roles = _iam(principal.account).roles.values()
        return next((role for role in roles if role.name == principal.name), None)
    return None


# -- keys for the control plane --------------------------------------------------------------------------


def admin_credential(account: str = ACCOUNT) -> Credential:
    """The admin's first key."""
    return user_credential(ADMIN, account)


def root_credential(account: str = ACCOUNT) -> Credential:
    """The root user's key."""
    arn = f"arn:aws:iam::{account}:root"
    key = next(key for key in _iam(account).access_keys.values() if key.role_arn == arn)
    return Credential(key.access_key_id, key.secret_access_key, account, Principal.parse(arn))


def user_credential(name: str, account: str = ACCOUNT) -> Credential:
    """An active key of an IAM user; one is made when it has none.

    Raises:
        SandboxError: there is no such user, or its two keys are both inactive.
    """
    iam = _iam(account)
    user = iam.users.get(name)
    if user is None:
        known = ", ".join(sorted(iam.users))
        raise SandboxError(
            "No such IAM user", f"This world has no user {name!r}.", f"Its users are: {known}."
        )
    key = next((key for key in user.access_keys if key.status == "Active"), None)
    if key is None and len(user.access_keys) >= 2:
        raise SandboxError(
            "The user has no active key",
            f"Both keys of {name} are inactive.",
            "Activate one with update-access-key, or delete one.",
        )
    key = key or iam.create_access_key(name)
    return Credential(key.access_key_id, key.secret_access_key, account, Principal.parse(user.arn))


def session_for_role(
    role_name: str,
    session_name: str,
    *,
    lifetime: timedelta = timedelta(hours=1),
    account: str = ACCOUNT,
) -> Credential:
    """A new session of a role, as STS gives one to a service that the role trusts.

    Raises:
        SandboxError: there is no such role.
    """
    roles = {role.name: role for role in _iam(account).roles.values()}
    if role_name not in roles:
        known = ", ".join(sorted(roles)) or "none yet"
        raise SandboxError(
            "No such role", f"This world has no role {role_name!r}.", f"Its roles are: {known}."
        )
    made = sessions.begin_role_session(account, roles[role_name].arn, session_name, lifetime)
    return _of_session(account, made)
