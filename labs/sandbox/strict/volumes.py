"""EBS volumes: what may be asked for, what a volume gets unasked, and where it can be attached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from labs.aws.ec2 import Call, attach_volume, performance, volume
from labs.aws.ec2.volumes import LIMITS
from labs.errors import Ec2Error
from labs.sandbox.strict.instances import ruled
from labs.sandbox.strict.launches import refused_by_ec2
from labs.sandbox.strict.looks import ec2_of, instance_of
from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Refusal, Rule, clause

__all__ = ["RULES", "patch"]

_TYPES = page("EBS User Guide", "Amazon EBS volume types", "ebs-volume-types")


# -- what may be asked for ---------------------------------------------------------------------------------


def _wanted(ask: Asked) -> Iterator[Mapping[str, Any]]:
    """Each volume that a call is to make, as VolumeType, Size, Iops and Throughput."""
    if ask.call.operation == "RunInstances":
        for mapping in ask.params.get("BlockDeviceMappings") or ():
            ebs = mapping.get("Ebs") or {}
            yield {**ebs, "Size": ebs.get("VolumeSize") or _snapshot_size(ask, ebs)}
    elif ask.call.operation == "ModifyVolume":
        held = ec2_of(ask).volumes.get(ask.text("VolumeId"))
        if held is not None:
            yield _modified(held, ask.params)
    else:
        yield {**ask.params, "Size": ask.params.get("Size") or _snapshot_size(ask, ask.params)}


def _snapshot_size(ask: Asked, given: Mapping[str, Any]) -> int | None:
    snapshot = ec2_of(ask).snapshots.get(given.get("SnapshotId"))
    return int(snapshot.volume.size) if snapshot is not None else None


def _modified(held: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a volume is to be; what a new type does not have is dropped, and the rest stays."""
    kind = params.get("VolumeType") or held.volume_type
    same = kind == held.volume_type
    return {
        "VolumeType": kind,
        "Size": params.get("Size") or held.size,
        "Iops": params.get("Iops") or (held.iops if same and kind in ("gp3", "io1", "io2") else None),
        "Throughput": params.get("Throughput") or (held.throughput if same and kind == "gp3" else None),
    }


def _takes(ask: Asked) -> Refusal | None:
    for each in _wanted(ask):
        kind, size = str(each.get("VolumeType") or "gp2"), each.get("Size")
        if size is None:
            continue  # moto says that it is missing
        try:
            volume(kind, int(size), iops=_number(each.get("Iops")), mibps=_number(each.get("Throughput")))
        except Ec2Error as fault:
            code = fault.code or "InvalidParameterValue"
            detail = f"{clause(fault.title)}; {clause(fault.detail)}"
            return Refusal(code, _words(each, kind, int(size), fault), detail, fault.hint)
    return None


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _words(each: Mapping[str, Any], kind: str, size: int, fault: Ec2Error) -> str:
    """AWS's words where they are known, else what is wrong."""
    limits = next((row for name, row in LIMITS.items() if name == kind), None)
    if limits is None:
        return f"Invalid volume type: {kind}"
    least, most = limits.gib
    if size > most:
        return f"Volume of {size}GiB is too large for volume type {kind}; maximum is {most}GiB."
    if size < least:
        return (
            f"The volume size is invalid for {kind} volumes: {size} GiB. {kind} volumes must be at least "
            f"{least} GiB in size. Please specify a volume size above {least} GiB."
        )
    iops = _number(each.get("Iops"))
    if iops is not None and limits.iops is not None and limits.iops[0] <= iops <= limits.iops[1]:
        ratio = iops / size
        if iops > limits.iops_most(size):
            return (
                f"Iops to volume size ratio of {ratio:.6f} is too high; maximum is "
                f"{limits.iops_per_gib:.6f} iops per GiB"
            )
    if iops is not None and limits.iops is not None and iops > limits.iops[1]:
        return f"Volume iops of {iops} is too high; maximum is {limits.iops[1]}."
    if iops is not None and limits.iops is not None and iops < limits.iops[0]:
        return f"Volume iops of {iops} is too low; minimum is {limits.iops[0]}."
    return f"{fault.title}. {fault.detail}"


def _smaller(ask: Asked) -> Refusal | None:
    held, size = ec2_of(ask).volumes.get(ask.text("VolumeId")), ask.params.get("Size")
    if held is None or size is None or int(size) >= int(held.size):
        return None
    return Refusal(
        "InvalidParameterValue",
        f"New size cannot be smaller than existing size {held.size}",
        f"a volume only grows, and this one has {held.size} GiB",
        "Make a smaller volume, and copy the files.",
    )


# -- attaching ---------------------------------------------------------------------------------------------


def _zone(ask: Asked) -> Refusal | None:
    ec2 = ec2_of(ask)
    held, instance = ec2.volumes.get(ask.text("VolumeId")), instance_of(ec2, ask.text("InstanceId"))
    if held is None or instance is None:
        return None
    refusal = attach_volume(held.id, held.availability_zone, instance.id, instance.availability_zone)
    return refused_by_ec2(refusal) if refusal is not None else None


def _to_live(ask: Asked) -> Refusal | None:
    instance = instance_of(ec2_of(ask), ask.text("InstanceId"))
    return ruled(Call.ATTACH_VOLUME, instance) if instance is not None else None


def _attached(ask: Asked) -> Refusal | None:
    held = ec2_of(ask).volumes.get(ask.text("VolumeId"))
    if held is None or held.attachment is None or held.multi_attach_enabled:
        return None
    return Refusal(
        "VolumeInUse",
        f"{held.id} is already attached to an instance",
        f"the volume is attached to {held.attachment.instance.id}, and only io1 and io2 volumes with "
        "Multi-Attach have several instances",
        "Detach it first.",
    )


def _device_taken(ask: Asked) -> Refusal | None:
    instance, device = instance_of(ec2_of(ask), ask.text("InstanceId")), ask.text("Device")
    if instance is None or device not in instance.block_device_mapping:
        return None
    return Refusal(
        "InvalidParameterValue",
        f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use",
        f"{instance.block_device_mapping[device].volume_id} is attached there",
        "Take another name, such as /dev/sdg.",
    )


def _root(ask: Asked) -> Refusal | None:
    held = ec2_of(ask).volumes.get(ask.text("VolumeId"))
    attachment = held.attachment if held is not None else None
    if attachment is None or attachment.device != attachment.instance.root_device_name:
        return None
    return ruled(Call.DETACH_ROOT, attachment.instance)


# -- what a volume gets unasked ----------------------------------------------------------------------------


def patch() -> None:
    """Have moto's volumes show the performance that AWS's have by default."""
    from moto.ec2.models.elastic_block_store import EBSBackend, Volume

    @instead(EBSBackend, "create_volume")
    def created(create: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        made = create(self, *args, **kwargs)
        if DEFAULTS.on:
            _settle(made)
        return made

    @instead(Volume, "modify")
    def modified(modify: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        before = self.volume_type
        modify(self, *args, **kwargs)
        if DEFAULTS.on:
            if self.volume_type != before:
                self.iops, self.throughput = kwargs.get("target_iops"), kwargs.get("target_throughput")
            _settle(self)


def _settle(held: Any) -> None:
    """IOPS and throughput: what was asked for, the defaults of gp3, and what its size gives a gp2 volume."""
    chooses = held.volume_type in ("gp3", "io1", "io2")
    with suppress(Ec2Error):  # what moto makes for itself need not be what AWS sells
        made = volume(
            held.volume_type,
            int(held.size),
            iops=_number(held.iops) if chooses else None,
            mibps=_number(held.throughput) if held.volume_type == "gp3" else None,
        )
        held.iops, held.throughput = made.iops, made.mibps
        if made.type == "gp2":
            held.iops = int(performance(made).iops)


DEFAULTS = Rule(
    "ec2.volume-defaults",
    "repairs",
    "A gp3 volume has 3,000 IOPS and 125 MiB/s unless more is asked for; a gp2 volume what its size gives.",
    "It tells no throughput, and no IOPS of a gp2 volume.",
    _TYPES,
    operations=("ec2:CreateVolume", "ec2:ModifyVolume", "ec2:RunInstances"),
)

RULES = (
    Rule(
        "ec2.volume-limits",
        "refuses",
        "Each volume type has its limits of size, IOPS and throughput, and of their ratios.",
        "It makes a gp3 volume of 99,999 GiB.",
        _TYPES,
        operations=("ec2:CreateVolume", "ec2:ModifyVolume", "ec2:RunInstances"),
        code="InvalidParameterValue",
        check=_takes,
    ),
    Rule(
        "ec2.volume-only-grows",
        "refuses",
        "The size of a volume can be increased only.",
        "It makes a volume smaller.",
        page(
            "EBS User Guide", "Requirements for Amazon EBS volume modifications", "modify-volume-requirements"
        ),
        operations=("ec2:ModifyVolume",),
        code="InvalidParameterValue",
        check=_smaller,
    ),
    Rule(
        "ec2.attach-in-zone",
        "refuses",
        "A volume is attached to an instance of its own Availability Zone.",
        "It attaches a volume across zones.",
        ec2_api("AttachVolume"),
        operations=("ec2:AttachVolume",),
        code="InvalidVolume.ZoneMismatch",
        check=_zone,
    ),
    Rule(
        "ec2.attach-to-live",
        "refuses",
        "A volume is attached to an instance that is running or stopped.",
        "It attaches a volume to a terminated instance.",
        ec2_api("AttachVolume"),
        operations=("ec2:AttachVolume",),
        code="IncorrectState",
        check=_to_live,
    ),
    Rule(
        "ec2.attach-once",
        "refuses",
        "A volume without Multi-Attach is attached to one instance.",
        "It moves the volume from one to the other.",
        page(
            "EBS User Guide", "Attach an Amazon EBS volume to an Amazon EC2 instance", "ebs-attaching-volume"
        ),
        operations=("ec2:AttachVolume",),
        code="VolumeInUse",
        check=_attached,
    ),
    Rule(
        "ec2.attach-free-device",
        "refuses",
        "A device name of an instance is for one volume.",
        "It puts the second volume in the place of the first.",
        page("EC2 User Guide", "Device names for volumes on Amazon EC2 instances", "device_naming"),
        operations=("ec2:AttachVolume",),
        code="InvalidParameterValue",
        check=_device_taken,
    ),
    Rule(
        "ec2.detach-root",
        "refuses",
        "The root volume is detached while the instance is stopped.",
        "It takes the root volume from a running instance.",
        ec2_api("DetachVolume"),
        operations=("ec2:DetachVolume",),
        code="IncorrectState",
        check=_root,
    ),
    DEFAULTS,
)
