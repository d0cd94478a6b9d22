"""RDS: resources by their identifiers, whose parameter names say their kind.

Source: Amazon RDS User Guide, "Constructing an ARN for Amazon RDS", "Identity-based policy examples for
Amazon RDS" (whoever creates an instance needs its default groups too, and what the call says of the instance
is known of all of them); Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.live import live
from labs.sandbox.operations.iam import role_arn
from labs.sandbox.operations.plan import (
    ContextValue,
    PlannedCheck,
    Rule,
    Scene,
    as_text,
    fitting,
    passed_role,
    tag_context,
)
from labs.sandbox.operations.reference import (
    action_exists,
    condition_keys,
    fill,
    resource_form,
    resource_kinds,
)

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
    "SourceDBClusterIdentifier": "cluster",
    "SourceDBInstanceIdentifier": "db",
    "SourceDBSnapshotIdentifier": "snapshot",
    "TargetDBSnapshotIdentifier": "snapshot",
}
_CONTEXT = {
    "BackupTarget": "BackupTarget",
    "DatabaseClass": "DBInstanceClass",
    "DatabaseEngine": "Engine",
    "DatabaseName": "DBName",
    "ManageMasterUserPassword": "ManageMasterUserPassword",
    "MultiAz": "MultiAZ",
    "Piops": "Iops",
    "PubliclyAccessible": "PubliclyAccessible",
    "StorageEncrypted": "StorageEncrypted",
    "StorageSize": "AllocatedStorage",
}
# What an instance or a cluster that is there answers for: the same keys, by moto's names.
_LIVE = {
    "DatabaseClass": "db_instance_class",
    "DatabaseEngine": "engine",
    "DatabaseName": "db_name",
    "MultiAz": "multi_az",
    "Piops": "iops",
    "StorageEncrypted": "storage_encrypted",
    "StorageSize": "allocated_storage",
}
_ROLES = ("MonitoringRoleArn", "DomainIAMRoleName", "RoleArn")
# The groups that a new instance or cluster is put into when the call names none.
_GROUPS = ("og", "pg", "cluster-pg", "subgrp")
# The reference lists them as needed; they are when the call names one.
_NOT_NEEDED = {("CreateDBInstanceReadReplica", "cluster")}
_MAKES = ("Create", "Copy", "Restore", "Purchase", "Start")


def other(scene: Scene) -> Iterator[PlannedCheck]:
    """The same-named action, on what the call names of the kinds that the reference lists for it.

    A kind that the action needs and the call does not name is all of that kind: an unfiltered Describe.
    """
    operation = scene.call.operation
    asked = {**_asked(scene), **_tags(scene)}
    kinds = resource_kinds("rds", operation)
    resources = [scene.text("ResourceName")] if scene.params.get("ResourceName") else _resources(scene, kinds)
    for resource in resources:
        yield _check(scene, operation, resource, {**_live(scene, resource), **asked})
    if not resources:
        approximate = bool(kinds) or not action_exists("rds", operation)
        yield PlannedCheck(f"rds:{operation}", "*", context=asked, approximate=approximate)
    if scene.many("Tags") and operation.startswith(_MAKES):
        for resource in resources[:1]:
            yield _check(scene, "AddTagsToResource", resource, {**asked, "rds:TagsFromRequest": "true"})
    for name in _ROLES:
        if role := scene.text(name):
            arn = role if role.startswith("arn:") else role_arn(scene.account, role)
            yield passed_role(arn, "rds.amazonaws.com")


def _check(scene: Scene, operation: str, resource: str, context: Mapping[str, ContextValue]) -> PlannedCheck:
    known = condition_keys("rds", operation)
    return PlannedCheck(f"rds:{operation}", resource, context=fitting(context, known) if known else context)


def _asked(scene: Scene) -> dict[str, ContextValue]:
    found = {key: scene.text(name) for key, name in _CONTEXT.items() if scene.params.get(name) is not None}
    return {f"rds:{key}": text for key, text in found.items()}


def _live(scene: Scene, resource: str) -> dict[str, ContextValue]:
    rds, name = live("rds", scene.account, scene.region), resource.rpartition(":")[2]
    found = (rds.databases.get(name) or rds.clusters.get(name)) if rds else None
    values = {key: as_text(getattr(found, attribute, None)) for key, attribute in _LIVE.items()}
    return {f"rds:{key}": text for key, text in values.items() if text}


def _resources(scene: Scene, kinds: Mapping[str, bool]) -> list[str]:
    named: dict[str, str] = {}
    for parameter, kind in _KINDS.items():
        value = scene.text(parameter)
        if value.startswith("arn:"):
            named[value] = kind
        elif value and kind in kinds:
            named[scene.arn("rds", f"{kind}:{value}")] = kind
    operation = scene.call.operation
    grouped = operation.startswith(("Create", "Restore")) and "subgrp" in kinds and len(kinds) > 1
    defaults = [kind for kind in _GROUPS if grouped and kind in kinds]
    needed = [kind for kind, always in kinds.items() if always or len(kinds) == 1]
    missing = [
        kind
        for kind in dict.fromkeys([*needed, *defaults])
        if kind not in named.values() and (operation, kind) not in _NOT_NEEDED
    ]
    return [*named, *(_default(scene, kind) if kind in defaults else _any(scene, kind) for kind in missing)]


def _default(scene: Scene, kind: str) -> str:
    """The default group of a kind as far as the call tells its name, such as `default.mysql8.0`."""
    rds, source = live("rds", scene.account, scene.region), scene.text("SourceDBInstanceIdentifier")
    found = rds.databases.get(source) if rds else None
    engine = scene.text("Engine") or as_text(getattr(found, "engine", None))
    version = scene.text("EngineVersion") or as_text(getattr(found, "engine_version", None))
    major = ".".join(version.split(".")[: 1 if "postgres" in engine else 2])
    names = {
        "og": f"default:{engine}-{major.replace('.', '-')}".rstrip(":-"),
        "subgrp": "default",
    }
    return scene.arn("rds", f"{kind}:{names.get(kind, f'default.{engine}{major}'.rstrip('.'))}")


def _any(scene: Scene, kind: str) -> str:
    form = resource_form("rds", kind)
    return fill(form, region=scene.region, account=scene.account) if form else "*"


def _tags(scene: Scene) -> dict[str, ContextValue]:
    context = tag_context(scene.many("Tags"), scene.many("TagKeys"))
    # RDS has a second name for the tags of a request.
    second = {
        f"rds:req-tag/{key.partition('/')[2]}": value
        for key, value in context.items()
        if key.startswith("aws:RequestTag/")
    }
    return {**context, **second}


# The reference says all that is special about RDS.
RULES: Mapping[str, Rule] = {}
