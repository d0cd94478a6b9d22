"""A job reads from S3 through a NAT gateway: give it a road that costs nothing, and take the other away."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labs.course import CounterExample, Criterion, Variant, WorldExercise
from labs.course.marks import failed, passed, skipped
from labs.units.billing.bills import BILL, estimate_of, lines_of, stdin_of
from labs.units.billing.scenery import allocate

if TYPE_CHECKING:
    from labs.sandbox import World

REGION = "us-east-1"
SERVICE = f"com.amazonaws.{REGION}.s3"
MAY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "ec2:Describe*",
                "ec2:CreateVpcEndpoint",
                "ec2:ModifyVpcEndpoint",
                "ec2:DeleteVpcEndpoints",
                "ec2:DeleteNatGateway",
                "ec2:ReleaseAddress",
                "ec2:DisassociateAddress",
                "ec2:CreateRoute",
                "ec2:DeleteRoute",
            ],
            "Resource": "*",
        }
    ],
}
ROAD = "the private subnet has a road to S3 that bills neither hours nor GB"
GATEWAY = "the NAT gateway is gone"
ADDRESS = "its address bills no longer"


class FreeRoadToS3(WorldExercise):
    title = "A free road to S3"
    minutes = 15
    points = 7

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        gb = rng.randrange(500, 6000, 100)
        return {
            "gb": f"{gb:,}",
            "name": rng.choice(("trainer", "indexer", "packer", "renderer")),
            "third": rng.randrange(96, 128) * 2,
            "lines": lines_of(_before(gb)),
        }

    def prepare(self, world: World, variant: Variant) -> None:
        v = variant.values
        ec2, iam = world.client("ec2"), world.client("iam")
        public = ec2.describe_subnets()["Subnets"][0]
        vpc, tags = public["VpcId"], [{"Key": "Name", "Value": v["name"]}]
        private = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=f"172.31.{v['third']}.0/24",
            AvailabilityZone=public["AvailabilityZone"],
            TagSpecifications=[{"ResourceType": "subnet", "Tags": tags}],
        )["Subnet"]["SubnetId"]
        table = ec2.create_route_table(
            VpcId=vpc, TagSpecifications=[{"ResourceType": "route-table", "Tags": tags}]
        )["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(SubnetId=private, RouteTableId=table)
        made = ec2.create_nat_gateway(SubnetId=public["SubnetId"], AllocationId=allocate(ec2))
        gateway = made["NatGateway"]["NatGatewayId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
        iam.create_user(UserName="learner")
        iam.put_user_policy(UserName="learner", PolicyName="network", PolicyDocument=json.dumps(MAY))

    def mark(self, world: World, variant: Variant) -> tuple[Criterion, ...]:
        ec2 = world.client("ec2")
        gateways = [
            each["NatGatewayId"]
            for each in ec2.describe_nat_gateways()["NatGateways"]
            if each["State"] not in ("deleting", "deleted")
        ]
        road = _mark_road(ec2, variant.values["name"], bool(gateways))
        if road.state != "pass":
            # A gateway that is taken away before there is another road has cut the job off.
            later = "It counts once there is another road to S3."
            return road, skipped(GATEWAY, 2, later), skipped(ADDRESS, 2, later)
        return road, _mark_gateway(gateways), _mark_address(ec2, gateways)


def _before(gb: int) -> Mapping[str, Any]:
    return estimate_of({"meter": "nat.gateway", "gb": gb}, {"meter": "ipv4", "used_by": "other"})


def _mark_road(ec2: Any, name: str, through_gateway: bool) -> Criterion:
    """A gateway endpoint for S3 stands in the table of the private subnet."""
    named = [{"Name": "tag:Name", "Values": [name]}]
    table = ec2.describe_route_tables(Filters=named)["RouteTables"][0]["RouteTableId"]
    endpoints = [
        each
        for each in ec2.describe_vpc_endpoints()["VpcEndpoints"]
        if each["ServiceName"] == SERVICE and each["State"].lower() not in ("deleting", "deleted")
    ]
    # Gateway is what a call that names no type makes, and then the sandbox's answer names none either.
    free = [each for each in endpoints if each.get("VpcEndpointType", "Gateway") == "Gateway"]
    if any(table in each.get("RouteTableIds", ()) for each in free):
        return passed(ROAD, 3)
    if free:
        return failed(ROAD, 3, f"There is an endpoint, and {table}, which {name} uses, does not lead to it.")
    if endpoints:
        said = "An interface endpoint bills each begun hour in each zone. A gateway endpoint bills nothing."
        example = CounterExample(
            "What it costs in a month.", None, BILL, stdin_of(estimate_of({"meter": "vpce.interface"}))
        )
        return failed(ROAD, 3, said, example=example)
    if through_gateway:
        return failed(ROAD, 3, "All that goes to S3 still passes the NAT gateway.")
    return failed(ROAD, 3, f"The gateway is gone, and {name} has no road to S3 any more.")


def _mark_gateway(gateways: list[str]) -> Criterion:
    if not gateways:
        return passed(GATEWAY, 2)
    said = f"{gateways[0]} is idle now, and each of its hours is billed."
    idle = estimate_of({"meter": "nat.gateway"})
    example = CounterExample("What it costs in a month.", None, BILL, stdin_of(idle))
    return failed(GATEWAY, 2, said, misconception="B5", example=example)


def _mark_address(ec2: Any, gateways: list[str]) -> Criterion:
    if gateways:
        return skipped(ADDRESS, 2, "It counts once the gateway is gone.")
    addresses = ec2.describe_addresses()["Addresses"]
    if not addresses:
        return passed(ADDRESS, 2)
    said = f"{addresses[0]['PublicIp']} was not released with the gateway, and bills while you have it."
    idle = estimate_of({"meter": "ipv4", "used_by": "nothing"})
    example = CounterExample("What it costs in a month.", None, BILL, stdin_of(idle))
    return failed(ADDRESS, 2, said, misconception="B1", example=example)
