"""The condition keys of what an EC2 call is about to make or to set, read from its parameters.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from labs.sandbox.operations.ec2_resources import arn, backend, keys_of
from labs.sandbox.operations.plan import ContextValue, Scene, as_text, tag_context

__all__ = ["attribute_keys", "disk_keys", "made_keys", "tags_for"]

_DISK = {
    "VolumeType": "ec2:VolumeType",
    "Size": "ec2:VolumeSize",
    "VolumeSize": "ec2:VolumeSize",
    "Iops": "ec2:VolumeIops",
    "Throughput": "ec2:VolumeThroughput",
    "Encrypted": "ec2:Encrypted",
    "AvailabilityZone": "ec2:AvailabilityZone",
}


def tags_for(scene: Scene, kind: str) -> dict[str, ContextValue]:
    """The tags that a call gives to what it makes of a kind."""
    for given in scene.many("TagSpecifications"):
        if given.get("ResourceType") == kind:
            return tag_context(given.get("Tags") or ())
    return {}


def made_keys(scene: Scene, kind: str) -> dict[str, ContextValue]:
    """The condition keys of what a call is about to make, its tags among them."""
    reader = _MADE.get(kind)
    found = reader(scene) if reader else {}
    plain = {key: as_text(value) for key, value in found.items() if value not in (None, "")}
    return {**plain, **tags_for(scene, kind)}


def _vpc_of(scene: Scene) -> dict[str, Any]:
    vpc = scene.text("VpcId")
    if not vpc and (default := backend(scene).get_default_vpc()):
        vpc = default.id
    return {"ec2:Vpc": arn(scene, "vpc", vpc) if vpc else None}


def _subnet(scene: Scene) -> dict[str, Any]:
    return {**_vpc_of(scene), "ec2:AvailabilityZone": scene.text("AvailabilityZone")}


def _interface(scene: Scene) -> dict[str, Any]:
    subnet = scene.text("SubnetId")
    if not subnet:
        return {}
    there = keys_of(scene, subnet)
    return {
        "ec2:Subnet": arn(scene, "subnet", subnet),
        "ec2:Vpc": there.get("ec2:Vpc"),
        "ec2:AvailabilityZone": there.get("ec2:AvailabilityZone"),
    }


def disk_keys(params: Mapping[str, Any]) -> dict[str, ContextValue]:
    """The condition keys of a volume that parameters describe."""
    return {key: as_text(params[name]) for name, key in _DISK.items() if params.get(name) is not None}


def _volume(scene: Scene) -> dict[str, Any]:
    snapshot = scene.text("SnapshotId")
    parent = {"ec2:ParentSnapshot": arn(scene, "snapshot", snapshot)} if snapshot else {}
    return {**disk_keys(scene.params), **parent}


def _snapshot(scene: Scene) -> dict[str, Any]:
    volume = scene.text("VolumeId")
    return {"ec2:ParentVolume": arn(scene, "volume", volume) if volume else None}


_MADE: Mapping[str, Callable[[Scene], dict[str, Any]]] = {
    "elastic-ip": lambda scene: {"ec2:Domain": scene.text("Domain") or "vpc"},
    "key-pair": lambda scene: {
        "ec2:KeyPairName": scene.text("KeyName"),
        "ec2:KeyPairType": scene.text("KeyType") or "rsa",
    },
    "network-acl": _vpc_of,
    "network-interface": _interface,
    "placement-group": lambda scene: {
        "ec2:PlacementGroupName": scene.text("GroupName"),
        "ec2:PlacementGroupStrategy": scene.text("Strategy"),
    },
    "route-table": _vpc_of,
    "security-group": _vpc_of,
    "snapshot": _snapshot,
    "subnet": _subnet,
    "volume": _volume,
    "vpc": lambda scene: {"ec2:Tenancy": scene.text("InstanceTenancy") or "default"},
    "vpc-endpoint": lambda scene: {"ec2:VpceServiceName": scene.text("ServiceName")},
}


def attribute_keys(scene: Scene) -> dict[str, ContextValue]:
    """ec2:Attribute and ec2:Attribute/NAME of a call that modifies an attribute."""
    if not scene.call.operation.startswith("Modify"):
        return {}
    found = dict(_attributes(scene.params))
    return {
        **({"ec2:Attribute": next(iter(found))} if len(found) == 1 else {}),
        **{f"ec2:Attribute/{name}": text for name, text in found.items()},
    }


def _attributes(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        if name in ("DryRun", "Attribute") or name.endswith(("Id", "Ids")):
            continue
        plain = value.get("Value") if isinstance(value, Mapping) else value
        yield name, "" if isinstance(plain, list | Mapping) else as_text(plain)
