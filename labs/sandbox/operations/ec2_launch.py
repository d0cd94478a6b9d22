"""RunInstances: a launch touches seven kinds of resource, and each is asked about with its own keys.

Source: Amazon EC2 User Guide, "Example policies to control access to the Amazon EC2 API", "Launch instances
(RunInstances)"; "Grant permissions to pass an IAM role to an instance".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from labs.sandbox.operations.ec2_new import disk_keys, tags_for
from labs.sandbox.operations.ec2_resources import arn, backend, check, keys_of, kind_of
from labs.sandbox.operations.iam import profile_arn, profile_role_arn
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Scene, as_text, passed_role

__all__ = ["passed_profile", "run_instances"]

_METADATA = {
    "HttpTokens": "ec2:MetadataHttpTokens",
    "HttpEndpoint": "ec2:MetadataHttpEndpoint",
    "HttpPutResponseHopLimit": "ec2:MetadataHttpPutResponseHopLimit",
    "InstanceMetadataTags": "ec2:InstanceMetadataTags",
}
_NAMING_NETWORKS = ("SubnetId", "SecurityGroupIds", "SecurityGroups", "NetworkInterfaces")


@dataclass(frozen=True, slots=True)
class _Launch:
    """A launch as its template completes it, and which parameters the call has of its own."""

    scene: Scene
    template_id: str | None
    own: frozenset[str]

    def check(
        self, kind: str, resource_id: str, context: Mapping[str, ContextValue], *parameters: str
    ) -> PlannedCheck:
        """One question of the launch.

        Args:
            parameters: those that may name this resource, which then does not come from the template.
        """
        from_template = self.template_id is not None and bool(parameters) and not self.own & set(parameters)
        origin: dict[str, ContextValue] = {"ec2:IsLaunchTemplateResource": as_text(from_template)}
        if self.template_id is not None:
            origin["ec2:LaunchTemplate"] = arn(self.scene, "launch-template", self.template_id)
        return check(self.scene, "RunInstances", kind, resource_id, {**origin, **context})


def run_instances(scene: Scene) -> Iterator[PlannedCheck]:
    """The instance, its image, interface and volumes, the subnet, groups and key; then tags and role."""
    template_id, own = _template_id(scene), frozenset(scene.params)
    scene = _with_template(scene, template_id)
    launch = _Launch(scene, template_id, own)
    profile = scene.params.get("IamInstanceProfile")
    subnet, groups = _network(scene)
    zone = keys_of(scene, subnet[0]).get("ec2:AvailabilityZone") if subnet else None
    instance = {**_instance_keys(scene, profile, zone), **tags_for(scene, "instance")}
    interface = {**_interface_keys(scene, subnet), **tags_for(scene, "network-interface")}
    volumes = [{**keys, **tags_for(scene, "volume")} for keys in _volumes(scene, zone)]
    image = scene.text("ImageId")

    yield launch.check("instance", "*", instance, "InstanceType")
    yield launch.check("image", image, keys_of(scene, image), "ImageId")
    named = [str(each.get("NetworkInterfaceId") or "*") for each in scene.many("NetworkInterfaces")]
    for each in dict.fromkeys(named or ["*"]):
        keys = interface if each == "*" else keys_of(scene, each)
        yield launch.check("network-interface", each, keys, "NetworkInterfaces")
    for volume in volumes:
        yield launch.check("volume", "*", volume, "BlockDeviceMappings")
    for each in (*subnet, *groups, *_snapshots(scene)):
        yield launch.check(kind_of(each) or "*", each, keys_of(scene, each), *_NAMING_NETWORKS)
    if key := scene.text("KeyName"):
        yield launch.check("key-pair", key, _key_pair_keys(scene, key), "KeyName")
    if template_id:
        yield launch.check("launch-template", template_id, {})
    for kind, keys in (("instance", instance), ("network-interface", interface), ("volume", volumes[0])):
        if tags_for(scene, kind):
            yield check(scene, "CreateTags", kind, "*", {**keys, "ec2:CreateAction": "RunInstances"})
    yield from passed_profile(scene, profile, arn(scene, "instance", "*"))


def passed_profile(scene: Scene, profile: object, instance_arn: str) -> Iterator[PlannedCheck]:
    """Handing a role to EC2 needs iam:PassRole on the role inside the profile, not on the profile."""
    if isinstance(profile, Mapping):
        role = profile_role_arn(scene.account, profile)
        if role:
            yield passed_role(role, "ec2.amazonaws.com", instance_arn)


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


def _instance_keys(scene: Scene, profile: object, zone: ContextValue | None) -> dict[str, ContextValue]:
    # EC2's own default, of 2006.
    keys: dict[str, ContextValue] = {
        "ec2:InstanceType": scene.text("InstanceType") or "m1.small",
        "ec2:EbsOptimized": scene.text("EbsOptimized") or "false",
        "ec2:RootDeviceType": "ebs",
        "ec2:Tenancy": "default",
        "ec2:InstanceMarketType": "on-demand",
    }
    if zone:
        keys["ec2:AvailabilityZone"] = zone
    options = scene.params.get("MetadataOptions")
    if isinstance(options, Mapping):
        keys |= {key: as_text(options[name]) for name, key in _METADATA.items() if name in options}
    if isinstance(profile, Mapping):
        keys["ec2:InstanceProfile"] = profile_arn(scene.account, profile)
    placement, market = scene.params.get("Placement"), scene.params.get("InstanceMarketOptions")
    if isinstance(placement, Mapping) and placement.get("Tenancy"):
        keys["ec2:Tenancy"] = str(placement["Tenancy"])
    if isinstance(placement, Mapping) and placement.get("GroupName"):
        keys["ec2:PlacementGroup"] = arn(scene, "placement-group", str(placement["GroupName"]))
    if isinstance(market, Mapping) and market.get("MarketType"):
        keys["ec2:InstanceMarketType"] = str(market["MarketType"])
    return keys


def _interface_keys(scene: Scene, subnet: list[str]) -> dict[str, ContextValue]:
    first: Mapping[str, Any] = next(iter(scene.many("NetworkInterfaces")), {})
    keys: dict[str, ContextValue] = {}
    if subnet:
        there = keys_of(scene, subnet[0])
        keys = {name: there[name] for name in ("ec2:Vpc", "ec2:AvailabilityZone") if name in there}
        keys["ec2:Subnet"] = arn(scene, "subnet", subnet[0])
    if first.get("AssociatePublicIpAddress") is not None:
        keys["ec2:AssociatePublicIpAddress"] = as_text(first["AssociatePublicIpAddress"])
    return keys


def _key_pair_keys(scene: Scene, name: str) -> dict[str, ContextValue]:
    pair = backend(scene).key_pairs.get(name)
    return {"ec2:KeyPairName": name, **({"ec2:KeyPairType": str(pair.key_type)} if pair else {})}


def _disks(scene: Scene) -> Iterator[Mapping[str, Any]]:
    for mapping in scene.many("BlockDeviceMappings"):
        if isinstance(mapping.get("Ebs"), Mapping):
            yield mapping["Ebs"]


def _volumes(scene: Scene, zone: ContextValue | None) -> list[dict[str, ContextValue]]:
    """The keys of each volume that is described; a launch always makes one, that of the image."""
    here: dict[str, ContextValue] = {"ec2:AvailabilityZone": zone} if zone else {}
    found: list[dict[str, ContextValue]] = []
    for ebs in _disks(scene):
        parent = ebs.get("SnapshotId")
        origin = {"ec2:ParentSnapshot": arn(scene, "snapshot", str(parent))} if parent else {}
        keys = {**here, **disk_keys(ebs), **origin}
        if keys not in found:
            found.append(keys)
    return found or [here]


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
