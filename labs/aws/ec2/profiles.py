"""The instance profile of a launch: what RunInstances takes, and what the instance has then.

Source: EC2 API Reference, `IamInstanceProfileSpecification`; IAM User Guide, "Use instance profiles".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from labs.aws.ec2.refusals import Refusal

__all__ = ["check_profile"]

_PROFILES: Final = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html"
)


def check_profile(given: str, profiles: Mapping[str, str | None]) -> Refusal | None:
    """Why RunInstances refuses what it is given as the profile, a name or an ARN; None when it takes it.

    Args:
        profiles: the account's instance profiles by name, each with the name of its role, or None.
    """
    if not given.startswith("arn:"):
        return None if given in profiles else _refused("name", given)
    kind, _, name = given.split(":", 5)[-1].partition("/")
    if kind == "instance-profile" and name.rpartition("/")[2] in profiles:
        return None
    return _refused("arn", given)


def _refused(parameter: str, given: str) -> Refusal:
    is_role = ":role/" in given
    return Refusal(
        "InvalidParameterValue",
        f"Value ({given}) for parameter iamInstanceProfile.{parameter} is invalid. "
        f"Invalid IAM Instance Profile {'ARN' if parameter == 'arn' else parameter}",
        "This is the ARN of a role, and a launch takes an instance profile."
        if is_role
        else f"No instance profile is called {given.rpartition('/')[2]}; a role of that name is not one.",
        "Create the profile, add the role to it, and launch with the profile.",
        _PROFILES,
    )
