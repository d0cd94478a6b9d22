"""AWS's own managed policies: 1,500 objects that all worlds share, because nothing about them changes.

moto builds them at every reset, which takes 100 ms. Here each is built once for an account, when somebody
first asks for it: that which every world begins with, `AdministratorAccess`, without a look at the others. A
world that is forked after that does not even touch them, so that it shares the memory that they lie in, and a
checkpoint only names them.
"""

from __future__ import annotations

import json
import re
from base64 import b32encode
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from random import Random
from typing import Any

from labs.sandbox.moto_ids import drawing_from

__all__ = ["Policies", "build_shared", "restore", "saved", "share_managed_policies", "shared_policy"]

_DECODER, _BLANKS = json.JSONDecoder(), re.compile(r"\s*")


class _Shared:
    """The policies of AWS in one account: as a list, by ARN, and which of them are attached to something."""

    def __init__(self, account: str, partition: str) -> None:
        self._account, self._partition = account, partition
        self._prefix = f"arn:{partition}:iam::aws:policy/"
        self._made: dict[str, Any] = {}
        self.attached: set[str] = set()

    def get(self, arn: str) -> Any:
        """One of them; None where AWS has none of this ARN."""
        if arn not in self._made and arn.startswith(self._prefix):
            name = arn.rpartition("/")[2]
            data = _read(name)
            if data is not None:
                with drawing_from(Random(name)):
                    self._make(name, data)
        return self._made.get(arn)

    def __getitem__(self, arn: str) -> Any:
        found = self.get(arn)
        if found is None:
            raise KeyError(arn)
        return found

    @cached_property
    def policies(self) -> list[Any]:
        """All of them, in moto's order."""
        from moto.iam.models import aws_managed_policies_data

        every: Mapping[str, Any] = json.loads(aws_managed_policies_data)
        with drawing_from(Random("managed policies")):
            return [self._make(name, data) for name, data in every.items()]

    @cached_property
    def by_arn(self) -> dict[str, Any]:
        return {policy.arn: policy for policy in self.policies}

    def _make(self, name: str, data: Mapping[str, Any]) -> Any:
        from moto.iam.models import AWSManagedPolicy

        made = AWSManagedPolicy.from_data(name, self._account, self._partition, data)
        # The same in every world, as it is in every account of AWS, whatever else was asked for before.
        made.id = "ANPA" + b32encode(sha256(name.encode()).digest())[:17].decode()
        return self._made.setdefault(made.arn, made)

    def counts(self) -> dict[str, int]:
        """How often each is attached, of those that are."""
        counts = {arn: self[arn].attachment_count for arn in self.attached}
        return {arn: count for arn, count in counts.items() if count}

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """Say how often each is attached."""
        for arn in self.attached | counts.keys():
            self[arn].attachment_count = counts.get(arn, 0)
        self.attached = set(counts)


def _read(name: str) -> Mapping[str, Any] | None:
    """What moto knows of the policy of this name, out of its text of five megabytes about all of them."""
    from moto.iam.models import aws_managed_policies_data as text

    key, after = f"{json.dumps(name)}:", 0
    while (place := text.find(key, after)) >= 0:
        after = place + len(key)
        data = _DECODER.raw_decode(text, _BLANKS.match(text, after).end())[0]  # type: ignore[union-attr]  # always
        if isinstance(data, dict) and "CreateDate" in data:  # else a key of the same name in a document
            return data
    return None


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
        return self.aws[arn]

    def get(self, arn: str, default: Any = None) -> Any:
        try:
            return self[arn]
        except KeyError:
            return default

    def __contains__(self, arn: object) -> bool:
        return super().__contains__(arn) or self.aws.get(str(arn)) is not None

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

    attach = AWSManagedPolicy.attach_to

    def aws_policies(backend: Any) -> Sequence[Any]:
        shared = _shared_in(backend.account_id, backend.partition)
        shared.set_counts({})
        return _List(shared)

    def attach_to(policy: Any, entity: Any) -> None:
        _shared_in(policy.account_id, policy.partition).attached.add(policy.arn)
        attach(policy, entity)

    IAMBackend._init_aws_policies = aws_policies
    IAMBackend._init_managed_policies = lambda backend: Policies(
        _shared_in(backend.account_id, backend.partition)
    )
    AWSManagedPolicy.attach_to = attach_to


def build_shared() -> None:
    """Build those of each account that there is, for all that is forked from this process."""
    for shared in _shared.values():
        _ = shared.by_arn


def _shared_in(account: str, partition: str) -> _Shared:
    if (account, partition) not in _shared:
        _shared[account, partition] = _Shared(account, partition)
    return _shared[account, partition]


def shared_policy(account: str, partition: str, arn: str) -> Any:
    """The one object that stands for this policy in an account.

    Raises:
        KeyError: AWS has none of this ARN.
    """
    return _shared_in(account, partition)[arn]


def saved(backend: Any) -> tuple[dict[str, Any], dict[str, int]]:
    """What a checkpoint keeps of an IAM backend's policies: its own, and how often AWS's are attached."""
    policies: Policies = backend.managed_policies
    return policies.own(), policies.aws.counts()


def restore(backend: Any, own: Mapping[str, Any], counts: Mapping[str, int]) -> None:
    """Give an IAM backend the policies that a checkpoint kept."""
    backend.aws_managed_policies = backend._init_aws_policies()
    backend.managed_policies = Policies(backend.aws_managed_policies.aws, own)
    backend.aws_managed_policies.aws.set_counts(counts)
