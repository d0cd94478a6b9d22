"""A small world in this process, with clients for whoever is named, and the documents that tests write."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs.sandbox import principals
from labs.sandbox.gate import Gate
from labs.sandbox.state import WorldState
from labs.sandbox.values import Event

ACCOUNT = "123456789012"
VERSION = "2012-10-17"


def statement(action: Any, resource: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": VERSION, "Statement": list(statements)})


def trust(principal: Any, *, action: Any = "sts:AssumeRole", **more: Any) -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": action, **more})


def denied(call: Callable[..., Any], **params: Any) -> tuple[str, int, str]:
    """Code, status and message of a call that fails."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    response = caught.value.response
    return (
        response["Error"]["Code"],
        response["ResponseMetadata"]["HTTPStatusCode"],
        response["Error"]["Message"],
    )


def code(call: Callable[..., Any], **params: Any) -> str:
    """The error code of a call; empty when it goes well."""
    try:
        call(**params)
    except ClientError as fault:
        return str(fault.response["Error"]["Code"])
    return ""


@dataclass
class House:
    """A small world: the gate in this process, its state, and clients for whoever is named."""

    gate: Gate
    state: WorldState
    wires: Any

    def keys(self, who: str) -> tuple[str, str, str | None]:
        """The keys of `root`, `admin`, a user or `role/NAME`; `ACCOUNT:` before it names another account."""
        account, _, name = who.rpartition(":")
        account = account or ACCOUNT
        if name == "root":
            credential = principals.root_credential(account)
        elif name.startswith("role/"):
            credential = principals.session_for_role(name.removeprefix("role/"), "test", account=account)
        else:
            credential = principals.user_credential(name, account)
        return credential.access_key_id, credential.secret, credential.session_token

    def client(self, service: str, who: str | Mapping[str, str] | None = "admin", **options: Any) -> Any:
        """A client for somebody by name, for an answer's `Credentials`, or for nobody."""
        if isinstance(who, Mapping):
            keys: tuple[Any, ...] = (who["AccessKeyId"], who["SecretAccessKey"], who["SessionToken"])
        else:
            keys = self.keys(who) if who else ()
        return self.wires.client(service, *keys, **options)

    def user(self, name: str, *statements: dict[str, Any], **options: Any) -> str:
        """A new user with an inline policy `p`; its ARN."""
        iam = self.client("iam")
        arn: str = iam.create_user(UserName=name, **options)["User"]["Arn"]
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy(*statements))
        return arn

    def role(self, name: str, trusted: Any, *statements: dict[str, Any], **options: Any) -> str:
        """A new role with an inline policy `p`; whom it trusts, or its trust policy as a text. Its ARN."""
        iam = self.client("iam")
        document = trusted if isinstance(trusted, str) else trust(trusted)
        path = options.pop("path", "/")
        made = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document, **options)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy(*statements))
        return str(made["Role"]["Arn"])

    def managed(self, name: str, *statements: dict[str, Any]) -> str:
        """A new managed policy; its ARN."""
        made = self.client("iam").create_policy(PolicyName=name, PolicyDocument=policy(*statements))
        return str(made["Policy"]["Arn"])

    def founded(self, account: str) -> str:
        """Another account, outside of any organization, with an admin and root of its own; its id."""
        principals.found_account(1, b"test", account)
        return account

    def assume(self, who: str | Mapping[str, str], role: str, **params: Any) -> dict[str, str]:
        """The credentials of a new session of a role; it is called `one`, unless said otherwise."""
        given = {"RoleArn": role, "RoleSessionName": "one", **params}
        answer: dict[str, str] = self.client("sts", who).assume_role(**given)["Credentials"]
        return answer

    @property
    def last(self) -> Event:
        return self.state.ledger.since()[-1]
