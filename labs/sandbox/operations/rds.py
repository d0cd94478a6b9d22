"""RDS: resources by their identifiers, whose parameter names say their kind.

Source: Amazon RDS User Guide, "Constructing an ARN for Amazon RDS"; Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.operations.plan import PlannedCheck, Rule, Scene, tag_context

__all__ = ["RULES"]

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
    "DBProxyName": "db-proxy",
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


def _on_named(scene: Scene) -> Iterator[PlannedCheck]:
    action = f"rds:{scene.call.operation}"
    context = {
        f"rds:{key}": scene.text(name) for key, name in _CONTEXT.items() if scene.params.get(name) is not None
    }
    asked = {**context, **tag_context(scene.many("Tags"))}
    resources = [
        value if value.startswith("arn:") else scene.arn("rds", f"{kind}:{value}")
        for parameter, kind in _KINDS.items()
        if (value := scene.text(parameter))
    ]
    if scene.params.get("ResourceName"):
        resources = [scene.text("ResourceName")]
    for resource in dict.fromkeys(resources):
        yield PlannedCheck(action, resource, context=asked)
    if not resources:
        kind = "db" if "Instance" in scene.call.operation else "*"
        resource = scene.arn("rds", f"{kind}:*") if kind == "db" else "*"
        yield PlannedCheck(action, resource, context=asked, approximate=True)


_ON_NAMED = (
    "AddTagsToResource",
    "CreateDBCluster",
    "CreateDBClusterParameterGroup",
    "CreateDBClusterSnapshot",
    "CreateDBInstance",
    "CreateDBInstanceReadReplica",
    "CreateDBParameterGroup",
    "CreateDBSnapshot",
    "CreateDBSubnetGroup",
    "CreateEventSubscription",
    "CreateOptionGroup",
    "DeleteDBCluster",
    "DeleteDBClusterParameterGroup",
    "DeleteDBClusterSnapshot",
    "DeleteDBInstance",
    "DeleteDBParameterGroup",
    "DeleteDBSnapshot",
    "DeleteDBSubnetGroup",
    "DeleteEventSubscription",
    "DeleteOptionGroup",
    "DescribeDBClusters",
    "DescribeDBInstances",
    "DescribeDBParameterGroups",
    "DescribeDBSnapshots",
    "DescribeDBSubnetGroups",
    "ListTagsForResource",
    "ModifyDBCluster",
    "ModifyDBInstance",
    "ModifyDBParameterGroup",
    "ModifyDBSubnetGroup",
    "RebootDBInstance",
    "RemoveTagsFromResource",
    "RestoreDBInstanceFromDBSnapshot",
    "StartDBCluster",
    "StartDBInstance",
    "StopDBCluster",
    "StopDBInstance",
)

RULES: Mapping[str, Rule] = dict.fromkeys(_ON_NAMED, _on_named)
