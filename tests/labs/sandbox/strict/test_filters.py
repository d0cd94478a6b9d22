"""Security groups and network ACLs."""

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
from tests.labs.sandbox.strict.networks import instance, subnet, vpc

TABLE = Table()
refused, repaired = TABLE.refused, TABLE.repaired


def _group(house: House, home: str | None = None, name: str = "web") -> str:
    where = {"VpcId": home} if home else {}
    made = client(house, "ec2").create_security_group(GroupName=name, Description=name, **where)
    return str(made["GroupId"])


def _rule(**fields: Any) -> list[dict[str, Any]]:
    return [{"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], **fields}]


@refused("ec2.group-name", "InvalidParameterValue", "Group names may not be in the format sg-*")
def group_named_like_an_id(house: House) -> Attempt:
    return lambda: client(house, "ec2").create_security_group(GroupName="sg-web", Description="web")


@refused("ec2.group-ports", "InvalidParameterValue", "Invalid TCP/UDP port range (443:80)")
def ports_backwards(house: House) -> Attempt:
    group = _group(house)
    rule = _rule(FromPort=443, ToPort=80)
    return lambda: client(house, "ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=rule)


@refused("ec2.group-ports", "InvalidParameterValue", "TCP/UDP (from) port (70000) out of range")
def port_too_high(house: House) -> Attempt:
    group = _group(house)
    rule = _rule(FromPort=70000, ToPort=70000)
    return lambda: client(house, "ec2").authorize_security_group_egress(GroupId=group, IpPermissions=rule)


@refused("ec2.group-ports", "InvalidParameterValue", "Must specify both from and to ports", moto="crashes")
def port_missing(house: House) -> Attempt:
    group = _group(house)
    rule = _rule(ToPort=80)
    return lambda: client(house, "ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=rule)


@refused("ec2.group-ports", "InvalidParameterValue", "Invalid TCP/UDP port range (443:80)")
def ports_backwards_in_the_short_form(house: House) -> Attempt:
    group = _group(house)
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 80, "CidrIp": "0.0.0.0/0"}
    return lambda: client(house, "ec2").authorize_security_group_ingress(GroupId=group, **rule)


def test_ping_has_types_in_the_place_of_ports(house: House) -> None:
    rule = _rule(IpProtocol="icmp", FromPort=8, ToPort=-1)
    client(house, "ec2").authorize_security_group_ingress(GroupId=_group(house), IpPermissions=rule)


@refused("ec2.group-reference", "InvalidGroup.NotFound", "two resources that belong to different networks")
def group_of_an_unpeered_vpc(house: House) -> Attempt:
    group, other = _group(house), _group(house, vpc(house))
    rule = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": other}]}]
    return lambda: client(house, "ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=rule)


def test_a_group_of_a_peered_vpc_can_be_referred_to(house: House) -> None:
    ec2, home, far = client(house, "ec2"), vpc(house), vpc(house, "10.1.0.0/16")
    made = ec2.create_vpc_peering_connection(VpcId=home, PeerVpcId=far)["VpcPeeringConnection"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=made["VpcPeeringConnectionId"])
    group, other = _group(house, home), _group(house, far, "far")
    rule = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": other}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rule)


@refused("ec2.default-group-stays", "CannotDelete", 'name: "default" cannot be deleted by a user')
def delete_the_default_group(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    found = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [home]}])["SecurityGroups"]
    return lambda: ec2.delete_security_group(GroupId=found[0]["GroupId"])


@refused("ec2.group-in-use", "DependencyViolation", "has a dependent object")
def delete_a_group_of_an_instance(house: House) -> Attempt:
    group = _group(house)
    instance(house, SecurityGroupIds=[group])
    return lambda: client(house, "ec2").delete_security_group(GroupId=group)


@refused("ec2.group-in-use", "DependencyViolation", "has a dependent object")
def delete_a_group_of_a_rule(house: House) -> Attempt:
    ec2, group, other = client(house, "ec2"), _group(house), _group(house, name="db")
    rule = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group}]}]
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=rule)
    return lambda: ec2.delete_security_group(GroupName="web")


def test_a_group_goes_after_its_instances(house: House) -> None:
    ec2, group = client(house, "ec2"), _group(house)
    ec2.terminate_instances(InstanceIds=[instance(house, SecurityGroupIds=[group])])
    ec2.delete_security_group(GroupId=group)


# -- network ACLs ------------------------------------------------------------------------------------------


def _acl(house: House) -> str:
    made = client(house, "ec2").create_network_acl(VpcId=vpc(house))["NetworkAcl"]
    return str(made["NetworkAclId"])


def _entry(acl: str, number: int) -> dict[str, Any]:
    return {
        "NetworkAclId": acl,
        "RuleNumber": number,
        "Protocol": "-1",
        "RuleAction": "allow",
        "Egress": False,
        "CidrBlock": "0.0.0.0/0",
    }


@refused("ec2.acl-entry-number", "InvalidParameterValue", "Value (40000) for parameter ruleNumber is invalid")
def entry_behind_the_last(house: House) -> Attempt:
    entry = _entry(_acl(house), 40000)
    return lambda: client(house, "ec2").create_network_acl_entry(**entry)


@refused("ec2.acl-entry-number", "InvalidParameterValue", "Value (32767) for parameter ruleNumber is invalid")
def delete_the_last_entry(house: House) -> Attempt:
    acl = _acl(house)
    last = {"NetworkAclId": acl, "RuleNumber": 32767, "Egress": False}
    return lambda: client(house, "ec2").delete_network_acl_entry(**last)


@refused("ec2.acl-entry-exists", "InvalidNetworkAclEntry.NotFound", "does not exist", moto="crashes")
def delete_no_entry(house: House) -> Attempt:
    acl = _acl(house)
    none = {"NetworkAclId": acl, "RuleNumber": 100, "Egress": True}
    return lambda: client(house, "ec2").delete_network_acl_entry(**none)


@refused("ec2.default-acl-stays", "InvalidParameterValue", "cannot delete default network ACL")
def delete_the_default_acl(house: House) -> Attempt:
    ec2, home = client(house, "ec2"), vpc(house)
    found = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [home]}])["NetworkAcls"][0]
    return lambda: ec2.delete_network_acl(NetworkAclId=found["NetworkAclId"])


@repaired("ec2.acl-star", aws=[(32767, "deny", False), (32767, "deny", True)], moto=[])
def entries_of_a_new_acl(house: House) -> Any:
    acl = _acl(house)
    found = client(house, "ec2").describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"][0]["Entries"]
    return sorted((each["RuleNumber"], each["RuleAction"], each["Egress"]) for each in found)


def test_a_subnet_can_be_given_another_acl(house: House) -> None:
    ec2, home = client(house, "ec2"), vpc(house)
    subnet(house, home)
    held = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [home]}])["NetworkAcls"][0]
    acl = ec2.create_network_acl(VpcId=home)["NetworkAcl"]["NetworkAclId"]
    association = held["Associations"][0]["NetworkAclAssociationId"]
    ec2.replace_network_acl_association(AssociationId=association, NetworkAclId=acl)
    ec2.create_network_acl_entry(**_entry(acl, 32766))


@pytest.mark.parametrize("case", TABLE.refusals, ids=lambda case: case.name)
def test_aws_refuses_what_moto_accepts(house: House, case: Refusal) -> None:
    try_refusal(house, case)


@pytest.mark.parametrize("on", [True, False], ids=["aws", "moto"])
@pytest.mark.parametrize("case", TABLE.repairs, ids=lambda case: case.name)
def test_the_world_is_as_aws_has_it(house: House, case: Repair, on: bool) -> None:
    try_repair(house, case, on)
