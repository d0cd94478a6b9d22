"""Reading describe documents: what may be absent, what must fit, and errors that say where."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.network.paths import (
    Network,
    Verdict,
    network_from_files,
    network_from_json,
    path_to_json,
    question_from_json,
    trace,
)
from labs.errors import InputError, SkylabError

Document = dict[str, Any]
Changed = Callable[[Iterable[Document]], Document]


@pytest.fixture
def base(changed: Changed) -> Document:
    return changed([])


def answer(network: Network, **asked: Any) -> str:
    question = {"from" if key == "source" else key: value for key, value in asked.items()}
    return trace(network, question_from_json(question)).verdict.value


# Absent keys


@pytest.mark.parametrize(
    "absent",
    [
        ["Vpcs"],
        ["VpcAttributes"],
        ["Subnets"],
        ["InternetGateways"],
        ["NetworkAcls"],
        ["Addresses"],
        ["VpcPeeringConnections", "VpcEndpoints", "PrefixLists", "EgressOnlyInternetGateways"],
        ["Vpcs", "Subnets", "NetworkAcls", "Addresses", "InternetGateways"],
    ],
)
def test_a_key_that_is_absent_leaves_the_sensible_reading(base: Document, absent: list[str]) -> None:
    network = network_from_json({key: value for key, value in base.items() if key not in absent})

    assert answer(network, source="internet", to="i-web", port=80) == "reachable"
    assert answer(network, source="i-web", to="i-app", port=8080) == "reachable"
    assert answer(network, source="i-db", to="1.1.1.1", port=443) == "blocked"


def test_without_route_tables_only_the_local_route_is_certain(base: Document) -> None:
    del base["RouteTables"]
    network = network_from_json(base)

    path = trace(network, question_from_json({"from": "i-web", "to": "1.1.1.1", "port": 443}))

    assert answer(network, source="i-web", to="i-app", port=8080) == "reachable"
    assert path.verdict is Verdict.BLOCKED
    assert path.blockers[0].repair is None
    assert "hold no route table" in path.blockers[0].detail


def test_without_nat_gateways_a_route_to_one_is_not_followed(base: Document) -> None:
    del base["NatGateways"]
    path = trace(network_from_json(base), question_from_json({"from": "i-app", "to": "1.1.1.1", "port": 443}))

    assert [each.code.value for each in path.blockers] == ["UNKNOWN_DESTINATION"]


def test_an_instance_that_is_described_alone_has_an_interface(base: Document) -> None:
    del base["NetworkInterfaces"]
    del base["Addresses"]
    base["Reservations"] = [
        {
            "Instances": [
                {
                    "InstanceId": "i-web",
                    "State": {"Name": "running"},
                    "SubnetId": "subnet-pub",
                    "PrivateIpAddress": "10.0.1.5",
                    "PublicIpAddress": "54.0.0.7",
                    "SecurityGroups": [{"GroupId": "sg-web", "GroupName": "web"}],
                    "Tags": [{"Key": "Name", "Value": "web"}],
                }
            ]
        }
    ]
    network = network_from_json(base)

    assert network.interfaces["i-web"].vpc == "vpc-a"
    assert network.name("i-web") == "web"
    assert answer(network, source="internet", to="i-web", port=80) == "reachable"
    assert answer(network, source="internet", to="i-web", port=22) == "blocked"


def test_interfaces_inside_instances_are_read(base: Document) -> None:
    nested = base.pop("NetworkInterfaces")
    for instance in base["Reservations"][0]["Instances"]:
        instance["NetworkInterfaces"] = [
            each for each in nested if each.get("Attachment", {}).get("InstanceId") == instance["InstanceId"]
        ]
    network = network_from_json(base)

    assert set(network.interfaces) == {"eni-web", "eni-app", "eni-db"}
    assert answer(network, source="i-web", to="i-app", port=8080) == "reachable"


def test_instances_may_stand_without_reservations(base: Document) -> None:
    base["Instances"] = base.pop("Reservations")[0]["Instances"]

    assert set(network_from_json(base).instances) == {"i-web", "i-app", "i-db"}


def test_an_endpoint_whose_interfaces_are_not_described_still_has_one(base: Document) -> None:
    base["VpcEndpoints"] = [
        {
            "VpcEndpointId": "vpce-1",
            "VpcEndpointType": "Interface",
            "VpcId": "vpc-a",
            "ServiceName": "com.amazonaws.us-east-1.sqs",
            "State": "available",
            "SubnetIds": ["subnet-priv"],
            "NetworkInterfaceIds": ["eni-endpoint"],
            "Groups": [{"GroupId": "sg-web"}],
            "PrivateDnsEnabled": True,
        }
    ]
    base["SecurityGroups"][0]["IpPermissions"] = [
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "UserIdGroupPairs": [{"GroupId": "sg-app"}],
        }
    ]
    network = network_from_json(base)

    assert network.interfaces["eni-endpoint"].private() == (IPv4Address("10.0.2.254"),)
    assert answer(network, source="i-app", to="sqs") == "reachable"
    assert answer(network, source="i-db", to="sqs") == "blocked"


# Several files


def test_documents_are_merged(base: Document) -> None:
    files = {f"{key}.json": {key: value} for key, value in base.items()}

    assert network_from_files(files) == network_from_json(base)


def test_the_same_thing_twice_is_one_thing(base: Document) -> None:
    assert network_from_files({"one": base, "two": copy.deepcopy(base)}) == network_from_json(base)


def test_two_descriptions_that_disagree_are_refused(base: Document) -> None:
    other = copy.deepcopy(base["Subnets"][0])
    other["CidrBlock"] = "10.0.9.0/24"

    with pytest.raises(InputError) as caught:
        network_from_files({"one.json": base, "two.json": {"Subnets": [other]}})

    assert "disagree" in caught.value.title
    assert "two.json: Subnets[0] (subnet-pub)" in caught.value.detail


# What AWS writes in its own ways


def test_host_bits_are_dropped_as_aws_drops_them(base: Document) -> None:
    base["Subnets"][0]["CidrBlock"] = "10.0.1.77/24"

    assert network_from_json(base).subnets["subnet-pub"].cidrs[0] == ip_network("10.0.1.0/24")


def test_a_vpc_has_all_its_blocks_but_those_that_are_gone(base: Document) -> None:
    base["Vpcs"][0]["CidrBlockAssociationSet"] += [
        {"CidrBlock": "10.9.0.0/16", "CidrBlockState": {"State": "associated"}},
        {"CidrBlock": "10.8.0.0/16", "CidrBlockState": {"State": "disassociated"}},
    ]

    found = [str(each) for each in network_from_json(base).vpcs["vpc-a"].cidrs]

    assert found == ["10.0.0.0/16", "10.9.0.0/16", "2001:db8:a::/56"]


def test_dns_attributes_are_read_in_both_forms(base: Document) -> None:
    base["VpcAttributes"] = [{"VpcId": "vpc-a", "EnableDnsSupport": {"Value": False}}]

    vpc = network_from_json(base).vpcs["vpc-a"]

    assert (vpc.dns_support, vpc.dns_hostnames) == (False, None)


# Errors


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"set": ["Subnets", 0, "CidrBlock"], "to": "10.0.1.0/99"}, "Subnets[0] (subnet-pub): CidrBlock"),
        ({"set": ["Subnets", 0, "CidrBlock"], "to": 7}, "CidrBlock is 7, and not a text"),
        ({"set": ["Subnets", 0, "VpcId"], "to": "vpc-gone"}, "VpcId is vpc-gone"),
        ({"drop": ["Subnets", 0, "SubnetId"]}, "Subnets[0]: SubnetId is missing"),
        ({"drop": ["Subnets", "subnet-pub"]}, "Associations[].SubnetId is subnet-pub"),
        ({"set": ["Subnets"], "to": {}}, "Subnets is {}, and not a list"),
        ({"set": ["Subnets", 0], "to": "subnet-1"}, "Subnets[0] is 'subnet-1', and not an object"),
        ({"drop": ["SecurityGroups", "sg-db"]}, "(eni-db): Groups[].GroupId is sg-db"),
        ({"drop": ["SecurityGroups"]}, "(eni-web): Groups[].GroupId is sg-web"),
        (
            {"set": ["SecurityGroups", 0, "IpPermissions", 0, "FromPort"], "to": 70000},
            "SecurityGroups[0] (sg-web).IpPermissions[0]: FromPort and ToPort are 70000 and 80",
        ),
        (
            {"set": ["SecurityGroups", 0, "IpPermissions", 0, "IpProtocol"], "to": "tpc"},
            "IpProtocol is 'tpc', and not a whole number",
        ),
        (
            {
                "set": ["SecurityGroups", 0, "IpPermissions", 0, "IpRanges", 0, "CidrIp"],
                "to": "10.0.0.300/24",
            },
            "IpPermissions[0].IpRanges[0]: CidrIp is no address block",
        ),
        (
            {"set": ["NetworkAcls", 0, "Entries", 0, "RuleAction"], "to": "maybe"},
            "Entries[0]: RuleAction is 'maybe'",
        ),
        ({"set": ["NetworkAcls", 0, "Entries", 0, "RuleNumber"], "to": 40000}, "RuleNumber is 40000"),
        ({"set": ["NetworkAcls", 0, "Entries", 0, "Egress"], "to": "yes"}, "not true or false"),
        (
            {"set": ["NetworkAcls", 0, "Associations", 0, "SubnetId"], "to": "subnet-gone"},
            "NetworkAcls[0] (acl-open): Associations[].SubnetId is subnet-gone",
        ),
        (
            {"set": ["NetworkInterfaces", 0, "PrivateIpAddress"], "to": "10.0.1"},
            "NetworkInterfaces[0] (eni-web): PrivateIpAddress is no address",
        ),
        (
            {"set": ["NetworkInterfaces", 0, "PrivateIpAddress"], "to": "::1"},
            "no IPv4 address",
        ),
        (
            {"set": ["NetworkInterfaces", 0, "SubnetId"], "to": "subnet-gone"},
            "NetworkInterfaces[0] (eni-web): SubnetId is subnet-gone",
        ),
        (
            {"set": ["NatGateways", 0, "SubnetId"], "to": "subnet-gone"},
            "NatGateways[0] (nat-a): SubnetId is subnet-gone",
        ),
        (
            {"set": ["NetworkInterfaces", 0, "VpcId"], "to": "vpc-b"},
            "(eni-web): VpcId is vpc-b, but subnet-pub is in vpc-a",
        ),
        ({"set": ["RouteTables", 0, "VpcId"], "to": "vpc-gone"}, "RouteTables[0] (rtb-main): VpcId"),
        (
            {
                "add": ["VpcEndpoints"],
                "item": {
                    "VpcEndpointId": "vpce-1",
                    "VpcId": "vpc-a",
                    "ServiceName": "com.amazonaws.us-east-1.s3",
                    "RouteTableIds": ["rtb-gone"],
                },
            },
            "VpcEndpoints[0] (vpce-1): RouteTableIds is rtb-gone",
        ),
        (
            {"set": ["RouteTables", 1, "Routes", 0, "DestinationCidrBlock"], "to": ""},
            "RouteTables[1] (rtb-pub).Routes[0]: DestinationCidrBlock is missing",
        ),
    ],
)
def test_a_damaged_document_is_refused_with_its_place(change: Document, said: str, changed: Changed) -> None:
    document = changed([change])
    with pytest.raises(InputError) as caught:
        network_from_files({"vpc.json": document})

    assert said in caught.value.detail
    assert caught.value.detail.startswith("vpc.json: ")
    assert caught.value.hint


def test_a_document_of_something_else_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        network_from_json({"Volumes": [], "NextToken": "x"})

    assert caught.value.detail == "They have NextToken, Volumes."


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.sampled_from(
        ["", "x", "10.0.0.0/16", "::/0", "10.0.0.5", "vpc-a", "subnet-pub", "sg-web", "-1", "65536", "local"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "VpcId",
                    "SubnetId",
                    "GroupId",
                    "CidrBlock",
                    "State",
                    "Name",
                    "Routes",
                    "Entries",
                    "IpRanges",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    if isinstance(value, dict):
        children: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    else:
        return [path]
    return [path, *(place for key, each in children for place in places(each, (*path, key)))]


SPOTS = [place for place in places(json.loads((Path(__file__).parent / "base.json").read_text())) if place]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject, changed: Changed) -> None:
    document = changed([])
    for _ in range(data.draw(st.integers(1, 3))):
        *before, last = data.draw(st.sampled_from(SPOTS))
        inside: Any = document
        try:
            for key in before:
                inside = inside[key]
            inside[last] = data.draw(junk)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken the place away
    fault = None
    try:
        network = network_from_json(document)
        for source, destination in (("internet", "i-web"), ("i-app", "1.1.1.1"), ("i-app", "s3")):
            path_to_json(trace(network, question_from_json({"from": source, "to": destination, "port": 80})))
    except SkylabError as raised:
        fault = raised
    assert fault is None or (fault.title and fault.detail and fault.hint)
