"""The sessions that STS gives out. moto gives the same key to everybody, or forgets what it was made with.

Source: AWS STS API Reference, "AssumeRole", "GetSessionToken", "GetFederationToken"; IAM User Guide, "Compare
AWS STS credentials", "Pass session tags in AWS STS", "Monitor and control actions taken with assumed roles",
"Methods to assume a role".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn

from labs.aws.iam import PrincipalKind, parse_policy
from labs.errors import PolicyError
from labs.sandbox import mfa, sessions
from labs.sandbox.live import live
from labs.sandbox.principals import entity_of
from labs.sandbox.served.ask import Ask, Declined, Guard, Handler, Key, out_of_range
from labs.sandbox.sessions import Session

__all__ = ["GUARDS", "HANDLERS", "check_scope"]

_HOUR = 3600
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_LONGEST_POLICY = 2_048  # characters, of the session policy and of all that is packed
_MOST_TAGS, _MOST_POLICIES = 50, 10
# What temporary credentials of a user, and of a federated user, may ask of STS.
_STS_OF_USERS = frozenset({"AssumeRole", "GetCallerIdentity"})
_STS_OF_FEDERATED = frozenset({"GetCallerIdentity"})


# -- before IAM is asked -----------------------------------------------------------------------------------


def check_scope(ask: Ask) -> None:
    """Sessions that are no role's may not use IAM, and little of STS; with a one-time code a user's may.

    Raises:
        Declined: the session is of no use for this call.
    """
    session, call = ask.caller.session, ask.call
    if session is None or session.kind == "role" or call.service not in ("iam", "sts"):
        return
    if call.service == "iam" and (session.kind == "federated" or session.mfa is None):
        raise Declined("InvalidClientTokenId", "The security token included in the request is invalid", 403)
    allowed = _STS_OF_FEDERATED if session.kind == "federated" else _STS_OF_USERS
    if call.service == "sts" and call.operation not in allowed:
        _no_session(ask)


def _no_session(ask: Ask) -> NoReturn:
    raise Declined("AccessDenied", f"Cannot call {ask.call.operation} with session credentials", 403)


def _admit_role(ask: Ask) -> None:
    if ask.caller.principal.kind is PrincipalKind.ROOT:
        raise Declined("AccessDenied", "Roles may not be assumed by root accounts.", 403)
    if not _ROLE.fullmatch(ask.text("RoleArn")):
        raise Declined("ValidationError", f"{ask.text('RoleArn')} is invalid")
    _check_name(ask.text("RoleSessionName"), "roleSessionName", 64)
    if ask.text("SourceIdentity"):
        _check_name(ask.text("SourceIdentity"), "sourceIdentity", 64)
    _check_duration(ask, 43_200)
    _check_policies(ask)
    _check_tags(ask)
    _check_code(ask)


def _admit_user(ask: Ask) -> None:
    kind = ask.caller.principal.kind
    if kind not in (PrincipalKind.USER, PrincipalKind.ROOT) or ask.caller.session is not None:
        _no_session(ask)
    _check_duration(ask, 129_600)
    _check_code(ask)


def _admit_federated(ask: Ask) -> None:
    _admit_user(ask)
    _check_name(ask.text("Name"), "name", 32)
    _check_policies(ask)
    _check_tags(ask)


def _check_name(name: str, member: str, longest: int) -> None:
    if not 2 <= len(name) <= longest:
        bound = ("greater", 2) if len(name) < 2 else ("less", longest)
        raise out_of_range(name, member, f"have length {bound[0]} than or equal to {bound[1]}")
    if not _NAME.fullmatch(name):
        raise out_of_range(name, member, r"satisfy regular expression pattern: [\w+=,.@-]*")


def _check_duration(ask: Ask, longest: int) -> None:
    asked = ask.params.get("DurationSeconds")
    if asked is not None and not 900 <= int(asked) <= longest:
        bound = ("greater", 900) if int(asked) < 900 else ("less", longest)
        constraint = f"have value {bound[0]} than or equal to {bound[1]}"
        raise out_of_range(asked, "durationSeconds", constraint)


def _check_policies(ask: Ask) -> None:
    text, arns = ask.text("Policy"), _policy_arns(ask)
    if len(text) > _LONGEST_POLICY:
        raise out_of_range(text, "policy", f"have length less than or equal to {_LONGEST_POLICY}")
    if len(arns) > _MOST_POLICIES:
        raise out_of_range(arns, "policyArns", f"have length less than or equal to {_MOST_POLICIES}")
    if text:
        try:
            parse_policy(text, name="session policy", type="identity")
        except PolicyError as fault:
            message = f"Syntax errors in policy. {fault.title}: {fault.detail}"
            raise Declined("MalformedPolicyDocument", message) from fault


def _check_tags(ask: Ask) -> None:
    keys = [key.lower() for key, _ in _tags(ask)]
    if len(keys) > _MOST_TAGS:
        raise out_of_range(keys, "tags", f"have length less than or equal to {_MOST_TAGS}")
    if len(set(keys)) < len(keys):
        message = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        raise Declined("InvalidParameterValue", message)
    if not {key.lower() for key in ask.texts("TransitiveTagKeys")} <= set(keys):
        message = "The specified transitive tag key must be included in the requested tags."
        raise Declined("InvalidParameterValue", message)
    inherited = ask.caller.session.transitive if ask.caller.session else ()
    if {key.lower() for key in inherited} & set(keys):
        message = (
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive "
            "tag key from the calling session."
        )
        raise Declined("InvalidParameterValue", message)


def _check_code(ask: Ask) -> None:
    if not (ask.text("SerialNumber") or ask.text("TokenCode")):
        return
    if mfa.device_of(ask.call, ask.caller) is None or not ask.text("TokenCode"):
        message = (
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial "
            "number is valid and associated with this user."
        )
        raise Declined("AccessDenied", message, 403)
    if not _has_code(ask):
        message = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
        raise Declined("AccessDenied", message, 403)


def _has_code(ask: Ask) -> bool:
    return mfa.is_right(ask.call, ask.caller, ask.now, ask.state.clock.timeline)


# -- parameters ----------------------------------------------------------------------------------------------


def _tags(ask: Ask) -> list[tuple[str, str]]:
    given = ask.params.get("Tags") or ()
    return [(str(tag.get("Key") or ""), str(tag.get("Value") or "")) for tag in given]


def _policy_arns(ask: Ask) -> tuple[str, ...]:
    return tuple(str(each.get("arn") or "") for each in ask.params.get("PolicyArns") or ())


def _lifetime(ask: Ask, default: int) -> timedelta:
    return timedelta(seconds=int(ask.params.get("DurationSeconds") or default))


def _check_policies_exist(arns: tuple[str, ...], account: str) -> None:
    known = live("iam", account).managed_policies
    for arn in arns:
        if arn not in known:
            raise Declined("MalformedPolicyDocument", f"The policy {arn} cannot be found.")


def _packed(session: Session) -> dict[str, int]:
    """How much of its allowance a session's policies and tags take up, in percent."""
    size = len(session.policy) + sum(map(len, session.policy_arns))
    size += sum(len(key) + len(value) for key, value in session.tags.items())
    percent = -(-100 * size // _LONGEST_POLICY)
    if percent > 100:
        message = f"Packed size of session tags consumes {percent}% of allotted space."
        raise Declined("PackedPolicyTooLarge", message)
    return {"PackedPolicySize": percent} if size else {}


# -- giving out --------------------------------------------------------------------------------------------


def _assume_role(ask: Ask) -> Mapping[str, Any]:
    arn, name = ask.text("RoleArn"), ask.text("RoleSessionName")
    account = arn.split(":")[4]
    role = next((each for each in live("iam", account).roles.values() if each.arn == arn), None)
    if role is None:  # IAM allows nothing about a role that there is not
        raise Declined("AccessDenied", "Access denied", 403)
    caller = ask.caller.session
    lifetime = _lifetime(ask, _HOUR)
    chained = ask.caller.principal.kind is PrincipalKind.SESSION
    if lifetime > timedelta(seconds=_HOUR) and chained:
        message = (
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
            "chaining."
        )
        raise Declined("ValidationError", message)
    if lifetime > timedelta(seconds=int(role.max_session_duration or _HOUR)):
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        raise Declined("ValidationError", message)
    _check_policies_exist(_policy_arns(ask), account)
    inherited = {key: caller.tags[key] for key in caller.transitive} if caller else {}
    session = Session(
        kind="role",
        policy=ask.text("Policy"),
        policy_arns=_policy_arns(ask),
        tags={**inherited, **dict(_tags(ask))},
        transitive=tuple(dict.fromkeys([*inherited, *ask.texts("TransitiveTagKeys")])),
        source_identity=_source_identity(ask),
    )
    packed = _packed(session)
    made = sessions.begin_role_session(account, arn, name, lifetime, session)
    return {
        "Credentials": {
            "AccessKeyId": made.access_key_id,
            "SecretAccessKey": made.secret_access_key,
            "SessionToken": made.session_token,
            "Expiration": made.expiration,
        },
        "AssumedRoleUser": {"AssumedRoleId": f"{role.id}:{name}", "Arn": made.arn},
        **packed,
        **({"SourceIdentity": session.source_identity} if session.source_identity else {}),
    }


def _source_identity(ask: Ask) -> str | None:
    """A source identity that has been set once goes down the chain, and nobody changes it."""
    held = ask.caller.session.source_identity if ask.caller.session else None
    asked = ask.text("SourceIdentity")
    if held and asked and held != asked:
        who, role = ask.caller.principal.arn, ask.text("RoleArn")
        message = f"User: {who} is not authorized to perform: sts:SetSourceIdentity on resource: {role}"
        raise Declined("AccessDenied", message, 403)
    return asked or held


def _user_session(ask: Ask) -> Mapping[str, Any]:
    code = ask.now if _has_code(ask) else None
    return {"Credentials": _credentials(_begin(ask, None, Session(kind="user", mfa=code)))}


def _federated_session(ask: Ask) -> Mapping[str, Any]:
    name = ask.text("Name")
    _check_policies_exist(_policy_arns(ask), ask.account)
    session = Session(
        kind="federated",
        policy=ask.text("Policy"),
        policy_arns=_policy_arns(ask),
        tags=dict(_tags(ask)),
    )
    packed = _packed(session)
    arn = f"arn:aws:sts::{ask.account}:federated-user/{name}"
    return {
        "Credentials": _credentials(_begin(ask, name, session)),
        "FederatedUser": {"FederatedUserId": f"{ask.account}:{name}", "Arn": arn},
        **packed,
    }


def _begin(ask: Ask, name: str | None, session: Session) -> sessions.UserSession:
    """A session of the calling user; one of root ends after an hour at the latest."""
    user = entity_of(ask.caller.principal)
    lifetime = _lifetime(ask, 43_200)
    if user is None:
        lifetime = min(lifetime, timedelta(seconds=_HOUR))
    return sessions.begin_user_session(ask.account, user, name, ask.now, lifetime, session)


def _credentials(made: sessions.UserSession) -> Mapping[str, Any]:
    return {
        "AccessKeyId": made.access_key.access_key_id,
        "SecretAccessKey": made.access_key.secret_access_key,
        "SessionToken": made.token,
        "Expiration": made.expires,
    }


HANDLERS: Mapping[Key, Handler] = {
    ("sts", "AssumeRole"): _assume_role,
    ("sts", "GetFederationToken"): _federated_session,
    ("sts", "GetSessionToken"): _user_session,
}
GUARDS: Mapping[Key, Guard] = {
    ("sts", "AssumeRole"): _admit_role,
    ("sts", "GetFederationToken"): _admit_federated,
    ("sts", "GetSessionToken"): _admit_user,
}
