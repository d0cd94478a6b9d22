"""A question of IAM put as a real call: by a session that may do what a policy says and nothing else.

    asked = ask(world, "s3:GetObject", "arn:aws:s3:::training-7f/x", policy)
    asked.command, asked.verdict, asked.told

The session is that of a federated user: what it may do is what the administrator and the policy both allow,
so it is the policy that decides, and nothing has to be made in the world for it. Source: AWS STS API
Reference, "GetFederationToken"; IAM User Guide, "Permissions for GetFederationToken".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from labs.errors import InputError
from labs.sandbox.calls import ApiCall, call_for
from labs.sandbox.values import Credentials

if TYPE_CHECKING:
    from labs.sandbox.values import Event
    from labs.sandbox.world import World

__all__ = ["Asked", "ask"]

LONGEST_POLICY = 2048
"""Characters of a session policy."""
NOT_FEDERATED = ("iam", "sts")
"""Services of which a federated user may call nothing, or nothing that a policy decides."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that was made, and what came of it.

    `verdict` is "not asked" where the call failed before IAM had a say; `told` is AWS's own sentence, or that
    the call went through. `made` names what had to be there first, and was made.
    """

    command: str
    principal: str
    verdict: Literal["allowed", "denied", "not asked"]
    told: str
    made: tuple[str, ...] = ()


def ask(world: World, action: str, resource: str, policy: str, name: str = "witness") -> Asked:
    """Make the call that needs an action on a resource, as one who may do what the policy says. Blocks.

    An EC2 call is a dry run. Another call that is allowed has its effect, which `rewind` takes back.

    Args:
        policy: an identity-based policy, as JSON.
        name: of the federated user, 2 to 32 characters.

    Raises:
        InputError: there is no such call, or such a session may not make it.
    """
    call = call_for(action, resource, account=world.account, region=world.region)
    if call.service in NOT_FEDERATED:
        raise InputError(
            f"A session with a policy may not call {call.service}",
            "AWS takes no calls of IAM and STS from a federated user.",
            "Ask the simulator.",
        )
    if len(policy) > LONGEST_POLICY:
        raise InputError(
            "The policy is too long for a session",
            f"It has {len(policy)} characters; a session takes {LONGEST_POLICY}.",
            "Ask the simulator.",
        )
    made = _made_ready(world, call)
    before = max((each.sequence for each in world.events()), default=0)
    error = _made(world, call, policy, name)
    principal = f"arn:aws:sts::{world.account}:federated-user/{name}"
    events = [each for each in world.events(after=before) if each.principal == principal]
    return Asked(call.command, principal, _verdict(events, action), error or "It went through.", made)


def _made(world: World, call: ApiCall, policy: str, name: str) -> str:
    """Make the call as the session; AWS's error, empty when there is none."""
    from botocore.exceptions import BotoCoreError, ClientError

    from labs.sandbox.clients import make_session

    granted = world.client("sts").get_federation_token(Name=name, Policy=policy)["Credentials"]
    held = Credentials(granted["AccessKeyId"], granted["SecretAccessKey"], granted["SessionToken"])
    client = make_session(world.endpoint, world.region, lambda: held).client(call.service)
    try:
        getattr(client, call.method)(**call.parameters)
    except ClientError as refused:
        told = refused.response.get("Error", {})
        return f"{told.get('Code')}: {told.get('Message')}"
    except BotoCoreError as unmade:
        raise InputError(f"{call.command} cannot be made", f"{unmade}.", "Ask the simulator.") from None
    return ""


def _verdict(events: list[Event], action: str) -> Literal["allowed", "denied", "not asked"]:
    """What IAM said of the action in the last of these events that asked about it."""
    checks = [check for event in events for check in event.checks if check.action.lower() == action.lower()]
    if not checks:
        return "not asked"
    return "allowed" if all(each.allowed for each in checks) else "denied"


def _made_ready(world: World, call: ApiCall) -> tuple[str, ...]:
    """The bucket and the object that an S3 call is about: without them S3 answers before IAM is asked."""
    from botocore.exceptions import ClientError

    bucket, key = call.parameters.get("Bucket"), call.parameters.get("Key")
    if call.service != "s3" or bucket is None or call.operation == "CreateBucket":
        return ()
    s3: Any = world.client("s3")
    made = []
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError:
        s3.create_bucket(Bucket=bucket)
        made.append(f"the bucket {bucket}")
    if key is not None and call.operation != "PutObject":
        try:
            s3.head_object(Bucket=bucket, Key=key)
        except ClientError:
            s3.put_object(Bucket=bucket, Key=key, Body=b"witness")
            made.append(f"the object {key}")
    return tuple(made)
