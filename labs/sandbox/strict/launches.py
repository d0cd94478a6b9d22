"""RunInstances: where instances start, how many, from which image, and with which root volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from labs.aws.ec2 import Image, InstanceType, Launch, check_launch
from labs.errors import Ec2Error
from labs.sandbox.carrier import Answer
from labs.sandbox.strict.looks import ec2_of, free_addresses, subnet_of
from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.quotas import room_for
from labs.sandbox.strict.rules import Amendment, Asked, Refusal, Rule, clause
from labs.sandbox.values import REGION

__all__ = ["RULES", "image_of", "launch_at_hand", "patch", "refused_by_ec2"]

_LAUNCH = ("ec2:RunInstances",)
# What the launch at hand was asked for, which moto lets fall.
_launch: ContextVar[Mapping[str, Any]] = ContextVar("launch", default={})  # noqa: B039  # never changed


def refused_by_ec2(refusal: Any) -> Refusal:
    """A refusal of `labs.aws.ec2` as one of the rules here."""
    return Refusal(refusal.code, refusal.message, clause(refusal.says), refusal.hint)


def launch_at_hand() -> Mapping[str, Any]:
    """The parameters of the launch that is being made; empty when none is."""
    return _launch.get()


def image_of(ec2: Any, image_id: object) -> Any:
    """An image by its id, or None."""
    return ec2.amis.get(image_id)


# -- where and how many --------------------------------------------------------------------------------------


def _default_subnet(ask: Asked) -> Amendment | None:
    nics = ask.params.get("NetworkInterfaces") or ()
    open_nics = [
        n for n, nic in enumerate(nics, start=1) if not (nic.get("SubnetId") or nic.get("NetworkInterfaceId"))
    ]
    if ask.text("SubnetId") or (nics and not open_nics):
        return None
    defaults = ec2_of(ask).get_default_subnets()
    zone = (ask.params.get("Placement") or {}).get("AvailabilityZone") or min(defaults, default="")
    if zone not in defaults:
        return None  # moto says that there is none
    subnet_id = defaults[zone].id
    names = [f"NetworkInterface.{n}.SubnetId" for n in open_nics] or ["SubnetId"]
    return Amendment(dict.fromkeys(names, subnet_id))


def _as_many_as_fit(ask: Asked) -> Amendment | None:
    least, most = int(ask.params.get("MinCount") or 1), int(ask.params.get("MaxCount") or 1)
    subnet = subnet_of(ec2_of(ask), _subnet_id(ask))
    if subnet is None or most <= least:
        return None
    many = max(least, min(most, free_addresses(subnet), room_for(ask)))
    if many == least:
        return None
    text = f"AWS launches as many as it can, MaxCount at most: {many} here, not only the {least} of MinCount."
    return Amendment({"MinCount": str(many)}, text)


def _subnet_id(ask: Asked) -> str:
    nics = ask.params.get("NetworkInterfaces") or ()
    return ask.text("SubnetId") or str(next((nic["SubnetId"] for nic in nics if nic.get("SubnetId")), ""))


def _none_at_all(ask: Asked) -> Refusal | None:
    if int(ask.params.get("MaxCount") or 0) > 0:
        return None
    return Refusal(
        "InvalidParameterValue",
        "Maximum instance count must be greater than zero",
        "a launch starts one instance at least",
        "Give MinCount and MaxCount; for one instance both are 1.",
    )


def _known_type(ask: Asked) -> Refusal | None:
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    kind = ask.text("InstanceType")
    if not kind or kind in INSTANCE_TYPES:
        return None
    return Refusal(
        "InvalidParameterValue",
        f"Invalid value '{kind}' for InstanceType.",
        f"AWS has no instance type {kind}",
        "aws ec2 describe-instance-types lists those that there are.",
    )


def _placement(ask: Asked) -> Refusal | None:
    from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

    ec2, region = ec2_of(ask), ask.call.region
    image, subnet = image_of(ec2, ask.text("ImageId")), subnet_of(ec2, _subnet_id(ask))
    try:
        kind = InstanceType.parse(ask.text("InstanceType") or "m1.small")
    except Ec2Error:
        return None  # a type that labs.aws.ec2 cannot read; whether AWS has it is for another rule
    if image is None:
        return None
    offers = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(region, ())
    launch = Launch(
        kind,
        Image(image.id, region, image.architecture or "x86_64"),
        region,
        zone=(ask.params.get("Placement") or {}).get("AvailabilityZone"),
        subnet_id=subnet.id if subnet is not None else "",
        subnet_zone=subnet.availability_zone if subnet is not None else None,
        offered=tuple(sorted({each["Location"] for each in offers if each["InstanceType"] == kind.name})),
    )
    found = next(iter(check_launch(launch)), None)
    return refused_by_ec2(found) if found is not None else None


# -- the root volume -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Root:
    device: str
    gib: int


def _root_of(image: Any) -> _Root:
    """The root volume that an image brings along."""
    if image.platform == "windows":
        return _Root(image.root_device_name, 30)
    return _Root(image.root_device_name, 75 if str(image.name).startswith("Deep Learning") else 8)


def _root_volume(ask: Asked) -> Amendment | None:
    image = image_of(ec2_of(ask), ask.text("ImageId"))
    if image is None:
        return None
    root, mappings = _root_of(image), ask.params.get("BlockDeviceMappings") or ()
    place = next(
        (n for n, each in enumerate(mappings, start=1) if each.get("DeviceName") == root.device), None
    )
    ebs = (mappings[place - 1].get("Ebs") or {}) if place is not None else {}
    if place is not None and "NoDevice" in mappings[place - 1]:
        return None
    prefix = f"BlockDeviceMapping.{place or len(mappings) + 1}"
    wanted = {"VolumeType": "gp3", "DeleteOnTermination": "true"}
    if not ebs.get("SnapshotId"):
        wanted["VolumeSize"] = str(root.gib)
    missing = {f"{prefix}.Ebs.{name}": text for name, text in wanted.items() if ebs.get(name) is None}
    return Amendment({f"{prefix}.DeviceName": root.device, **missing}) if missing else None


# -- what moto lets fall -------------------------------------------------------------------------------------


def _remembering(ask: Asked, forward: Callable[[], Answer]) -> Answer:
    token = _launch.set(ask.params)
    try:
        return forward()
    finally:
        _launch.reset(token)


def patch() -> None:
    """Have moto's launches keep what it lets fall, and its images be as AWS's."""
    from moto.ec2.models.amis import Ami, AmiBackend
    from moto.ec2.models.elastic_block_store import EBSBackend
    from moto.ec2.models.instances import Instance, InstanceBackend

    @instead(InstanceBackend, "run_instances")
    def launched(run: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        reservation = run(self, *args, **kwargs)
        if PROTECTED.on and _launch.get().get("DisableApiTermination"):
            for instance in reservation.instances:
                instance.disable_api_termination = True
        return reservation

    @instead(Instance, "add_block_device")
    def added(add: Any, self: Any, size: Any, device_path: str, *args: Any, **kwargs: Any) -> None:
        token = _device.set(device_path)
        try:
            add(self, size, device_path, *args, **kwargs)
        finally:
            _device.reset(token)

    @instead(EBSBackend, "create_volume")
    def created(create: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        if _device.get() and VOLUME_SPEED.on:
            asked = _launch.get().get("BlockDeviceMappings") or ()
            ebs = next(
                (each.get("Ebs") or {} for each in asked if each.get("DeviceName") == _device.get()), {}
            )
            kwargs |= {"iops": ebs.get("Iops"), "throughput": ebs.get("Throughput")}
        return create(self, *args, **kwargs)

    @instead(AmiBackend, "_load_amis")
    def loaded(load: Any, self: Any) -> None:
        load(self)
        if IMAGE_OF_REGION.on:
            _make_regional(self)

    mappings = Ami.block_device_mappings

    def described(self: Any) -> Any:
        held: list[dict[str, Any]] = mappings.fget(self)
        if IMAGE_ROOT.on and self.root_device_type == "ebs":
            root = _root_of(self)
            ebs = {"DeleteOnTermination": True, "VolumeSize": root.gib, "VolumeType": "gp3", "Iops": 3000}
            held = [{**each, "Ebs": {**each["Ebs"], **ebs, "Throughput": 125}} for each in held]
        return held

    Ami.block_device_mappings = property(described)


# The device whose volume is being made for a launch.
_device: ContextVar[str] = ContextVar("device", default="")
_CANONICAL = "099720109477"


def _make_regional(backend: Any) -> None:
    """Give AWS's images ids of the region's own, as each Region has; the data have those of one Region."""
    for image in list(backend.amis.values()):
        if image.owner_id == _CANONICAL:
            image.owner_alias = None
        if backend.region_name == REGION:
            continue
        old, digest = image.id, sha256(f"{backend.region_name}/{image.id}".encode()).hexdigest()
        image.id = f"ami-{digest[:17]}"
        image.ebs_snapshot.from_ami = image.id
        image.ebs_snapshot.description = image.ebs_snapshot.description.replace(old, image.id)
        backend.amis[image.id] = backend.amis.pop(old)


PROTECTED = Rule(
    "ec2.launch-protected",
    "repairs",
    "An instance can be launched with termination protection.",
    "It lets DisableApiTermination fall.",
    ec2_api("RunInstances"),
    operations=_LAUNCH,
    around=_remembering,
)
VOLUME_SPEED = Rule(
    "ec2.launch-volume-speed",
    "repairs",
    "The volumes of a launch have the IOPS and the throughput that it asks for.",
    "It lets them fall, and cannot make a volume of a type that needs them.",
    ec2_api("EbsBlockDevice"),
    operations=_LAUNCH,
)
IMAGE_ROOT = Rule(
    "ec2.image-root-volume",
    "repairs",
    "The root volume of a current image is of gp3, and goes with its instance.",
    "Each image has 15 GiB, which stay.",
    page("EC2 User Guide", "Block device mappings for volumes", "block-device-mapping-concepts"),
    operations=("ec2:DescribeImages",),
)
IMAGE_OF_REGION = Rule(
    "ec2.image-of-region",
    "repairs",
    "An image has an id of its own in each Region, and is known there only.",
    "The same ids are known in all Regions.",
    page("EC2 User Guide", "Copy an Amazon EC2 AMI", "CopyingAMIs"),
    operations=("ec2:DescribeImages", "ec2:RunInstances"),
    code="InvalidAMIID.NotFound",
)

RULES = (
    Rule(
        "ec2.launch-one",
        "refuses",
        "A launch starts one instance at least.",
        "It starts MinCount, whatever MaxCount is.",
        ec2_api("RunInstances"),
        operations=_LAUNCH,
        code="InvalidParameterValue",
        check=_none_at_all,
    ),
    Rule(
        "ec2.launch-type",
        "refuses",
        "An instance is of a type that AWS has.",
        "It starts instances of any type.",
        ec2_api("RunInstances"),
        operations=_LAUNCH,
        code="InvalidParameterValue",
        check=_known_type,
    ),
    Rule(
        "ec2.default-subnet",
        "repairs",
        "Without a subnet an instance starts in the default subnet of a zone.",
        "It gives the instance an address outside of its VPC.",
        ec2_api("RunInstances"),
        operations=_LAUNCH,
        amend=_default_subnet,
    ),
    Rule(
        "ec2.launch-count",
        "repairs",
        "A launch starts as many instances as it can, from MinCount to MaxCount.",
        "It starts MinCount.",
        ec2_api("RunInstances"),
        operations=_LAUNCH,
        amend=_as_many_as_fit,
    ),
    Rule(
        "ec2.root-volume",
        "repairs",
        "An instance has the root volume of its image, and that of a current image is of gp3.",
        "Its root volume is of gp2, at /dev/sda1 whatever the image says, and missing where others are.",
        page("EC2 User Guide", "Root volumes for your Amazon EC2 instances", "RootDeviceStorage"),
        operations=_LAUNCH,
        amend=_root_volume,
    ),
    Rule(
        "ec2.launch-placement",
        "refuses",
        "Image, instance type, subnet and zone of a launch go together.",
        "It starts arm64 types from x86_64 images, and takes a zone that is not the subnet's.",
        ec2_api("RunInstances"),
        operations=_LAUNCH,
        code="InvalidParameterValue",
        check=_placement,
    ),
    PROTECTED,
    VOLUME_SPEED,
    IMAGE_ROOT,
    IMAGE_OF_REGION,
)
