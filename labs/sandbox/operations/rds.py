"""RDS: resources by their identifiers, whose parameter names say their kind.

Source: Amazon RDS User Guide, "Constructing an ARN for Amazon RDS"; Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, passed_role, tag_context
from labs.sandbox.operations.reference import action_exists, fill, resource_form, resource_kinds

__all__ = ["RULES", "other"]

# Parameter -> the kind in the ARN.
_KINDS = {
    "DBInstanceIdentifier": "db",
    "DBClusterIdentifier": "cluster",
    "DBSnapshotIdentifier": "snapshot",
    "DBClusterSnapshotIdentifier": "cluster-snapshot",
    "DBParameterGroupName": "pg",
    "DBClusterParameterGroupName": "cluster-pg",
    "DBSubnetGroupName": "subgrp",
    "DBSecurityGroupName": "secgrp",
    "OptionGroupName": "og",
    "SubscriptionName": "es",
    "SourceDBInstanceIdentifier": "db",
    "SourceDBSnapshotIdentifier": "snapshot",
    "TargetDBSnapshotIdentifier": "snapshot",
}
_CONTEXT = {
    "DatabaseClass": "DBInstanceClass",
    "DatabaseEngine": "Engine",
    "DatabaseName": "DBName",
    "StorageEncrypted": "StorageEncrypted",
    "StorageSize": "AllocatedStorage",
    "MultiAz": "MultiAZ",
}


def other(scene: Scene) -> Iterator[PlannedCheck]:
    """The same-named action, on what the call names of the kinds that the reference lists for it.

    A kind that the action needs and the call does not name is all of that kind: an unfiltered Describe.
    """
    action = f"rds:{scene.call.operation}"
    context = {
        f"rds:{key}": scene.text(name) for key, name in _CONTEXT.items() if scene.params.get(name) is not None
    }
    asked = {**context, **_tags(scene)}
    kinds = resource_kinds("rds", scene.call.operation)
    resources = [scene.text("ResourceName")] if scene.params.get("ResourceName") else _resources(scene, kinds)
    for resource in resources:
        yield PlannedCheck(action, resource, context=asked)
    if not resources:
        approximate = bool(kinds) or not action_exists("rds", scene.call.operation)
        yield PlannedCheck(action, "*", context=asked, approximate=approximate)
    if role := scene.text("MonitoringRoleArn"):
        yield passed_role(role, "monitoring.rds.amazonaws.com")


def _resources(scene: Scene, kinds: Mapping[str, bool]) -> list[str]:
    named: dict[str, str] = {}
    for parameter, kind in _KINDS.items():
        value = scene.text(parameter)
        if value.startswith("arn:"):
            named[value] = kind
        elif value and kind in kinds:
            named[scene.arn("rds", f"{kind}:{value}")] = kind
    needed = [kind for kind, always in kinds.items() if always or len(kinds) == 1]
    return [*named, *(_any(scene, kind) for kind in needed if kind not in named.values())]


def _any(scene: Scene, kind: str) -> str:
    form = resource_form("rds", kind)
    return fill(form, region=scene.region, account=scene.account) if form else "*"


def _tags(scene: Scene) -> dict[str, ContextValue]:
    return tag_context(scene.many("Tags"), scene.many("TagKeys"))


# The reference says all that is special about RDS.
RULES: Mapping[str, Rule] = {}
