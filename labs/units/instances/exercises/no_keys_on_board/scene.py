"""What a run left behind: the role with its policies and profiles, the instances, the requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labs.course import Run, Variant

if TYPE_CHECKING:
    from labs.aws.iam import Policy
    from labs.sandbox import Event, World

__all__ = ["RUNNING", "Scene", "survey"]

RUNNING = ("pending", "running")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the run left behind: the role and its policies, the instance, how many there are, the requests."""

    role: str
    role_arn: str | None
    trust: Policy | None
    permissions: tuple[Policy, ...]
    in_profiles: tuple[str, ...]
    instance: Mapping[str, Any]
    instances: int
    events: tuple[Event, ...]
    reads: tuple[Event, ...] = field(default=())

    def failures(self, operation: str) -> Iterator[Event]:
        """The requests of this operation that were refused or failed."""
        return (event for event in self.events if event.operation == operation and event.error)


def survey(world: World, run: Run, variant: Variant) -> Scene:
    """Look at the world as the run left it."""
    name = variant.values["role"]
    iam = world.client("iam")
    # One call that tells all there is of every role, in place of five.
    roles = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    role: Mapping[str, Any] = next((each for each in roles if each["RoleName"] == name), {})
    reservations = world.client("ec2").describe_instances()["Reservations"]
    machines = [machine for each in reservations for machine in each["Instances"]]
    return Scene(
        role=name,
        role_arn=role.get("Arn"),
        trust=read_policy(role["AssumeRolePolicyDocument"], f"{name}/trust") if role else None,
        permissions=role_policies(iam, role),
        in_profiles=tuple(each["Arn"] for each in role.get("InstanceProfileList", ())),
        instance=next((each for each in machines if each["InstanceId"] == run.results[0].value), {}),
        instances=sum(each["State"]["Name"] in RUNNING for each in machines),
        events=run.events,
        reads=tuple(each for each in run.events if each.operation == "GetObject"),
    )


def role_policies(iam: Any, role: Mapping[str, Any]) -> tuple[Policy, ...]:
    """The permissions policies of a role, inline and attached."""
    found = [
        read_policy(each["PolicyDocument"], f"{role['RoleName']}/inline/{each['PolicyName']}")
        for each in role.get("RolePolicyList", ())
    ]
    for each in role.get("AttachedManagedPolicies", ()):
        arn = each["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        found.append(read_policy(document, f"{role['RoleName']}/managed/{each['PolicyName']}"))
    return tuple(policy for policy in found if policy is not None)


def read_policy(document: Mapping[str, Any], name: str) -> Policy | None:
    """A policy; None where IAM would not take the document."""
    from labs.aws.iam import PolicyError, parse_policy

    try:
        return parse_policy(document, name)
    except PolicyError:
        return None
