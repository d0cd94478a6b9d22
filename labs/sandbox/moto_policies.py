"""AWS's own managed policies: 1,500 objects that all worlds share, because nothing about them changes.

moto builds them at every reset, which takes 100 ms. They are built once for an account, when somebody first
asks for one; a world that is forked after that does not even touch them, so that it shares the memory that
they lie in, and a checkpoint only names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from random import Random
from typing import Any

from labs.sandbox.moto_ids import drawing_from

__all__ = ["Policies", "build_shared", "restore", "saved", "share_managed_policies", "shared_policy"]


class _Shared:
    """The policies of AWS in one account: as a list, by ARN, and which of them are attached to something."""

    def __init__(self, build: Callable[[], list[Any]]) -> None:
        self._build = build
        self.attached: set[str] = set()

    @cached_property
    def policies(self) -> list[Any]:
        # Their ids are the same in every world, as they are in every account of AWS.
        with drawing_from(Random("managed policies")):
            return self._build()

    @cached_property
    def by_arn(self) -> dict[str, Any]:
        return {policy.arn: policy for policy in self.policies}

    def counts(self) -> dict[str, int]:
        """How often each is attached, of those that are."""
        counts = {arn: self.by_arn[arn].attachment_count for arn in self.attached}
        return {arn: count for arn, count in counts.items() if count}

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Say how often each is attached."""
        for arn in self.attached | counts.keys():
            self.by_arn[arn].attachment_count = counts.get(arn, 0)
        self.attached = set(counts)


# By account and partition. They belong to the process, as moto's state does.
_shared: dict[tuple[str, str], _Shared] = {}


class _List(Sequence[Any]):
    """The same as moto's list of them."""

    def __init__(self, aws: _Shared) -> None:
        self.aws = aws

    def __getitem__(self, place: Any) -> Any:
        return self.aws.policies[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.aws.policies)

    def __len__(self) -> int:
        return len(self.aws.policies)


class Policies(dict[str, Any]):
    """The managed policies of an account: its own in the dictionary itself, those of AWS behind it."""

    def __init__(self, aws: _Shared, own: Mapping[str, Any] | None = None) -> None:
        super().__init__(own or {})
        self.aws = aws

    def __missing__(self, arn: str) -> Any:
        return self.aws.by_arn[arn]

    def get(self, arn: str, default: Any = None) -> Any:
        try:
            return self[arn]
        except KeyError:
            return default

    def __contains__(self, arn: object) -> bool:
        return super().__contains__(arn) or arn in self.aws.by_arn

    def __iter__(self) -> Iterator[str]:
        yield from self.aws.by_arn
        yield from super().__iter__()

    def __len__(self) -> int:
        return super().__len__() + len(self.aws.policies)

    def keys(self) -> Any:
        return [*self.aws.by_arn, *super().keys()]

    def values(self) -> Any:
        return [*self.aws.policies, *super().values()]

    def items(self) -> Any:
        return [*self.aws.by_arn.items(), *super().items()]

    def own(self) -> dict[str, Any]:
        """The account's own policies, by ARN."""
        return dict(super().items())


def share_managed_policies() -> None:
    """Have moto take the shared ones; call this once."""
    from moto.iam.models import AWSManagedPolicy, IAMBackend

    build, attach = IAMBackend._init_aws_policies, AWSManagedPolicy.attach_to

    def aws_policies(backend: Any) -> Sequence[Any]:
        key = backend.account_id, backend.partition
        if key not in _shared:
            owner = _Owner(*key)
            _shared[key] = _Shared(lambda: build(owner))
        _shared[key].set_counts({})
        return _List(_shared[key])

    def attach_to(policy: Any, entity: Any) -> None:
        _shared[policy.account_id, policy.partition].attached.add(policy.arn)
        attach(policy, entity)

    IAMBackend._init_aws_policies = aws_policies
    IAMBackend._init_managed_policies = lambda backend: Policies(_shared_by(backend))
    AWSManagedPolicy.attach_to = attach_to


def build_shared() -> None:
    """Build those of each account that there is, for all that is forked from this process."""
    for shared in _shared.values():
        _ = shared.by_arn


def _shared_by(backend: Any) -> _Shared:
    return _shared[backend.account_id, backend.partition]


def shared_policy(account: str, partition: str, arn: str) -> Any:
    """The one object that stands for this policy in an account."""
    if (account, partition) not in _shared:
        from moto.iam.models import IAMBackend

        IAMBackend._init_aws_policies(_Owner(account, partition))
    return _shared[account, partition].by_arn[arn]


class _Owner:
    """As much of an IAM backend as the building of policies asks for."""

    def __init__(self, account: str, partition: str) -> None:
        self.account_id, self.partition, self.region_name = account, partition, partition


def saved(backend: Any) -> tuple[dict[str, Any], dict[str, int]]:
    """What a checkpoint keeps of an IAM backend's policies: its own, and how often AWS's are attached."""
    policies: Policies = backend.managed_policies
    return policies.own(), policies.aws.counts()


def restore(backend: Any, own: Mapping[str, Any], counts: Mapping[str, int]) -> None:
    """Give an IAM backend the policies that a checkpoint kept."""
    backend.aws_managed_policies = backend._init_aws_policies()
    backend.managed_policies = Policies(_shared_by(backend), own)
    _shared_by(backend).set_counts(counts)
