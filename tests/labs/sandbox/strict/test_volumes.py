"""EBS volumes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import House
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Repair,
    Table,
    client,
    try_refusal,
    try_repair,
)
from tests.labs.sandbox.strict.networks import instance

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired


def _volume(house: House, zone: str = "us-east-1a", **options: Any) -> str:
    given = {"Size": 20, "VolumeType": "gp3", "AvailabilityZone": zone, **options}
    return str(client(house, "ec2").create_volume(**given)["VolumeId"])


def _described(house: House, volume_id: str) -> Any:
    return client(house, "ec2").describe_volumes(VolumeIds=[volume_id])["Volumes"][0]


# -- what may be asked for ---------------------------------------------------------------------------------


@refused("ec2.volume-limits", "InvalidParameterValue", "Volume of 99999GiB is too large for volume type gp3")
def volume_too_large(house: House) -> Attempt:
    return lambda: _volume(house, Size=99_999)


@refused("ec2.volume-limits", "InvalidParameterValue", "The volume size is invalid for st1 volumes: 20 GiB.")
def volume_too_small(house: House) -> Attempt:
    return lambda: _volume(house, VolumeType="st1")


@refused("ec2.volume-limits", "InvalidParameterValue", "Iops to volume size ratio of 600.000000 is too high")
def too_many_iops_for_the_size(house: House) -> Attempt:
    return lambda: _volume(house, Iops=12_000)


@refused("ec2.volume-limits", "InvalidParameterValue", "Volume iops of 100 is too low; minimum is 3000.")
def too_few_iops(house: House) -> Attempt:
    return lambda: _volume(house, Iops=100)


@refused("ec2.volume-limits", "InvalidParameterValue", "take 125 to 750 MiB/s")
def too_much_throughput_for_the_iops(house: House) -> Attempt:
    return lambda: _volume(house, Throughput=1_000)


@refused("ec2.volume-limits", "InvalidParameterValue", "too large for volume type gp2")
def root_volume_too_large(house: House) -> Attempt:
    mapping = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20_000, "VolumeType": "gp2"}}]
    return lambda: instance(house, BlockDeviceMappings=mapping)


@refused("ec2.volume-limits", "InvalidParameterValue", "too large for volume type gp3")
def grown_too_large(house: House) -> Attempt:
    made = _volume(house)
    return lambda: client(house, "ec2").modify_volume(VolumeId=made, Size=99_999)


@refused("ec2.volume-only-grows", "InvalidParameterValue", "New size cannot be smaller than existing size 20")
def volume_made_smaller(house: House) -> Attempt:
    made = _volume(house)
    return lambda: client(house, "ec2").modify_volume(VolumeId=made, Size=10)


# -- attaching ---------------------------------------------------------------------------------------------


def _attachment(volume_id: str, instance_id: str, device: str = "/dev/sdf") -> dict[str, str]:
    return {"VolumeId": volume_id, "InstanceId": instance_id, "Device": device}


@refused("ec2.attach-in-zone", "InvalidVolume.ZoneMismatch", "is not in the same availability zone")
def attach_across_zones(house: House) -> Attempt:
    wanted = _attachment(_volume(house, "us-east-1b"), instance(house))
    return lambda: client(house, "ec2").attach_volume(**wanted)


@refused("ec2.attach-to-live", "IncorrectState", "is not 'running'.")
def attach_to_what_is_gone(house: House) -> Attempt:
    gone = instance(house)
    client(house, "ec2").terminate_instances(InstanceIds=[gone])
    wanted = _attachment(_volume(house), gone)
    return lambda: client(house, "ec2").attach_volume(**wanted)


@refused("ec2.attach-once", "VolumeInUse", "is already attached to an instance")
def attach_twice(house: House) -> Attempt:
    ec2, volume = client(house, "ec2"), _volume(house)
    ec2.attach_volume(**_attachment(volume, instance(house)))
    wanted = _attachment(volume, instance(house))
    return lambda: ec2.attach_volume(**wanted)


@refused("ec2.attach-free-device", "InvalidParameterValue", "Attachment point /dev/sdf is already in use")
def attach_at_a_taken_device(house: House) -> Attempt:
    ec2, made = client(house, "ec2"), instance(house)
    ec2.attach_volume(**_attachment(_volume(house), made))
    wanted = _attachment(_volume(house), made)
    return lambda: ec2.attach_volume(**wanted)


@refused("ec2.detach-root", "IncorrectState", "Unable to detach root volume")
def detach_the_root_of_a_running_instance(house: House) -> Attempt:
    made = instance(house)
    mapping = client(house, "ec2").describe_instances()["Reservations"][0]["Instances"][0]
    root = mapping["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    return lambda: client(house, "ec2").detach_volume(VolumeId=root, InstanceId=made)


def test_the_root_of_a_stopped_instance_can_be_detached_and_attached_elsewhere(house: House) -> None:
    ec2, broken, helper = client(house, "ec2"), instance(house), instance(house)
    ec2.stop_instances(InstanceIds=[broken])
    mapping = ec2.describe_instances(InstanceIds=[broken])["Reservations"][0]["Instances"][0]
    root = mapping["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    ec2.detach_volume(VolumeId=root, InstanceId=broken)
    ec2.attach_volume(**_attachment(root, helper))


# -- what a volume gets unasked ----------------------------------------------------------------------------


@repaired("ec2.volume-defaults", aws=(3000, 125), moto=(3000, None))
def defaults_of_gp3(house: House) -> Any:
    found = _described(house, _volume(house))
    return found["Iops"], found.get("Throughput")


@repaired("ec2.volume-defaults", aws=(300, None), moto=(None, None))
def performance_of_gp2(house: House) -> Any:
    found = _described(house, _volume(house, VolumeType="gp2", Size=100))
    return found.get("Iops"), found.get("Throughput")


def test_a_volume_that_changes_its_type_gets_the_defaults_of_the_new_one(house: House) -> None:
    ec2, made = client(house, "ec2"), _volume(house, VolumeType="gp2", Size=100)
    ec2.modify_volume(VolumeId=made, VolumeType="gp3")
    found = _described(house, made)
    assert (found["VolumeType"], found["Iops"], found["Throughput"]) == ("gp3", 3000, 125)
    ec2.modify_volume(VolumeId=made, Iops=6000, Throughput=500)
    ec2.modify_volume(VolumeId=made, Size=200)
    found = _described(house, made)
    assert (found["Size"], found["Iops"], found["Throughput"]) == (200, 6000, 500)
    ec2.modify_volume(VolumeId=made, VolumeType="gp2")
    found = _described(house, made)
    assert (found["Iops"], "Throughput" in found) == (600, False)


def test_a_volume_of_a_snapshot_is_as_large_as_it(house: House) -> None:
    ec2 = client(house, "ec2")
    snapshot = ec2.create_snapshot(VolumeId=_volume(house, Size=30))["SnapshotId"]
    made = ec2.create_volume(SnapshotId=snapshot, AvailabilityZone="us-east-1b", VolumeType="gp3")
    assert made["Size"] == 30


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
