"""Organizations: what its policies and member accounts need, and moto leaves out.

Source: AWS Organizations User Guide, "Accessing member accounts": the role that a new member account has can
do everything there; Organizations API Reference, "AttachPolicy": only policies of an enabled type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labs.sandbox.carrier import Answer
from labs.sandbox.live import live
from labs.sandbox.served.ask import Ask, Declined, Guard, Handler, Key

__all__ = ["GUARDS", "HANDLERS"]

_ADMINISTRATOR = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def _create_account(ask: Ask) -> Answer:
    made = ask.forward()
    if made.status == 200:
        account = json.loads(made.body)["CreateAccountStatus"]["AccountId"]
        role = ask.text("RoleName") or "OrganizationAccountAccessRole"
        live("iam", account).put_role_policy(role, "AdministratorAccess", _ADMINISTRATOR)
    return made


def _of_enabled_type(ask: Ask) -> None:
    organization: Any = live("organizations", ask.account)
    if organization is None or organization.org is None:
        return
    policy = next((each for each in organization.policies if each.id == ask.text("PolicyId")), None)
    enabled = {each["Type"] for root in organization.ou[:1] for each in root.policy_types}
    if policy is not None and policy.type not in enabled:
        message = "This operation can be performed only for enabled policy types."
        raise Declined("PolicyTypeNotEnabledException", message)


HANDLERS: Mapping[Key, Handler] = {("organizations", "CreateAccount"): _create_account}
GUARDS: Mapping[Key, Guard] = {
    ("organizations", "AttachPolicy"): _of_enabled_type,
    ("organizations", "DetachPolicy"): _of_enabled_type,
}
