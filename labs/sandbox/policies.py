"""Which policies apply to a request: gathered from moto's state at each call, so a change counts at once.

Documents are parsed once and kept by their text. A document that IAM's grammar refuses (moto takes some that
AWS would not) counts as a policy without statements: it allows nothing and denies nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from labs.aws.arn import Arn
from labs.aws.iam import Policy, PolicySet, Principal, PrincipalKind, parse_policy
from labs.errors import ArnError, PolicyError
from labs.sandbox.live import live
from labs.sandbox.principals import entity_of
from labs.sandbox.values import ACCOUNT

__all__ = ["applicable", "resource_policy"]

# The grammar knows no empty policy; this statement is about no action at all.
_NO_STATEMENTS = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": "*", "Resource": "*"}]}'
)


def applicable(
    principal: Principal,
    action: str,
    resource: str,
    *,
    region: str,
    session_policies: tuple[str, ...] = (),
) -> PolicySet:
    """The policies that have a say when this principal wants this action on this resource.

    Args:
        region: where the call went, for resources whose ARN leaves it out.
        session_policies: the JSON texts that the session was given when it was made.
    """
    return PolicySet(
        identity=_identity(principal),
        resource=resource_policy(action, resource, region),
        boundary=_boundary(principal),
        session=_session(session_policies),
    )


@lru_cache(maxsize=2048)
def _parsed(text: str, name: str) -> Policy:
    try:
        return parse_policy(text, name=name)
    except PolicyError as fault:
        return parse_policy(_NO_STATEMENTS, name=f"{name} (not valid: {fault.title})")


def _policy(document: str | Mapping[str, Any], name: str) -> Policy:
    return _parsed(document if isinstance(document, str) else json.dumps(document), name)


# -- of the caller ---------------------------------------------------------------------------------------


def _identity(principal: Principal) -> tuple[Policy, ...]:
    entity = entity_of(principal)
    if entity is None:
        return ()
    found = list(_attached(entity, principal.name))
    if principal.kind is PrincipalKind.USER:
        for group in _iam(principal.account).groups.values():
            if entity in group.users:
                found += _attached(group, group.name)
    return tuple(found)


def _attached(entity: Any, owner: str) -> Iterator[Policy]:
    for name, document in entity.policies.items():
        yield _policy(document, f"{owner}/inline/{name}")
    for managed in entity.managed_policies.values():
        yield _policy(_default_version(managed), f"{owner}/managed/{managed.name}")


def _default_version(managed: Any) -> str:
    version = next(each for each in managed.versions if each.version_id == managed.default_version_id)
    return str(version.document)


def _boundary(principal: Principal) -> Policy | None:
    arn = getattr(entity_of(principal), "permissions_boundary_arn", None)
    if not arn:
        return None
    managed = _iam(principal.account).managed_policies.get(arn)
    # A boundary that is gone still bounds: nothing is inside it.
    document = _default_version(managed) if managed else _NO_STATEMENTS
    return _policy(document, f"boundary/{arn.rpartition('/')[2]}")


def _session(texts: tuple[str, ...]) -> Policy | None:
    return _policy(texts[0], "session policy") if texts else None


def _iam(account: str | None) -> Any:
    from moto.iam.models import iam_backends

    return iam_backends[account or ACCOUNT]["aws"]


# -- of the resource -------------------------------------------------------------------------------------


def resource_policy(action: str, resource: str, region: str) -> Policy | None:
    """The policy attached to a bucket, queue, topic, key, function, secret or role; None if there is none."""
    try:
        arn = Arn.parse(resource)
    except ArnError:
        return None
    reader = _READERS.get(arn.service)
    if reader is None:
        return None
    account, home = arn.account or ACCOUNT, arn.region or region
    document = reader(action, arn, account, home)
    return _policy(document, _name(arn)) if document else None


def _name(arn: Arn) -> str:
    """`basket policy` for a bucket or its objects, `app trust policy` for a role, else by the last part."""
    if arn.service == "s3":
        return f"{arn.resource.partition('/')[0]} policy"
    name = arn.resource.replace("/", ":").rpartition(":")[2]
    return f"{name} trust policy" if arn.service == "iam" else f"{name} policy"


def _of_bucket(action: str, arn: Arn, account: str, region: str) -> Any:
    from moto.s3.models import s3_backends

    name = arn.resource.partition("/")[0]
    for backends in list(s3_backends.values()):
        bucket = backends["aws"].buckets.get(name) if "aws" in backends else None
        if bucket is not None:
            return bucket.policy.decode() if isinstance(bucket.policy, bytes) else bucket.policy
    return None


def _of_role(action: str, arn: Arn, account: str, region: str) -> Any:
    """A role's trust policy: it speaks about assuming the role and about nothing else."""
    if not action.lower().startswith("sts:") or arn.resource_type != "role":
        return None
    roles = getattr(live("iam", account), "roles", {}).values()
    role = next((role for role in roles if role.arn == str(arn)), None)
    return role.assume_role_policy_document if role else None


def _of_queue(action: str, arn: Arn, account: str, region: str) -> Any:
    sqs = live("sqs", account, region)
    queue = sqs.queues.get(arn.resource) if sqs else None
    return (queue.policy or None) if queue else None


def _of_topic(action: str, arn: Arn, account: str, region: str) -> Any:
    sns = live("sns", account, region)
    topic = sns.topics.get(str(arn)) if sns else None
    return getattr(topic, "policy", None) if topic else None


def _of_key(action: str, arn: Arn, account: str, region: str) -> Any:
    kms = live("kms", account, region)
    key = kms.keys.get(arn.resource_id) if kms else None
    return key.policy if key else None


def _of_function(action: str, arn: Arn, account: str, region: str) -> Any:
    name = arn.resource_id.partition(":")[0]
    backend = live("awslambda", account, region)
    functions = backend.list_functions() if backend else ()
    function = next((each for each in functions if each.function_name == name), None)
    if function is None or not function.policy or not function.policy.statements:
        return None
    statements = [_with_principal(statement) for statement in function.policy.statements]
    return {"Version": "2012-10-17", "Statement": statements}


def _with_principal(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    """AddPermission takes a bare account or ARN, which AWS writes as {"AWS": …} and moto leaves as it is."""
    principal = statement.get("Principal")
    bare = isinstance(principal, str) and principal != "*"
    return {**statement, "Principal": {"AWS": principal}} if bare else statement


def _of_secret(action: str, arn: Arn, account: str, region: str) -> Any:
    for secret in getattr(live("secretsmanager", account, region), "secrets", {}).values():
        if secret.arn == str(arn):
            return getattr(secret, "policy", None)
    return None


_READERS: Mapping[str, Callable[[str, Arn, str, str], Any]] = {
    "s3": _of_bucket,
    "iam": _of_role,
    "sqs": _of_queue,
    "sns": _of_topic,
    "kms": _of_key,
    "lambda": _of_function,
    "secretsmanager": _of_secret,
}
