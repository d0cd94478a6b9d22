"""RunInstances: a launch touches seven kinds of resource, and each is asked about with its own keys.

Source: Amazon EC2 User Guide, "Example policies to control access to the Amazon EC2 API", "Launch instances
(RunInstances)"; "Grant permissions to pass an IAM role to an instance".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from labs.sandbox.operations.ec2_resources import arn, backend, keys_of, kind_of
from labs.sandbox.operations.iam import profile_arn, profile_role_arn
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Scene, as_text, passed_role, tag_context

__all__ = ["passed_profile", "run_instances"]

_METADATA = {
    "HttpTokens": "ec2:MetadataHttpTokens",
    "HttpEndpoint": "ec2:MetadataHttpEndpoint",
    "HttpPutResponseHopLimit": "ec2:MetadataHttpPutResponseHopLimit",
}
_EBS = {
    "VolumeType": "ec2:VolumeType",
    "VolumeSize": "ec2:VolumeSize",
    "Iops": "ec2:VolumeIops",
    "Throughput": "ec2:VolumeThroughput",
    "Encrypted": "ec2:Encrypted",
}


def run_instances(scene: Scene) -> Iterator[PlannedCheck]:
    """The image, the instance, its interface and volume, the subnet, groups and key; then tags and role."""
    template_id = _template_id(scene)
    scene = _with_template(scene, template_id)
    profile = scene.params.get("IamInstanceProfile")
    everywhere: dict[str, ContextValue] = {"ec2:Region": scene.region}
    if template_id:
        everywhere["ec2:LaunchTemplate"] = arn(scene, "launch-template", template_id)

    def check(kind: str, resource_id: str, context: Mapping[str, ContextValue] | None = None) -> PlannedCheck:
        known = keys_of(scene, resource_id) if context is None else context
        return PlannedCheck(
            "ec2:RunInstances", arn(scene, kind, resource_id), context={**everywhere, **known}
        )

    tags = {kind: _tags_for(scene, kind) for kind in ("instance", "volume", "network-interface")}
    yield check("image", scene.text("ImageId"))
    yield check("instance", "*", {**_instance_keys(scene, profile), **tags["instance"]})
    interfaces = [str(each.get("NetworkInterfaceId") or "*") for each in scene.many("NetworkInterfaces")]
    for interface in dict.fromkeys(interfaces or ["*"]):
        yield check("network-interface", interface, tags["network-interface"] if interface == "*" else None)
    yield check("volume", "*", {**_volume_keys(scene), **tags["volume"]})
    subnet, groups = _network(scene)
    for resource_id in (*subnet, *groups, *_snapshots(scene)):
        yield check(kind_of(resource_id) or "*", resource_id)
    if key := scene.text("KeyName"):
        yield check("key-pair", key, {"ec2:KeyPairName": key})
    if template_id:
        yield check("launch-template", template_id, {})
    for kind, given in tags.items():
        if given:
            context = {"ec2:Region": scene.region, "ec2:CreateAction": "RunInstances", **given}
            yield PlannedCheck("ec2:CreateTags", arn(scene, kind, "*"), context=context)
    yield from passed_profile(scene, profile)


def passed_profile(scene: Scene, profile: object) -> Iterator[PlannedCheck]:
    """Handing a role to EC2 needs iam:PassRole on the role inside the profile, not on the profile."""
    if isinstance(profile, Mapping):
        role = profile_role_arn(scene.account, profile)
        if role:
            yield passed_role(role, "ec2.amazonaws.com")


# -- the parameters, as a launch template completes them ---------------------------------------------------


def _template_id(scene: Scene) -> str | None:
    given = scene.params.get("LaunchTemplate")
    if not isinstance(given, Mapping):
        return None
    name = str(given.get("LaunchTemplateName", ""))
    found = given.get("LaunchTemplateId") or backend(scene).launch_template_name_to_ids.get(name)
    return str(found) if found else None


def _with_template(scene: Scene, template_id: str | None) -> Scene:
    template = backend(scene).launch_templates.get(template_id)
    if template is None:
        return scene
    asked = str(scene.params["LaunchTemplate"].get("Version") or "$Default")
    numbers = {"$Default": template.default_version_number, "$Latest": template.latest_version_number}
    number = numbers.get(asked, asked)
    version = next((each for each in template.versions if str(each.number) == str(number)), None)
    # What the call says goes before what the template says.
    params = {**(version.data if version else {}), **scene.params}
    return replace(scene, call=replace(scene.call, params=params))


# -- condition keys of what is to be made ------------------------------------------------------------------


def _tags_for(scene: Scene, kind: str) -> dict[str, ContextValue]:
    for given in scene.many("TagSpecifications"):
        if given.get("ResourceType") == kind:
            return tag_context(given.get("Tags") or ())
    return {}


def _instance_keys(scene: Scene, profile: object) -> dict[str, ContextValue]:
    # EC2's own default, of 2006.
    keys: dict[str, ContextValue] = {"ec2:InstanceType": scene.text("InstanceType") or "m1.small"}
    options = scene.params.get("MetadataOptions")
    if isinstance(options, Mapping):
        keys |= {key: as_text(options[name]) for name, key in _METADATA.items() if name in options}
    if isinstance(profile, Mapping):
        keys["ec2:InstanceProfile"] = profile_arn(scene.account, profile)
    placement = scene.params.get("Placement")
    if isinstance(placement, Mapping) and placement.get("Tenancy"):
        keys["ec2:Tenancy"] = str(placement["Tenancy"])
    if scene.params.get("EbsOptimized") is not None:
        keys["ec2:EbsOptimized"] = scene.text("EbsOptimized")
    return keys


def _disks(scene: Scene) -> Iterator[Mapping[str, Any]]:
    for mapping in scene.many("BlockDeviceMappings"):
        if isinstance(mapping.get("Ebs"), Mapping):
            yield mapping["Ebs"]


def _volume_keys(scene: Scene) -> dict[str, ContextValue]:
    ebs = next(_disks(scene), {})
    return {key: as_text(ebs[name]) for name, key in _EBS.items() if name in ebs}


def _snapshots(scene: Scene) -> list[str]:
    return [str(ebs["SnapshotId"]) for ebs in _disks(scene) if ebs.get("SnapshotId")]


def _network(scene: Scene) -> tuple[list[str], list[str]]:
    """Subnet and security groups of a launch: those that it names, else the defaults of the default VPC."""
    interfaces = scene.many("NetworkInterfaces")
    if any(each.get("NetworkInterfaceId") for each in interfaces):
        # An interface that is there brings its own subnet and groups.
        return [], []
    named = (str(each["SubnetId"]) for each in interfaces if each.get("SubnetId"))
    subnet_id = scene.text("SubnetId") or next(named, "")
    groups = [str(each) for each in scene.many("SecurityGroupIds")]
    groups += [str(group) for each in interfaces for group in each.get("Groups") or ()]

    ec2 = backend(scene)
    subnets = sorted(ec2.describe_subnets(), key=lambda each: str(each.availability_zone))
    default = ec2.get_default_vpc()
    if not subnet_id and default is not None:
        zone = (scene.params.get("Placement") or {}).get("AvailabilityZone")
        fitting = [
            each for each in subnets if each.vpc_id == default.id and zone in (None, each.availability_zone)
        ]
        subnet_id = fitting[0].id if fitting else ""
    vpc_id = next((each.vpc_id for each in subnets if each.id == subnet_id), None)
    known = list(ec2.groups.get(vpc_id, {}).values())
    names = [str(each) for each in scene.many("SecurityGroups")]
    if not groups:
        groups = [str(group.id) for group in known if group.name in (names or ["default"])]
    return [subnet_id] if subnet_id else [], groups
