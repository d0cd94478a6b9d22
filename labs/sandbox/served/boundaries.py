"""Permissions boundaries of IAM users, which moto does not keep.

Source: IAM API Reference, "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary", "CreateUser",
"GetUser".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labs.sandbox.carrier import Answer
from labs.sandbox.live import live
from labs.sandbox.principals import tags_of
from labs.sandbox.served.ask import Ask, Declined, Handler, Key, no_such_entity

__all__ = ["HANDLERS"]


def _user(ask: Ask) -> Any:
    name = ask.text("UserName") or ask.caller.principal.name
    user = live("iam", ask.account).users.get(name)
    if user is None:
        raise no_such_entity("user", name)
    return user


def _boundary(ask: Ask) -> str:
    """The ARN of the policy that is to be the boundary."""
    arn = ask.text("PermissionsBoundary")
    if ":policy/" not in arn:
        message = f"Value ({arn}) for parameter PermissionsBoundary is invalid."
        raise Declined("ValidationError", message)
    if arn not in live("iam", ask.account).managed_policies:
        raise Declined("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
    return arn


def _put(ask: Ask) -> Mapping[str, Any]:
    user = _user(ask)
    user.permissions_boundary_arn = _boundary(ask)
    return {}


def _delete(ask: Ask) -> Mapping[str, Any]:
    user = _user(ask)
    if not getattr(user, "permissions_boundary_arn", None):
        message = f"The user with name {user.name} does not have a permissions boundary."
        raise Declined("NoSuchEntity", message, 404)
    user.permissions_boundary_arn = None
    return {}


def _create(ask: Ask) -> Mapping[str, Any] | Answer:
    if not ask.text("PermissionsBoundary"):
        return ask.forward()
    arn = _boundary(ask)
    made = ask.forward()
    if made.status != 200:
        return made
    user = _user(ask)
    user.permissions_boundary_arn = arn
    return {"User": _described(user)}


def _get(ask: Ask) -> Mapping[str, Any] | Answer:
    name = ask.text("UserName") or ask.caller.principal.name
    user = live("iam", ask.account).users.get(name)
    if not getattr(user, "permissions_boundary_arn", None):
        return ask.forward()
    return {"User": _described(user)}


def _described(user: Any) -> Mapping[str, Any]:
    tags = tags_of(user)
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.create_date,
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": user.permissions_boundary_arn,
        },
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


HANDLERS: Mapping[Key, Handler] = {
    ("iam", "CreateUser"): _create,
    ("iam", "DeleteUserPermissionsBoundary"): _delete,
    ("iam", "GetUser"): _get,
    ("iam", "PutUserPermissionsBoundary"): _put,
}
