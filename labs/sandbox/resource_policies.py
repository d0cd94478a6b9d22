"""The policies that resources carry: buckets, queues, topics, keys, functions, secrets, tables and roles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from labs.aws.arn import Arn
from labs.aws.iam import Policy
from labs.errors import ArnError
from labs.sandbox.documents import parsed
from labs.sandbox.live import live, live_bucket
from labs.sandbox.values import ACCOUNT

__all__ = ["resource_policy"]


def resource_policy(action: str, resource: str, region: str) -> Policy | None:
    """The policy attached to a resource; None if there is none.

    Args:
        region: where the call went, for resources whose ARN leaves it out.
    """
    if resource == "*":
        return None
    try:
        arn = Arn.parse(resource)
    except ArnError:
        return None
    reader = _READERS.get(arn.service)
    if reader is None:
        return None
    account, home = arn.account or ACCOUNT, arn.region or region
    document = reader(action, arn, account, home)
    return parsed(document, _name(arn)) if document else None


def _name(arn: Arn) -> str:
    """`basket policy` for a bucket or its objects, `app trust policy` for a role, else by the last part."""
    if arn.service == "s3":
        return f"{arn.resource.partition('/')[0]} policy"
    if arn.service == "dynamodb":
        return f"{_table_name(arn)} policy"
    name = arn.resource.replace("/", ":").rpartition(":")[2]
    return f"{name} trust policy" if arn.service == "iam" else f"{name} policy"


def _of_bucket(action: str, arn: Arn, account: str, region: str) -> Any:
    bucket = live_bucket(arn.resource.partition("/")[0])
    policy = bucket.policy if bucket else None
    return policy.decode() if isinstance(policy, bytes) else policy


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
    key = getattr(live("kms", account, region), "keys", {}).get(arn.resource_id)
    if service := _managing_service(arn.resource_id, key.aliases if key else ()):
        return _of_managed_key(service, account, region)
    if key is None or not key.grants:
        return key.policy if key else None
    policy = json.loads(key.policy)
    written = policy["Statement"]
    statements = written if isinstance(written, list) else [written]
    return {**policy, "Statement": [*statements, *map(_granted, key.grants.values())]}


def _managing_service(key_id: str, aliases: Iterable[str]) -> str | None:
    """The service of an AWS managed key, such as the one behind alias/aws/s3. There from the start."""
    from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS

    promised = (alias for alias, known in RESERVED_ALIASE_TARGET_KEY_IDS.items() if known == key_id)
    names = (alias.removeprefix("alias/aws/") for alias in (*promised, *aliases) if "/aws/" in alias)
    return next(names, None)


def _of_managed_key(service: str, account: str, region: str) -> dict[str, Any]:
    """AWS's own policy for such a key: everyone in the account may use it, through the service only.

    AWS KMS Developer Guide, "AWS managed keys".
    """
    through = {"kms:CallerAccount": account, "kms:ViaService": f"{service}.{region}.amazonaws.com"}
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    look = ["kms:Describe*", "kms:Get*", "kms:List*"]
    users = {"Principal": {"AWS": "*"}, "Action": use, "Condition": {"StringEquals": through}}
    owner = {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": look}
    statements = [{"Effect": "Allow", "Resource": "*", **each} for each in (users, owner)]
    return {"Version": "2012-10-17", "Statement": statements}


def _granted(grant: Any) -> dict[str, Any]:
    """A grant allows as a statement of the key policy does.

    AWS KMS Developer Guide, "Grants in AWS KMS": a grant allows its operations, in an encryption context that
    holds all or exactly the pairs of its constraint.
    """
    constraints = grant.constraints or {}
    exact = constraints.get("EncryptionContextEquals")
    pairs = exact or constraints.get("EncryptionContextSubset") or {}
    condition: dict[str, Any] = {}
    if pairs:
        condition["StringEquals"] = {f"kms:EncryptionContext:{key}": value for key, value in pairs.items()}
    if exact:
        condition["ForAllValues:StringEquals"] = {"kms:EncryptionContextKeys": list(pairs)}
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": grant.grantee_principal},
        "Action": [f"kms:{operation}" for operation in grant.operations],
        "Resource": "*",
    }
    return {**statement, "Condition": condition} if condition else statement


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


def _of_table(action: str, arn: Arn, account: str, region: str) -> Any:
    """A table's policy is about its indexes too; a stream has a policy of its own."""
    dynamodb = live("dynamodb", account, region)
    if dynamodb is None or arn.resource_type != "table":
        return None
    whole = str(arn)
    owner = whole if "/stream/" in whole else f"{whole.partition(':table/')[0]}:table/{_table_name(arn)}"
    found = dynamodb.resource_policies.get(owner)
    return found.policy_doc if found else None


def _table_name(arn: Arn) -> str:
    return arn.resource.removeprefix("table/").partition("/")[0]


def _of_federated_user(action: str, arn: Arn, account: str, region: str) -> Any:
    """What stands for the trust policy that a federated user has not: tagging it is up to its account."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": account},
        "Action": "sts:TagSession",
        "Resource": "*",
    }
    return (
        {"Version": "2012-10-17", "Statement": statement} if arn.resource_type == "federated-user" else None
    )


_READERS: Mapping[str, Callable[[str, Arn, str, str], Any]] = {
    "s3": _of_bucket,
    "iam": _of_role,
    "sqs": _of_queue,
    "sns": _of_topic,
    "kms": _of_key,
    "lambda": _of_function,
    "secretsmanager": _of_secret,
    "dynamodb": _of_table,
    "sts": _of_federated_user,
}
