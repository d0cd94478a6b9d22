"""EC2's resources as IAM sees them: the kind that an id tells, the ARN, and the condition keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from labs.sandbox.live import begun
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Scene, as_text, fitting
from labs.sandbox.operations.reference import condition_keys

__all__ = ["arn", "backend", "check", "ids_in", "keys_of", "kind_of"]

_KINDS = {
    "acl": "network-acl",
    "ami": "image",
    "cgw": "customer-gateway",
    "cr": "capacity-reservation",
    "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "key": "key-pair",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pg": "placement-group",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "sir": "spot-instances-request",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "tgw-attach": "transit-gateway-attachment",
    "tgw-rtb": "transit-gateway-route-table",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
    "vpn": "vpn-connection",
}


def backend(scene: Scene) -> Any:
    """moto's EC2 in the account and region of a call."""
    return begun("ec2", scene.account, scene.region)


def kind_of(resource_id: str) -> str | None:
    """The kind of resource that an id tells, as ARNs spell it; None when the text is not an id."""
    prefix, dash, rest = resource_id.rpartition("-")
    if dash and len(rest) in (8, 17) and all(sign in "0123456789abcdef" for sign in rest):
        return _KINDS.get(prefix)
    return None


def arn(scene: Scene, kind: str, resource_id: str) -> str:
    """The ARN of a resource; `*` as the id stands for one that the call is about to make."""
    # Images and snapshots may be public things, and their ARNs carry no account.
    account = "" if kind in ("image", "snapshot") else scene.account
    return f"arn:aws:ec2:{scene.region}:{account}:{kind}/{resource_id}"


def check(
    scene: Scene, action: str, kind: str, resource_id: str, context: Mapping[str, ContextValue]
) -> PlannedCheck:
    """A check of an action on a resource, with those of the keys that the action knows for its kind."""
    known, keys = condition_keys("ec2", action, kind), {"ec2:Region": scene.region, **context}
    return PlannedCheck(
        f"ec2:{action}", arn(scene, kind, resource_id), context=fitting(keys, known) if known else keys
    )


def ids_in(params: Mapping[str, Any]) -> Iterator[str]:
    """Every resource id among the parameters of a call, however deep, in the order in which they stand."""
    for value in params.values():
        yield from _ids(value)


def _ids(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if kind_of(value):
            yield value
    elif isinstance(value, Mapping):
        yield from ids_in(value)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _ids(each)


# -- condition keys of what is there -----------------------------------------------------------------------


def keys_of(scene: Scene, resource_id: str) -> dict[str, ContextValue]:
    """The condition keys that a live resource answers for; empty when there is none of that id.

    Tags are not among them: they are the same for all services.
    """
    kind = kind_of(resource_id) or ""
    reader = _READERS.get(kind)
    found = reader(scene, resource_id) if reader else {}
    return {key: as_text(value) for key, value in found.items() if value not in (None, "")}


def _instance(scene: Scene, instance_id: str) -> dict[str, Any]:
    for reservation in backend(scene).reservations.values():
        for instance in reservation.instances:
            if instance.id == instance_id:
                options = instance.metadata_options
                return {
                    "ec2:InstanceID": instance_id,
                    "ec2:InstanceType": instance.instance_type,
                    "ec2:AvailabilityZone": instance.placement.zone,
                    "ec2:InstanceProfile": _profile_of(scene, instance_id),
                    "ec2:InstanceMarketType": "spot" if instance.lifecycle == "spot" else "on-demand",
                    "ec2:Tenancy": instance.placement.tenancy,
                    "ec2:EbsOptimized": bool(instance.ebs_optimized),
                    "ec2:RootDeviceType": instance.root_device_type,
                    "ec2:MetadataHttpTokens": options.http_tokens,
                    "ec2:MetadataHttpEndpoint": options.http_endpoint,
                    "ec2:MetadataHttpPutResponseHopLimit": options.http_put_response_hop_limit,
                }
    return {}


def _profile_of(scene: Scene, instance_id: str) -> str | None:
    association = backend(scene).iam_instance_profile_associations.get(instance_id)
    return association.iam_instance_profile.arn if association else None


def _image(scene: Scene, image_id: str) -> dict[str, Any]:
    image = backend(scene).amis.get(image_id)
    if image is None:
        return {"ec2:ImageID": image_id}
    return {
        "ec2:ImageID": image_id,
        "ec2:ImageType": image.image_type,
        "ec2:Owner": image.owner_alias or image.owner_id,
        "ec2:Public": bool(image.is_public),
        "ec2:RootDeviceType": image.root_device_type,
    }


def _vpc_arn(scene: Scene, vpc_id: str | None) -> str | None:
    return arn(scene, "vpc", vpc_id) if vpc_id else None


def _subnet(scene: Scene, subnet_id: str) -> dict[str, Any]:
    subnet = next((each for each in backend(scene).describe_subnets() if each.id == subnet_id), None)
    if subnet is None:
        return {}
    return {
        "ec2:SubnetID": subnet_id,
        "ec2:AvailabilityZone": subnet.availability_zone,
        "ec2:Vpc": _vpc_arn(scene, subnet.vpc_id),
    }


def _group(scene: Scene, group_id: str) -> dict[str, Any]:
    for vpc_id, groups in list(backend(scene).groups.items()):
        if group_id in groups:
            return {"ec2:SecurityGroupID": group_id, "ec2:Vpc": _vpc_arn(scene, vpc_id)}
    return {}


def _volume(scene: Scene, volume_id: str) -> dict[str, Any]:
    volume = backend(scene).volumes.get(volume_id)
    if volume is None:
        return {}
    return {
        "ec2:VolumeID": volume_id,
        "ec2:VolumeType": volume.volume_type,
        "ec2:VolumeSize": volume.size,
        "ec2:VolumeIops": volume.iops,
        "ec2:VolumeThroughput": volume.throughput,
        "ec2:Encrypted": bool(volume.encrypted),
        "ec2:AvailabilityZone": volume.zone.name,
        "ec2:ParentSnapshot": arn(scene, "snapshot", volume.snapshot_id) if volume.snapshot_id else None,
    }


def _interface(scene: Scene, interface_id: str) -> dict[str, Any]:
    interface = backend(scene).enis.get(interface_id)
    if interface is None:
        return {}
    return {
        "ec2:NetworkInterfaceID": interface_id,
        "ec2:Subnet": arn(scene, "subnet", interface.subnet.id),
        "ec2:AvailabilityZone": interface.subnet.availability_zone,
        "ec2:Vpc": _vpc_arn(scene, interface.subnet.vpc_id),
    }


def _vpc(scene: Scene, vpc_id: str) -> dict[str, Any]:
    return {"ec2:VpcID": vpc_id}


def _route_table(scene: Scene, table_id: str) -> dict[str, Any]:
    table = backend(scene).route_tables.get(table_id)
    if table is None:
        return {}
    return {"ec2:RouteTableID": table_id, "ec2:Vpc": _vpc_arn(scene, table.vpc_id)}


def _internet_gateway(scene: Scene, gateway_id: str) -> dict[str, Any]:
    return {"ec2:InternetGatewayID": gateway_id}


def _network_acl(scene: Scene, acl_id: str) -> dict[str, Any]:
    acl = backend(scene).network_acls.get(acl_id)
    return {"ec2:NetworkAclID": acl_id, "ec2:Vpc": _vpc_arn(scene, acl.vpc_id)} if acl else {}


def _address(scene: Scene, allocation_id: str) -> dict[str, Any]:
    found = next((each for each in backend(scene).addresses if each.allocation_id == allocation_id), None)
    if found is None:
        return {}
    return {
        "ec2:AllocationId": allocation_id,
        "ec2:Domain": found.domain,
        "ec2:PublicIpAddress": found.public_ip,
    }


def _snapshot(scene: Scene, snapshot_id: str) -> dict[str, Any]:
    snapshot = backend(scene).snapshots.get(snapshot_id)
    if snapshot is None:
        return {}
    return {
        "ec2:SnapshotID": snapshot_id,
        "ec2:Owner": snapshot.owner_id,
        "ec2:ParentVolume": arn(scene, "volume", snapshot.volume.id),
        "ec2:SnapshotTime": f"{snapshot.start_time:%Y-%m-%dT%H:%M:%SZ}",
        "ec2:VolumeSize": snapshot.volume.size,
        "ec2:Encrypted": bool(snapshot.encrypted),
    }


_READERS: Mapping[str, Callable[[Scene, str], dict[str, Any]]] = {
    "elastic-ip": _address,
    "image": _image,
    "instance": _instance,
    "internet-gateway": _internet_gateway,
    "network-acl": _network_acl,
    "network-interface": _interface,
    "route-table": _route_table,
    "security-group": _group,
    "snapshot": _snapshot,
    "subnet": _subnet,
    "volume": _volume,
    "vpc": _vpc,
}
