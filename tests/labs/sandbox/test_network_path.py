"""Requests from instances: through a VPC endpoint with its policy, through a NAT gateway, or from outside.

Source: AWS PrivateLink Guide, "Gateway endpoints", "Control access to VPC endpoints using endpoint
policies"; Amazon S3 User Guide, "Controlling access from VPC endpoints with bucket policies"; IAM User Guide,
"AWS global condition context keys", Properties of the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from labs.sandbox.network_path import way_of
from labs.sandbox.wire import Call
from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement

S3 = "com.amazonaws.us-east-1.s3"
EVERYTHING = statement("*", "*")


@dataclass
class Site:
    """A VPC with a private subnet, and in it an instance with the role `app`, which may do everything."""

    house: House
    vpc: str
    subnet: str
    table: str
    instance: str

    @property
    def ec2(self) -> Any:
        return self.house.client("ec2")

    def client(self, service: str, **options: Any) -> Any:
        """A client with the keys that the instance's metadata service gives out."""
        keys = self.house.keys("role/app")
        self.house.state.on_instance[keys[0]] = self.instance
        return self.house.wires.client(service, *keys, **options)

    def gateway(self, document: str | None = None) -> str:
        given = {"PolicyDocument": document} if document else {}
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc, VpcEndpointType="Gateway", ServiceName=S3, RouteTableIds=[self.table], **given
        )
        return str(made["VpcEndpoint"]["VpcEndpointId"])

    def seen(self, service: str = "s3") -> dict[str, str]:
        call = Call(service, "ListBuckets", {}, "us-east-1", "rest-xml")
        return way_of(call, ACCOUNT, self.instance, "127.0.0.1").keys


@pytest.fixture
def site(house: House) -> Site:
    ec2 = house.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    launched = ec2.run_instances(
        ImageId=image,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
    )
    house.role("app", {"Service": "ec2.amazonaws.com"}, EVERYTHING)
    house.client("s3").create_bucket(Bucket="basket")
    return Site(house, vpc, subnet, table, launched["Instances"][0]["InstanceId"])


# -- endpoint policies ---------------------------------------------------------------------------------------


def test_an_endpoint_policy_limits_what_goes_through_it(site: Site) -> None:
    s3 = site.client("s3")
    assert code(s3.list_buckets) == ""
    endpoint = site.gateway(policy(statement("s3:ListBucket", "*", Principal="*")))
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/test"
    assert denied(s3.list_buckets)[2] == (
        f"User: {who} is not authorized to perform: s3:ListAllMyBuckets because no VPC endpoint policy "
        "allows the s3:ListAllMyBuckets action"
    )
    assert code(s3.list_objects_v2, Bucket="basket") == ""
    # Neither other services nor other callers come this way.
    assert code(site.client("sqs").list_queues) == ""
    assert code(site.house.client("s3").list_buckets) == ""
    site.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert code(s3.list_buckets) == ""


def test_an_endpoint_policy_may_deny(site: Site) -> None:
    deny = statement("s3:ListBucket", "*", "Deny", Principal="*")
    site.gateway(policy(statement("*", "*", Principal="*"), deny))
    _, _, message = denied(site.client("s3").list_objects_v2, Bucket="basket")
    assert message.endswith("with an explicit deny in a VPC endpoint policy")


def test_a_new_endpoint_lets_everything_through(site: Site) -> None:
    site.gateway()
    assert code(site.client("s3").list_buckets) == ""


def test_a_changed_endpoint_policy_is_obeyed_by_the_next_request(site: Site) -> None:
    endpoint = site.gateway()
    s3 = site.client("s3")
    seen = [code(s3.list_buckets)]
    for action in ("s3:ListBucket", "s3:*"):
        document = policy(statement(action, "*", Principal="*"))
        site.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=document)
        seen.append(code(s3.list_buckets))
    assert seen == ["", "AccessDenied", ""]


def test_a_gateway_that_is_in_another_route_table_is_not_on_the_way(site: Site) -> None:
    other = site.ec2.create_route_table(VpcId=site.vpc)["RouteTable"]["RouteTableId"]
    site.ec2.create_vpc_endpoint(VpcId=site.vpc, ServiceName=S3, RouteTableIds=[other])
    assert "aws:SourceVpce" not in site.seen()


def test_an_interface_endpoint_is_on_the_way_when_it_has_the_services_private_name(site: Site) -> None:
    given = {"VpcId": site.vpc, "VpcEndpointType": "Interface", "SubnetIds": [site.subnet]}
    name = "com.amazonaws.us-east-1.sqs"
    hidden = site.ec2.create_vpc_endpoint(**given, ServiceName=name, PrivateDnsEnabled=False)
    assert "aws:SourceVpce" not in site.seen("sqs")
    site.ec2.delete_vpc_endpoints(VpcEndpointIds=[hidden["VpcEndpoint"]["VpcEndpointId"]])
    made = site.ec2.create_vpc_endpoint(**given, ServiceName=name, PrivateDnsEnabled=True)
    assert site.seen("sqs")["aws:SourceVpce"] == made["VpcEndpoint"]["VpcEndpointId"]
    assert "aws:SourceVpce" not in site.seen("s3")


def test_an_endpoint_is_for_its_own_region(site: Site) -> None:
    site.gateway()
    call = Call("s3", "ListBuckets", {}, "eu-west-1", "rest-xml")
    assert "aws:SourceVpce" not in way_of(call, ACCOUNT, site.instance, "127.0.0.1").keys


# -- condition keys ------------------------------------------------------------------------------------------


def test_a_bucket_may_be_open_to_one_endpoint_only(site: Site) -> None:
    endpoint = site.gateway()
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": endpoint}}
    deny = statement("s3:ListBucket", "arn:aws:s3:::basket", "Deny", Principal="*", Condition=elsewhere)
    site.house.client("s3").put_bucket_policy(Bucket="basket", Policy=policy(deny))
    assert code(site.client("s3").list_objects_v2, Bucket="basket") == ""
    assert code(site.house.client("s3").list_objects_v2, Bucket="basket") == "AccessDenied"


def test_through_an_endpoint_an_instance_has_its_private_address_only(site: Site) -> None:
    endpoint = site.gateway()
    instance = site.ec2.describe_instances(InstanceIds=[site.instance])["Reservations"][0]["Instances"][0]
    private = instance["PrivateIpAddress"]
    assert site.seen() == {
        "aws:SourceVpce": endpoint,
        "aws:SourceVpc": site.vpc,
        "aws:SourceVpcArn": f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/{site.vpc}",
        "aws:VpcSourceIp": private,
        "aws:VpceAccount": ACCOUNT,
        "aws:Ec2InstanceSourceVpc": site.vpc,
        "aws:Ec2InstanceSourcePrivateIPv4": private,
        "ec2:SourceInstanceARN": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{site.instance}",
    }


def test_without_an_endpoint_it_has_a_public_one(site: Site) -> None:
    assert site.seen()["aws:SourceIp"] == "127.0.0.1"
    outside = site.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    site.ec2.attach_internet_gateway(InternetGatewayId=outside, VpcId=site.vpc)
    nat = site.ec2.allocate_address(Domain="vpc")
    gateway = site.ec2.create_nat_gateway(SubnetId=site.subnet, AllocationId=nat["AllocationId"])
    site.ec2.create_route(
        RouteTableId=site.table,
        DestinationCidrBlock="0.0.0.0/0",
        NatGatewayId=gateway["NatGateway"]["NatGatewayId"],
    )
    assert site.seen()["aws:SourceIp"] == nat["PublicIp"]
    own = site.ec2.allocate_address(Domain="vpc")
    site.ec2.associate_address(AllocationId=own["AllocationId"], InstanceId=site.instance)
    assert site.seen()["aws:SourceIp"] == own["PublicIp"]


def test_a_role_may_be_kept_to_its_instance(site: Site) -> None:
    iam = site.house.client("iam")
    stolen = {"StringNotEquals": {"aws:Ec2InstanceSourceVpc": "${aws:SourceVpc}"}}
    deny = statement("*", "*", "Deny", Condition=stolen)
    iam.put_role_policy(RoleName="app", PolicyName="kept", PolicyDocument=policy(deny))
    # Outside of its VPC's endpoints the request has no source VPC to compare with.
    assert code(site.client("s3").list_buckets) == "AccessDenied"
    site.gateway()
    assert code(site.client("s3").list_buckets) == ""


def test_a_request_from_outside_has_its_address(house: House) -> None:
    call = Call("s3", "ListBuckets", {}, "us-east-1", "rest-xml")
    for instance in (None, "i-00000000000000000"):
        way = way_of(call, ACCOUNT, instance, "203.0.113.9")
        assert (way.keys, way.endpoint_policy) == ({"aws:SourceIp": "203.0.113.9"}, None)
