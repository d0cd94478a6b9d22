"""What lasts is metered from the change that began it to the change that ended it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from labs.aws.billing.money import times
from labs.sandbox import cpu_credits, interruption, lifecycle
from labs.sandbox.deeds import Deeds
from labs.sandbox.entries import Deed
from labs.sandbox.metering.spending import spending
from tests.labs.sandbox.houses import ACCOUNT, House
from tests.labs.sandbox.metering.clocks import DAY, HOUR, START, at, bill_at

MONTH_SECONDS = 31 * 86_400


@pytest.fixture(autouse=True)
def _clock(house: House) -> Iterator[None]:
    house.state.agenda.hurried = True  # instances are at once where they are going, so that times are round
    with at(house, START):
        yield


def usage(house: House, moment: datetime) -> dict[tuple[str, str], Decimal]:
    """How much of each usage type by each resource."""
    return {(line.usage_type, line.resource): line.quantity for line in bill_at(house, moment).lines}


def launch(house: House, **more: Any) -> str:
    ec2 = house.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    wanted = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **more}
    return str(ec2.run_instances(**wanted)["Instances"][0]["InstanceId"])


def seconds(quantity: Decimal) -> Decimal:
    """The seconds of an amount of hours."""
    return times(quantity, 3600).quantize(Decimal("0.000001"))


def gib_seconds(quantity: Decimal) -> Decimal:
    return times(quantity, MONTH_SECONDS).quantize(Decimal("0.000001"))


def test_a_volume_costs_its_size_from_creation_to_deletion_whatever_it_becomes(house: House) -> None:
    ec2 = house.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=100, VolumeType="gp3")["VolumeId"]
    with at(house, START + HOUR):
        ec2.modify_volume(VolumeId=volume, Size=200)
    with at(house, START + 2 * HOUR):
        ec2.delete_volume(VolumeId=volume)

    [amount] = usage(house, START + DAY).values()

    assert gib_seconds(amount) == 100 * 3600 + 200 * 3600


def test_provisioned_speed_of_a_volume_costs_beside_its_size(house: House) -> None:
    ec2 = house.client("ec2")
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=100, VolumeType="gp3", Iops=4000, Throughput=225)

    found = {name: amount for (name, _), amount in usage(house, START + DAY).items()}

    assert gib_seconds(found["EBS:VolumeP-IOPS.gp3"]) == 1000 * 86_400
    assert gib_seconds(found["EBS:VolumeP-Throughput.gp3"]) == 100 * 86_400


def test_the_first_snapshot_of_a_volume_holds_its_blocks_until_the_next_one_has_to(house: House) -> None:
    ec2 = house.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=10, VolumeType="gp3")["VolumeId"]
    first = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    with at(house, START + HOUR):
        second = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    with at(house, START + 2 * HOUR):
        ec2.delete_snapshot(SnapshotId=first)
    with at(house, START + 3 * HOUR):
        ec2.delete_snapshot(SnapshotId=second)

    found = usage(house, START + DAY)

    assert gib_seconds(found["EBS:SnapshotUsage", first]) == 10 * 7200
    assert gib_seconds(found["EBS:SnapshotUsage", second]) == 10 * 3600


def test_an_address_costs_whether_it_is_idle_or_in_use(house: House) -> None:
    ec2 = house.client("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    instance = launch(house)
    with at(house, START + HOUR):
        ec2.associate_address(AllocationId=address, InstanceId=instance)
    with at(house, START + 2 * HOUR):
        ec2.stop_instances(InstanceIds=[instance])
    with at(house, START + 3 * HOUR):
        ec2.disassociate_address(AssociationId=_association(ec2))
        ec2.release_address(AllocationId=address)

    found = usage(house, START + DAY)

    assert seconds(found["PublicIPv4:IdleAddress", address]) == 7200  # before, and with a stopped instance
    assert seconds(found["PublicIPv4:InUseAddress", address]) == 3600
    assert seconds(found["PublicIPv4:InUseAddress", instance]) == 3600  # until the Elastic one took its place


def _association(ec2: Any) -> str:
    return str(ec2.describe_addresses()["Addresses"][0]["AssociationId"])


def test_a_nat_gateway_costs_each_hour_that_it_began_and_its_address(house: House) -> None:
    ec2 = house.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    with at(house, START + timedelta(minutes=90)):
        ec2.delete_nat_gateway(NatGatewayId=gateway)

    found = usage(house, START + timedelta(minutes=90))

    assert found["NatGateway-Hours", gateway] == 2
    assert seconds(found["PublicIPv4:InUseAddress", address]) == 5400


def test_an_interface_endpoint_costs_in_each_zone_and_a_gateway_endpoint_nothing(house: House) -> None:
    ec2 = house.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.sqs", VpcEndpointType="Interface", SubnetIds=subnets
    )["VpcEndpoint"]["VpcEndpointId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", VpcEndpointType="Gateway")

    assert usage(house, START + 3 * HOUR) == {("VpcEndpoint-Hours", made): 6}


def test_a_spot_instance_that_ec2_takes_back_in_its_first_hour_costs_nothing(house: House) -> None:
    lifecycle.watch(house.state)
    lifecycle.take_time()
    deeds = Deeds(house.state)
    interruption.enable(house.state, deeds)
    spot = {"InstanceMarketOptions": {"MarketType": "spot"}}
    taken, kept = launch(house, **spot), launch(house, **spot)
    with at(house, START + timedelta(minutes=20)):
        deeds.do(Deed("interrupt", {"instance": taken, "seconds": 0.0}))
    with at(house, START + timedelta(minutes=40)):
        house.client("ec2").terminate_instances(InstanceIds=[kept])

    cost = {
        line.resource: line.cost
        for line in bill_at(house, START + DAY).lines
        if line.usage_type.startswith("SpotUsage")
    }

    assert cost[taken] == 0
    assert cost[kept] > 0


def test_surplus_cpu_credits_are_charged_when_the_instance_ends(house: House) -> None:
    """The golden bill of the lesson: t3.micro, 24 h at 100 %, then terminated: 43.2 vCPU-hours."""
    deeds = Deeds(house.state)
    cpu_credits.enable(house.state, deeds)
    instance = launch(house)
    deeds.do(Deed("cpu", {"instance": instance, "utilisation": "1"}))
    with at(house, START + DAY):
        house.client("ec2").terminate_instances(InstanceIds=[instance])

    found = {line.usage_type: line for line in bill_at(house, START + 2 * DAY).lines}

    assert found["CPUCredits:t3"].quantity == Decimal("43.2")
    assert found["CPUCredits:t3"].cost == Decimal("2.16")
    before = {line.usage_type: line.quantity for line in bill_at(house, START + HOUR).lines}
    assert before.get("CPUCredits:t3", 0) == 0


def test_a_database_costs_by_the_second_and_its_storage_also_while_it_is_stopped(house: House) -> None:
    rds = house.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="root1",
        MasterUserPassword="not-a-secret",
    )
    found = usage(house, START + DAY)

    assert found["InstanceUsage:db.t3.micro", "db"] == 24
    assert gib_seconds(found["RDS:GP2-Storage", "db"]) == 20 * 86_400
    with at(house, START + DAY):
        rds.stop_db_instance(DBInstanceIdentifier="db")
    found = usage(house, START + 2 * DAY)
    assert found["InstanceUsage:db.t3.micro", "db"] == 24
    assert gib_seconds(found["RDS:GP2-Storage", "db"]) == 20 * 86_400 * 2


def test_a_load_balancer_costs_its_hours_and_an_address_in_each_zone(house: House) -> None:
    subnets = [each["SubnetId"] for each in house.client("ec2").describe_subnets()["Subnets"][:2]]
    house.client("elbv2").create_load_balancer(Name="web", Subnets=subnets)

    found: dict[str, Decimal] = {}
    for (name, _), amount in usage(house, START + 2 * HOUR).items():
        found[name] = found.get(name, Decimal(0)) + amount

    assert found == {"LoadBalancerUsage": 2, "PublicIPv4:InUseAddress": 4}


def test_the_tags_and_the_zone_of_a_resource_are_on_its_lines(house: House) -> None:
    ec2 = house.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1b", Size=10, VolumeType="gp3")["VolumeId"]
    ec2.create_tags(Resources=[volume], Tags=[{"Key": "team", "Value": "red"}])
    s3 = house.client("s3")
    s3.create_bucket(Bucket="things")
    s3.put_bucket_tagging(Bucket="things", Tagging={"TagSet": [{"Key": "team", "Value": "blue"}]})

    lines = {line.resource: line.where for line in bill_at(house, START + DAY).lines}

    assert (lines[volume].tags, lines[volume].zone) == ((("team", "red"),), "us-east-1b")
    assert lines["things"].tags == (("team", "blue"),)


def test_what_the_price_book_has_no_price_for_is_named_and_not_billed(house: House) -> None:
    ec2 = house.client("ec2", region="eu-north-1")
    ec2.create_volume(AvailabilityZone="eu-north-1a", Size=10, VolumeType="gp3")
    house.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=10, VolumeType="gp3")

    spent = spending(house.state.metering, ACCOUNT, START + DAY)

    assert spent.unpriced == ("EUN1-EBS:VolumeUsage.gp3 in eu-north-1",)
    assert [line.usage_type for line in spent.bill.lines] == ["EBS:VolumeUsage.gp3"]


def test_if_all_stays_as_it_is_the_month_ends_at_what_it_costs_then(house: House) -> None:
    house.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=10, VolumeType="gp3")

    spent = spending(house.state.metering, ACCOUNT, START + DAY)

    february = datetime(2026, 2, 1, tzinfo=START.tzinfo)
    assert spent.month_end == bill_at(house, february).total > spent.bill.total
