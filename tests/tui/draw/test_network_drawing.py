"""A VPC drawn: its subnets and what stands in them, its route tables, its security groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labs.aws.network.paths import network_from_json
from tui.draw.network import network_drawn

Draw = Callable[..., str]


def named(name: str) -> list[dict[str, str]]:
    return [{"Key": "Name", "Value": name}]


SUBNETS = ((1, "us-east-1a", "web"), (11, "us-east-1a", "db"), (2, "us-east-1b", "spare"))
DESCRIBED: dict[str, Any] = {
    "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "Tags": named("course")}],
    "InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]}],
    "Subnets": [
        {
            "SubnetId": f"subnet-{number}",
            "VpcId": "vpc-1",
            "CidrBlock": f"10.0.{number}.0/24",
            "AvailabilityZone": zone,
            "Tags": named(name),
        }
        for number, zone, name in (
            (1, "us-east-1a", "web"),
            (11, "us-east-1a", "db"),
            (2, "us-east-1b", "spare"),
        )
    ],
    "RouteTables": [
        {
            "RouteTableId": "rtb-1",
            "VpcId": "vpc-1",
            "Tags": named("public"),
            "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
                {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"},
            ],
            "Associations": [{"SubnetId": "subnet-1"}],
        },
        {
            "RouteTableId": "rtb-2",
            "VpcId": "vpc-1",
            "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
                {"DestinationCidrBlock": "192.168.0.0/16", "NatGatewayId": "nat-9", "State": "blackhole"},
            ],
            "Associations": [{"Main": True}],
        },
    ],
    "SecurityGroups": [
        {
            "GroupId": "sg-1",
            "GroupName": "web",
            "VpcId": "vpc-1",
            "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            ],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        },
        {
            "GroupId": "sg-2",
            "GroupName": "db",
            "VpcId": "vpc-1",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 5432,
                    "ToPort": 5440,
                    "UserIdGroupPairs": [{"GroupId": "sg-1"}],
                }
            ],
            "IpPermissionsEgress": [],
        },
    ],
    "Instances": [
        {
            "InstanceId": "i-0a1",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-11",
            "PrivateIpAddress": "10.0.11.5",
            "State": {"Name": "stopped"},
            "SecurityGroups": [{"GroupId": "sg-2"}],
            "Tags": named("postgres"),
        }
    ],
}
DRAWN = """\
  course   10.0.0.0/16   vpc-1
  internet gateway igw-1
  ────────────────────────────────────────────────────────────────────────────
  Subnets
  us-east-1a
     web                   10.0.1.0/24         public   by public
     db                    10.0.11.0/24        private   by main table
  ●   postgres              10.0.11.5          stopped   in db
  us-east-1b
     spare                 10.0.2.0/24         private   by main table

  Route tables
     public                for web
            10.0.0.0/16        → local, within the VPC
            0.0.0.0/0          → internet gateway igw-1
     main table            for db, spare
            10.0.0.0/16        → local, within the VPC
            192.168.0.0/16     → NAT gateway nat-9   blackhole: the target is
                               gone

  Security groups
     db                    on postgres
       in   tcp 5432-5440      from web (sg-1)
       out  nothing
     web                   on nothing
       in   tcp 443            from 0.0.0.0/0
       out  all traffic        to 0.0.0.0/0
"""


def test_subnets_route_tables_and_groups_are_drawn_and_fit_80_columns(drawn: Draw) -> None:
    assert drawn(network_drawn(network_from_json(DESCRIBED)), width=80).rstrip() == DRAWN.rstrip()


def test_without_a_vpc_that_is_said(drawn: Draw) -> None:
    assert "There is no VPC." in drawn(network_drawn(network_from_json({"Vpcs": []})))
