"""AWS's own managed policies: 1,500 objects that all worlds share, because nothing about them changes.

moto builds them at every reset, which takes 100 ms, and a checkpoint that held them would be twenty times as
large. They are built once for an account, and a checkpoint names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from labs.sandbox.moto_ids import drawing_from

__all__ = ["attachments", "policies_of", "share_managed_policies", "shared_policy"]

# By account and partition, then by ARN. They belong to the process, as moto's state does.
_built: dict[tuple[str, str], dict[str, Any]] = {}


def share_managed_policies() -> None:
    """Have moto take the shared ones; call this once."""
    from moto.iam.models import IAMBackend

    build = IAMBackend._init_aws_policies

    def shared(backend: Any) -> list[Any]:
        key = (backend.account_id, backend.partition)
        if key not in _built:
            # Their ids are the same in every world, as they are in every account of AWS.
            with drawing_from(Random("managed policies")):
                _built[key] = {policy.arn: policy for policy in build(backend)}
        for policy in _built[key].values():
            # The gate lets nobody change anything else about them.
            policy.attachment_count = 0
        return list(_built[key].values())

    setattr(IAMBackend, build.__name__, shared)


def shared_policy(account: str, partition: str, arn: str) -> Any:
    """The one object that stands for this policy in an account."""
    if (account, partition) not in _built:
        from moto.iam.models import IAMBackend

        IAMBackend._init_aws_policies(_Owner(account, partition))
    return _built[account, partition][arn]


class _Owner:
    """As much of an IAM backend as the building of policies asks for."""

    def __init__(self, account: str, partition: str) -> None:
        self.account_id, self.partition, self.region_name = account, partition, partition


def attachments(backend: Any) -> dict[str, int]:
    """How often each policy of AWS is attached, of those that are."""
    return {each.arn: each.attachment_count for each in backend.aws_managed_policies if each.attachment_count}


def policies_of(backend: Any, own: Mapping[str, Any], attached: Mapping[str, int]) -> dict[str, Any]:
    """What an IAM backend holds under `aws_managed_policies` and `managed_policies`.

    Args:
        own: the policies that the account has made itself.
        attached: what `attachments` has said.
    """
    aws = backend._init_aws_policies()
    for policy in aws:
        policy.attachment_count = attached.get(policy.arn, 0)
    return {
        "aws_managed_policies": aws,
        "managed_policies": {**{policy.arn: policy for policy in aws}, **own},
    }
