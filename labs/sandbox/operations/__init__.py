"""Which questions AWS asks IAM about a call: for each API a table from operation to checks.

Most operations need the action of their own name on the resource that their parameters name; `default`
derives that from the Service Authorization Reference. A table holds what is special: other action names
(HeadObject needs s3:GetObject), several questions for one call (CopyObject reads one object and writes
another; RunInstances asks once for each kind of resource), resources that must be looked up in the world,
and roles that are passed on.

Source: Service Authorization Reference, "Actions, resources, and condition keys" of each service; Amazon S3
User Guide, "Required permissions for Amazon S3 API operations".
"""

from __future__ import annotations

from collections.abc import Mapping

from labs.sandbox.operations import (
    budgets,
    dynamodb,
    ec2,
    iam,
    kms,
    lambda_,
    rds,
    s3,
    secretsmanager,
    sns,
    sqs,
    sts,
)
from labs.sandbox.operations.default import default_checks
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene
from labs.sandbox.operations.tags import tagged

__all__ = ["ContextValue", "PlannedCheck", "Scene", "checks_for", "is_read", "rules_for"]

_TABLES: Mapping[str, Mapping[str, Rule]] = {
    "s3": s3.RULES,
    "iam": iam.RULES,
    "sts": sts.RULES,
    "ec2": ec2.RULES,
    "sqs": sqs.RULES,
    "sns": sns.RULES,
    "dynamodb": dynamodb.RULES,
    "lambda": lambda_.RULES,
    "rds": rds.RULES,
    "kms": kms.RULES,
    "budgets": budgets.RULES,
}
# What answers for the operations that a table leaves out.
_OTHERS: Mapping[str, Rule] = {
    "ec2": ec2.other,
    "iam": iam.other,
    "kms": kms.other,
    "rds": rds.other,
    "secretsmanager": secretsmanager.other,
}
_READING = (
    "BatchGet",
    "Check",
    "Decode",
    "Describe",
    "Estimate",
    "Filter",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "TransactGet",
    "Validate",
    "Verify",
)
# Their names sound like reading, and they make something: credentials that later calls are signed with.
_MAKING = frozenset({("sts", "GetFederationToken"), ("sts", "GetSessionToken")})


def checks_for(scene: Scene) -> tuple[PlannedCheck, ...]:
    """The questions that AWS asks IAM about a call, in the order in which it asks them.

    An empty tuple means that the call needs no permission, as sts:GetCallerIdentity.
    """
    call = scene.call
    rule = rules_for(call.service).get(call.operation) or _OTHERS.get(call.service, default_checks)
    return tuple(tagged(check, call.region, scene.account) for check in rule(scene))


def rules_for(service: str) -> Mapping[str, Rule]:
    """The table of one service, by operation; empty where the default does for all."""
    return _TABLES.get(service, {})


def is_read(service: str, operation: str) -> bool:
    """Whether an operation leaves the world as it was.

    Receiving a message counts as a change: it hides the message from other consumers.
    """
    return operation.startswith(_READING) and (service, operation) not in _MAKING
