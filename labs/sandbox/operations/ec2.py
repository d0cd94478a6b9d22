"""EC2: one question for each resource that a call touches, with the keys of that kind of resource only.

Source: Amazon EC2 User Guide, "Identity-based policies for Amazon EC2"; Service Authorization Reference,
"Actions, resources, and condition keys for Amazon EC2".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labs.sandbox.operations.iam import profile_role_arn
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, passed_role, tag_context

__all__ = ["RULES", "other"]

# How the id of a resource tells its kind, as the resource part of an ARN spells it.
_KINDS = {
    "acl": "network-acl",
    "ami": "image",
    "eigw": "egress-only-internet-gateway",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "key": "key-pair",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "sir": "spot-instances-request",
    "snap": "snapshot",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
# What a call makes: the kind of the new resource, whose id no policy can know yet.
_MADE = {
    "AllocateAddress": "elastic-ip",
    "CreateInternetGateway": "internet-gateway",
    "CreateKeyPair": "key-pair",
    "CreateNatGateway": "natgateway",
    "CreateNetworkAcl": "network-acl",
    "CreateNetworkInterface": "network-interface",
    "CreateRouteTable": "route-table",
    "CreateSecurityGroup": "security-group",
    "CreateSnapshot": "snapshot",
    "CreateSubnet": "subnet",
    "CreateVolume": "volume",
    "CreateVpc": "vpc",
    "CreateVpcEndpoint": "vpc-endpoint",
    "CreateVpcPeeringConnection": "vpc-peering-connection",
    "ImportKeyPair": "key-pair",
}


def _ec2(scene: Scene) -> Any:
    from moto.ec2.models import ec2_backends

    return ec2_backends[scene.account][scene.region]


def _arn(scene: Scene, resource_id: str, kind: str | None = None) -> str:
    kind = kind or _KINDS.get(resource_id.partition("-")[0], "")
    # Images and snapshots are public things, and their ARNs carry no account.
    account = "" if kind in ("image", "snapshot") else scene.account
    return f"arn:aws:ec2:{scene.region}:{account}:{kind}/{resource_id}"


def _tags(scene: Scene, resource_id: str) -> dict[str, ContextValue]:
    found = _ec2(scene).describe_tags({"resource-id": [resource_id]})
    pairs = {tag["key"]: tag["value"] for tag in found}
    return {
        **{f"aws:ResourceTag/{key}": value for key, value in pairs.items()},
        **{f"ec2:ResourceTag/{key}": value for key, value in pairs.items()},
    }


def _instance_keys(scene: Scene, instance_id: str) -> dict[str, ContextValue]:
    """The keys of an instance that exists."""
    for reservation in _ec2(scene).reservations.values():
        for instance in reservation.instances:
            if instance.id == instance_id:
                profile = getattr(instance, "iam_instance_profile", None)
                keys: dict[str, ContextValue] = {
                    "ec2:InstanceType": instance.instance_type,
                    "ec2:AvailabilityZone": str(instance.placement.zone),
                    "ec2:InstanceID": instance_id,
                }
                if profile:
                    keys["ec2:InstanceProfile"] = str(getattr(profile, "arn", profile))
                return keys
    return {}


def _existing(scene: Scene, resource_id: str) -> PlannedCheck:
    context = {"ec2:Region": scene.region, **_tags(scene, resource_id)}
    if resource_id.startswith("i-"):
        context |= _instance_keys(scene, resource_id)
    return PlannedCheck(f"ec2:{scene.call.operation}", _arn(scene, resource_id), context=context)


def _ids(params: Mapping[str, Any]) -> Iterator[str]:
    """Every resource id among the parameters, however deep."""
    for value in params.values():
        if isinstance(value, str):
            prefix, dash, rest = value.partition("-")
            if dash and prefix in _KINDS and _is_id(rest):
                yield value
        elif isinstance(value, Mapping):
            yield from _ids(value)
        elif isinstance(value, list):
            yield from _ids({str(place): each for place, each in enumerate(value)})


def _is_id(rest: str) -> bool:
    return len(rest) in (8, 17) and all(sign in "0123456789abcdef" for sign in rest)


def _request_tags(scene: Scene, kind: str) -> dict[str, ContextValue]:
    for given in scene.many("TagSpecifications"):
        if given.get("ResourceType") == kind:
            return tag_context(given.get("Tags") or ())
    return {}


def _change(scene: Scene) -> Iterator[PlannedCheck]:
    """The rule for changes: the thing that is made, and each thing that the call names."""
    operation = scene.call.operation
    made = _MADE.get(operation)
    asked = False
    if made:
        tags = _request_tags(scene, made)
        context = {"ec2:Region": scene.region, **tags}
        yield PlannedCheck(f"ec2:{operation}", _arn(scene, "*", made), context=context)
        asked = True
        if tags:
            yield _create_tags(scene, made, tags)
    for resource_id in dict.fromkeys(_ids(scene.params)):
        yield _existing(scene, resource_id)
        asked = True
    if not asked:
        yield PlannedCheck(f"ec2:{operation}", "*", context={"ec2:Region": scene.region}, approximate=True)


def _create_tags(scene: Scene, kind: str, tags: Mapping[str, ContextValue]) -> PlannedCheck:
    context = {"ec2:Region": scene.region, "ec2:CreateAction": scene.call.operation, **tags}
    return PlannedCheck("ec2:CreateTags", _arn(scene, "*", kind), context=context)


def _tagging(scene: Scene) -> Iterator[PlannedCheck]:
    tags = tag_context(scene.many("Tags"))
    for resource_id in scene.many("Resources"):
        existing = _existing(scene, str(resource_id))
        yield PlannedCheck(existing.action, existing.resource, context={**existing.context, **tags})


def _look(scene: Scene) -> Iterator[PlannedCheck]:
    """Describe and its like take no resource: a policy must say `*`."""
    yield PlannedCheck(f"ec2:{scene.call.operation}", "*", context={"ec2:Region": scene.region})


def _run_instances(scene: Scene) -> Iterator[PlannedCheck]:
    """A launch: a question each for image, instance, interface, volume, subnet, groups, key, PassRole."""
    region: dict[str, ContextValue] = {"ec2:Region": scene.region}
    profile = scene.params.get("IamInstanceProfile")

    def check(resource: str, context: Mapping[str, ContextValue]) -> PlannedCheck:
        return PlannedCheck("ec2:RunInstances", resource, context={**region, **context})

    image = scene.text("ImageId")
    yield check(_arn(scene, image, "image"), {"ec2:ImageID": image, **_image_keys(scene, image)})
    instance: dict[str, ContextValue] = {"ec2:InstanceType": scene.text("InstanceType") or "m1.small"}
    instance |= _metadata_keys(scene.params.get("MetadataOptions"))
    if isinstance(profile, Mapping):
        arn = profile.get("Arn") or f"arn:aws:iam::{scene.account}:instance-profile/{profile.get('Name')}"
        instance["ec2:InstanceProfile"] = str(arn)
    tagged = {kind: _request_tags(scene, kind) for kind in ("instance", "volume", "network-interface")}
    yield check(_arn(scene, "*", "instance"), {**instance, **tagged["instance"]})
    yield check(_arn(scene, "*", "network-interface"), tagged["network-interface"])
    yield check(_arn(scene, "*", "volume"), {**_volume_keys(scene), **tagged["volume"]})
    subnet, groups = _network(scene)
    if subnet:
        yield check(_arn(scene, subnet), {"ec2:SubnetID": subnet, **_tags(scene, subnet)})
    for group in groups:
        yield check(_arn(scene, group), {"ec2:SecurityGroupID": group, **_tags(scene, group)})
    if scene.params.get("KeyName"):
        key = scene.text("KeyName")
        yield check(_arn(scene, key, "key-pair"), {"ec2:KeyPairName": key})
    for kind, tags in tagged.items():
        if tags:
            yield _create_tags(scene, kind, tags)
    yield from _passed_profile(scene, profile)


def _image_keys(scene: Scene, image_id: str) -> dict[str, ContextValue]:
    image = _ec2(scene).amis.get(image_id)
    if image is None:
        return {}
    return {
        "ec2:Owner": str(image.owner_alias or image.owner_id),
        "ec2:Public": str(bool(image.is_public)).lower(),
        "ec2:ImageType": str(image.image_type),
        "ec2:RootDeviceType": str(image.root_device_type),
    }


def _metadata_keys(options: object) -> dict[str, ContextValue]:
    given = options if isinstance(options, Mapping) else {}
    names = {
        "HttpTokens": "ec2:MetadataHttpTokens",
        "HttpEndpoint": "ec2:MetadataHttpEndpoint",
        "HttpPutResponseHopLimit": "ec2:MetadataHttpPutResponseHopLimit",
    }
    return {key: str(given[name]) for name, key in names.items() if name in given}


def _volume_keys(scene: Scene) -> dict[str, ContextValue]:
    for mapping in scene.many("BlockDeviceMappings"):
        ebs = mapping.get("Ebs") or {}
        named = {"VolumeType": "ec2:VolumeType", "VolumeSize": "ec2:VolumeSize", "Encrypted": "ec2:Encrypted"}
        return {key: str(ebs[name]).lower() for name, key in named.items() if name in ebs}
    return {}


def _network(scene: Scene) -> tuple[str | None, Iterable[str]]:
    """Subnet and security groups of a launch: those that it names, else the defaults of the default VPC."""
    ec2 = _ec2(scene)
    interfaces = scene.many("NetworkInterfaces")
    named = (str(each["SubnetId"]) for each in interfaces if each.get("SubnetId"))
    subnet_id = scene.text("SubnetId") or next(named, "")
    groups = [str(each) for each in scene.many("SecurityGroupIds")]
    groups += [str(group) for each in interfaces for group in each.get("Groups") or ()]
    subnets = sorted(ec2.describe_subnets(), key=lambda each: each.availability_zone)
    default = ec2.get_default_vpc()
    if not subnet_id and default is not None:
        zone = (scene.params.get("Placement") or {}).get("AvailabilityZone")
        fitting = (
            each for each in subnets if each.vpc_id == default.id and zone in (None, each.availability_zone)
        )
        subnet_id = next((str(each.id) for each in fitting), "")
    if not groups:
        vpc_id = next((each.vpc_id for each in subnets if each.id == subnet_id), None)
        found = ec2.groups.get(vpc_id, {}).values()
        groups = [str(group.id) for group in found if group.name == "default"]
    return subnet_id or None, groups


def _passed_profile(scene: Scene, profile: object) -> Iterator[PlannedCheck]:
    """Handing a role to EC2 needs iam:PassRole on the role inside the profile, not on the profile."""
    if isinstance(profile, Mapping):
        role = profile_role_arn(scene.account, profile)
        if role:
            yield passed_role(role, "ec2.amazonaws.com")


def _associate_profile(scene: Scene) -> Iterator[PlannedCheck]:
    yield from _change(scene)
    yield from _passed_profile(scene, scene.params.get("IamInstanceProfile"))


def other(scene: Scene) -> Iterable[PlannedCheck]:
    """The rule for all operations that have none of their own."""
    looks = scene.call.operation.startswith(("Describe", "Get", "List", "Search", "Export"))
    return _look(scene) if looks else _change(scene)


RULES: Mapping[str, Rule] = {
    "AssociateIamInstanceProfile": _associate_profile,
    "CreateTags": _tagging,
    "DeleteTags": _tagging,
    "ReplaceIamInstanceProfileAssociation": _associate_profile,
    "RunInstances": _run_instances,
}
