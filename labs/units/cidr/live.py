"""What the live exercises of this unit share: parts of a network by name, and a learner who may change it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from labs.course import CounterExample
from labs.errors import SubmissionError
from labs.units.cidr.networks import OUTCOMES, outcome_in, question

if TYPE_CHECKING:
    from labs.aws.network.paths import Network
    from labs.sandbox import World

__all__ = ["Built", "Found", "allow_ec2", "called"]

EC2_ONLY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}],
}


def allow_ec2(world: World, user: str) -> None:
    """Make a user who may do everything in EC2 and nothing else."""
    iam = world.client("iam")
    iam.create_user(UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="ec2", PolicyDocument=json.dumps(EC2_ONLY))


def called(item: Mapping[str, Any]) -> str:
    """The value of the Name tag; empty without one."""
    return next((each["Value"] for each in item.get("Tags", ()) if each["Key"] == "Name"), "")


class Built:
    """A network while it is set up. Every part gets its name in the call that makes it."""

    def __init__(self, world: World, block: str, name: str) -> None:
        self.ec2 = world.client("ec2")
        self.vpc: str = self.ec2.create_vpc(CidrBlock=block, **_tagged("vpc", name))["Vpc"]["VpcId"]

    def subnet(self, name: str, block: str, zone: str) -> str:
        """A subnet."""
        made = self.ec2.create_subnet(
            VpcId=self.vpc, CidrBlock=block, AvailabilityZone=zone, **_tagged("subnet", name)
        )
        return str(made["Subnet"]["SubnetId"])

    def gateway(self, name: str) -> str:
        """An internet gateway, attached."""
        made = self.ec2.create_internet_gateway(**_tagged("internet-gateway", name))["InternetGateway"]
        self.ec2.attach_internet_gateway(InternetGatewayId=made["InternetGatewayId"], VpcId=self.vpc)
        return str(made["InternetGatewayId"])

    def table(self, name: str, *subnets: str, **default: str) -> str:
        """A route table of some subnets, with its 0.0.0.0/0 to what is given as for `create_route`."""
        made = self.ec2.create_route_table(VpcId=self.vpc, **_tagged("route-table", name))["RouteTable"]
        for each in subnets:
            self.ec2.associate_route_table(RouteTableId=made["RouteTableId"], SubnetId=each)
        self.ec2.create_route(RouteTableId=made["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", **default)
        return str(made["RouteTableId"])

    def nat(self, name: str, subnet: str) -> str:
        """A NAT gateway in a subnet, with an Elastic IP address."""
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        made = self.ec2.create_nat_gateway(
            SubnetId=subnet, AllocationId=address, **_tagged("natgateway", name)
        )
        return str(made["NatGateway"]["NatGatewayId"])

    def group(self, name: str, *rules: tuple[int, str]) -> str:
        """A security group that lets in TCP by its rules: a port, and a block or the id of a group."""
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        listed = [
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **_peer(who)} for port, who in rules
        ]
        if listed:
            self.ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=listed)
        return str(made)

    def acl(self, name: str, subnet: str, entries: Iterable[Mapping[str, Any]]) -> str:
        """A network ACL of a subnet; entries as for `create_network_acl_entry`."""
        made = self.ec2.create_network_acl(VpcId=self.vpc, **_tagged("network-acl", name))["NetworkAcl"]
        for entry in entries:
            self.ec2.create_network_acl_entry(NetworkAclId=made["NetworkAclId"], **entry)
        wanted = [{"Name": "association.subnet-id", "Values": [subnet]}]
        (before,) = self.ec2.describe_network_acls(Filters=wanted)["NetworkAcls"]
        association = next(
            each["NetworkAclAssociationId"] for each in before["Associations"] if each["SubnetId"] == subnet
        )
        self.ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=made["NetworkAclId"])
        return str(made["NetworkAclId"])

    def machines(self, *wanted: tuple[str, str, str]) -> None:
        """Instances without a public address, each with its name, its subnet and its security group."""
        image = self.ec2.describe_images(
            Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023-ami-*"]}]
        )["Images"][0]["ImageId"]
        for name, subnet, group in wanted:
            self.ec2.run_instances(
                ImageId=image,
                InstanceType="t3.micro",
                MinCount=1,
                MaxCount=1,
                SubnetId=subnet,
                SecurityGroupIds=[group],
                **_tagged("instance", name),
            )


def _tagged(kind: str, name: str) -> dict[str, Any]:
    """The argument that gives what is made a name."""
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]}


def _peer(who: str) -> dict[str, Any]:
    if who.startswith("sg-"):
        return {"UserIdGroupPairs": [{"GroupId": who}]}
    return {"IpRanges": [{"CidrIp": who}]}


class Found:
    """A VPC as it is now, with what it holds; `vpc` is its id.

    Raises:
        InputError: what EC2 describes of it does not fit together.
    """

    def __init__(self, world: World, vpc: str) -> None:
        from labs.aws.network.paths import network_from_json
        from labs.sandbox.described import described_vpc

        ec2 = world.client("ec2")
        self.vpc = vpc
        self.document = described_vpc(ec2, self.vpc)
        self.network: Network = network_from_json(self.document)

    @classmethod
    def by_name(cls, world: World, name: str) -> Self:
        """The VPC with a name.

        Raises:
            SubmissionError: there is none.
        """
        wanted = [{"Name": "tag:Name", "Values": [name]}]
        vpcs = world.client("ec2").describe_vpcs(Filters=wanted)["Vpcs"]
        if not vpcs:
            raise SubmissionError(
                "The VPC is gone",
                f"No VPC has the Name {name}.",
                "Reset the exercise, and leave the VPC its name.",
            )
        return cls(world, vpcs[0]["VpcId"])

    @property
    def subnets(self) -> list[dict[str, Any]]:
        """The subnets, as EC2 describes them."""
        return self.document["Subnets"]

    def subnet(self, name: str) -> str:
        """The id of a subnet by its name; empty when there is none."""
        return next((str(each["SubnetId"]) for each in self.subnets if called(each) == name), "")

    def machine(self, name: str) -> str:
        """The id of an instance by its name that has not ended; empty when there is none."""
        instances = [each for group in self.document["Reservations"] for each in group["Instances"]]
        alive = (each for each in instances if each["State"]["Name"] not in ("terminated", "shutting-down"))
        return next((str(each["InstanceId"]) for each in alive if called(each) == name), "")

    def is_public(self, subnet: str) -> bool:
        """Whether the subnet's table leads to an internet gateway that is attached."""
        from labs.aws.network.paths.routes import leads_to_internet

        return leads_to_internet(self.network, self.network.table_of(subnet, self.vpc))

    def outcome(self, source: str, destination: str, port: int) -> str:
        """What becomes of TCP to a port: one of `OUTCOMES`."""
        return outcome_in(self.network, source, destination, port)

    def arrives(self, source: str, destination: str, port: int) -> bool:
        """Whether TCP to a port arrives and is answered."""
        return self.outcome(source, destination, port) == OUTCOMES[0]

    def example(self, source: str, destination: str, port: int) -> CounterExample | None:
        """The command that follows such a packet through this network."""
        words = question(source, destination, port)
        return CounterExample.of_command(words, json.dumps(self.document, default=str))
