"""RunInstances."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from labs.sandbox import strict
from labs.sandbox.strict.quotas import VCPUS
from tests.labs.sandbox.houses import House, code
from tests.labs.sandbox.strict.cases import (
    Attempt,
    Refusal,
    Repair,
    Table,
    client,
    try_refusal,
    try_repair,
)
from tests.labs.sandbox.strict.networks import default_subnet, image, instance, subnet

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired


def _described(house: House, instance_id: str) -> Any:
    found = client(house, "ec2").describe_instances(InstanceIds=[instance_id])
    return found["Reservations"][0]["Instances"][0]


# -- where and how many ------------------------------------------------------------------------------------


@repaired("ec2.default-subnet", aws=("us-east-1a", True), moto=("us-east-1a", False))
def launch_without_a_subnet(house: House) -> Any:
    found = _described(house, instance(house))
    assert found["PublicIpAddress"]
    place = client(house, "ec2").describe_subnets(SubnetIds=[found["SubnetId"]])["Subnets"][0]
    return place["AvailabilityZone"], ip_address(found["PrivateIpAddress"]) in ip_network(place["CidrBlock"])


def test_the_default_subnet_is_of_the_zone_asked_for(house: House) -> None:
    found = _described(house, instance(house, Placement={"AvailabilityZone": "us-east-1c"}))
    assert found["SubnetId"] == default_subnet(house, "us-east-1c")


def test_an_interface_without_a_subnet_gets_the_default_one(house: House) -> None:
    nic = {"DeviceIndex": 0, "AssociatePublicIpAddress": False}
    found = _described(house, instance(house, NetworkInterfaces=[nic]))
    assert found["SubnetId"] == default_subnet(house)
    assert "PublicIpAddress" not in found


@repaired("ec2.launch-count", aws=3, moto=1)
def as_many_as_fit(house: House) -> Any:
    answer = client(house, "ec2").run_instances(
        ImageId=image(house), InstanceType="t3.micro", MinCount=1, MaxCount=3
    )
    return len(answer["Instances"])


def test_a_launch_is_as_large_as_the_subnet_has_room_for(house: House) -> None:
    place = subnet(house, block="10.0.1.0/28")
    launch = {"ImageId": image(house), "InstanceType": "t3.micro", "SubnetId": place}
    answer = client(house, "ec2").run_instances(**launch, MinCount=2, MaxCount=20)
    assert len(answer["Instances"]) == 11
    assert [each.rule for each in house.last.explanations] == ["ec2.launch-count"]


@refused("ec2.launch-one", "InvalidParameterValue", "Maximum instance count must be greater than zero")
def none_at_all(house: House) -> Attempt:
    wanted = image(house)
    return lambda: client(house, "ec2").run_instances(
        ImageId=wanted, InstanceType="t3.micro", MinCount=1, MaxCount=0
    )


@refused("ec2.launch-type", "InvalidParameterValue", "Invalid value 't3.microx' for InstanceType.")
def a_type_that_there_is_not(house: House) -> Attempt:
    return lambda: instance(house, InstanceType="t3.microx")


@refused(
    "ec2.launch-placement", "InvalidParameterValue", "The architecture 'arm64' of the specified instance type"
)
def arm_type_from_an_x86_image(house: House) -> Attempt:
    wanted = image(house)
    return lambda: instance(house, ImageId=wanted, InstanceType="t4g.micro")


@refused("ec2.launch-placement", "InvalidParameterValue", "is in the availability zone us-east-1a")
def zone_that_is_not_the_subnets(house: House) -> Attempt:
    place = subnet(house)
    return lambda: instance(house, SubnetId=place, Placement={"AvailabilityZone": "us-east-1b"})


@repaired("ec2.image-of-region", aws=False, moto=True)
def image_of_another_region(house: House) -> Any:
    wanted, there = image(house), client(house, "ec2", region="eu-west-1")
    launch = {"InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    if code(there.run_instances, ImageId=wanted, **launch) == "InvalidAMIID.NotFound":
        own = there.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
        assert there.run_instances(ImageId=own["ImageId"], **launch)["Instances"]
        return False
    return True


# -- volumes -----------------------------------------------------------------------------------------------


def _volumes(house: House, instance_id: str) -> dict[str, Any]:
    mappings = _described(house, instance_id)["BlockDeviceMappings"]
    by_id = {each["VolumeId"]: each for each in client(house, "ec2").describe_volumes()["Volumes"]}
    return {
        each["DeviceName"]: {
            **by_id[each["Ebs"]["VolumeId"]],
            "Stays": not each["Ebs"]["DeleteOnTermination"],
        }
        for each in mappings
    }


@repaired("ec2.root-volume", aws=("/dev/xvda", "gp3", 8, False), moto=("/dev/sda1", "gp2", 8, False))
def root_volume(house: House) -> Any:
    (device, volume), *others = _volumes(house, instance(house)).items()
    assert not others
    return device, volume["VolumeType"], volume["Size"], volume["Stays"]


@repaired("ec2.root-volume", aws=["/dev/sdf", "/dev/xvda"], moto=["/dev/sdf"])
def root_beside_another_volume(house: House) -> Any:
    mapping = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3"}}]
    return sorted(_volumes(house, instance(house, BlockDeviceMappings=mapping)))


def test_what_is_said_about_the_root_volume_holds(house: House) -> None:
    mapping = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "DeleteOnTermination": False}}]
    root = _volumes(house, instance(house, BlockDeviceMappings=mapping))["/dev/xvda"]
    assert (root["Size"], root["VolumeType"], root["Stays"]) == (30, "gp3", True)
    mapping = [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp2"}}]
    root = _volumes(house, instance(house, BlockDeviceMappings=mapping))["/dev/xvda"]
    assert (root["Size"], root["VolumeType"], root["Stays"]) == (20, "gp2", False)


@repaired("ec2.launch-volume-speed", aws=(6000, 250), moto=(3000, None))
def speed_of_a_volume(house: House) -> Any:
    fast = {"VolumeSize": 100, "VolumeType": "gp3", "Iops": 6000, "Throughput": 250}
    mapping = [{"DeviceName": "/dev/sdf", "Ebs": fast}]
    with strict.without("ec2.volume-defaults"):
        volume = _volumes(house, instance(house, BlockDeviceMappings=mapping))["/dev/sdf"]
    return volume["Iops"], volume.get("Throughput")


@repaired("ec2.image-root-volume", aws=[(8, True, "gp3")], moto=[(15, False, "standard")])
def root_of_an_image(house: House) -> Any:
    found = client(house, "ec2").describe_images(ImageIds=[image(house)])["Images"][0]
    volumes = [each["Ebs"] for each in found["BlockDeviceMappings"]]
    return [(each["VolumeSize"], each["DeleteOnTermination"], each["VolumeType"]) for each in volumes]


@repaired("ec2.launch-protected", aws=True, moto=False)
def launch_with_protection(house: House) -> Any:
    made = instance(house, DisableApiTermination=True)
    asked = {"InstanceId": made, "Attribute": "disableApiTermination"}
    return client(house, "ec2").describe_instance_attribute(**asked)["DisableApiTermination"]["Value"]


# -- quotas ------------------------------------------------------------------------------------------------


@refused("ec2.quota-vcpus", "VcpuLimitExceeded", f"your current vCPU limit of {VCPUS} allows")
def more_vcpus_than_granted(house: House) -> Attempt:
    instance(house, InstanceType="m5.2xlarge", MinCount=7, MaxCount=7)
    return lambda: instance(house, InstanceType="c5.4xlarge")


@refused("ec2.quota-vcpus", "MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
def more_spot_than_granted(house: House) -> Attempt:
    spot = {"InstanceMarketOptions": {"MarketType": "spot"}}
    instance(house, InstanceType="m5.16xlarge", **spot)
    return lambda: instance(house, **spot)


def test_spot_and_other_families_have_quotas_of_their_own(house: House) -> None:
    instance(house, InstanceType="m5.16xlarge")
    instance(house, InstanceType="m5.16xlarge", InstanceMarketOptions={"MarketType": "spot"})
    instance(house, InstanceType="p3.2xlarge")


@refused("ec2.quota-vcpus-at-start", "VcpuLimitExceeded", "vCPU limit")
def start_beyond_the_quota(house: House) -> Attempt:
    ec2 = client(house, "ec2")
    stopped = instance(house, InstanceType="m5.4xlarge")
    ec2.stop_instances(InstanceIds=[stopped])
    instance(house, InstanceType="m5.16xlarge")
    return lambda: ec2.start_instances(InstanceIds=[stopped])


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
