"""The repair of a packet's path is made in the sandbox itself, and then the packet arrives."""

from __future__ import annotations

import pytest

from labs.aws.network.paths import Call, Repair, Verdict, question_from_json, trace
from labs.errors import InputError
from labs.sandbox import World
from labs.sandbox.described import network_of
from labs.sandbox.repairing import carry_out


def test_after_its_repairs_a_blocked_packet_arrives(world: World) -> None:
    ec2 = world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    launched = ec2.run_instances(
        ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet
    )
    web = launched["Instances"][0]["InstanceId"]
    world.advance(minutes=2)
    question = question_from_json({"from": "internet", "to": web, "protocol": "tcp", "port": "443"})

    before = trace(network_of(world), question)
    made = carry_out([each.repair for each in before.blockers if each.repair is not None], world)
    after = trace(network_of(world), question)

    assert before.verdict is Verdict.BLOCKED
    assert made >= len(before.blockers)
    assert after.verdict is Verdict.REACHABLE, after.blockers


def test_a_call_that_aws_refuses_is_an_error_that_says_so(world: World) -> None:
    repair = Repair("Delete what is not there.", (Call("delete_vpc", {"VpcId": "vpc-0123456789abcdef0"}),))

    with pytest.raises(InputError, match="InvalidVpcID"):
        carry_out([repair], world)
