"""Repairs: the smallest change, in calls that boto3 takes, and what applying them does to a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from labs.aws.network.paths import (
    Call,
    Network,
    Path,
    Repair,
    Verdict,
    apply,
    network_from_json,
    question_from_json,
    trace,
)
from labs.errors import InputError

Document = dict[str, Any]
Changed = Callable[[Iterable[Document]], Document]
ANYWHERE = "0.0.0.0/0"


def asked(network: Network, source: str, to: str, **more: Any) -> Path:
    return trace(network, question_from_json({"from": source, "to": to, **more}))


def calls(path: Path) -> list[tuple[str, dict[str, Any]]]:
    return [
        (call.operation, dict(call.parameters))
        for each in path.blockers
        if each.repair is not None
        for call in each.repair.calls
    ]


def acl(*entries: tuple[int, bool, str, int, int]) -> list[Document]:
    return [
        {
            "set": ["NetworkAcls", "acl-open", "Entries"],
            "to": [
                {
                    "RuleNumber": number,
                    "Egress": egress,
                    "RuleAction": action,
                    "Protocol": "6",
                    "CidrBlock": ANYWHERE,
                    "PortRange": {"From": low, "To": high},
                }
                for number, egress, action, low, high in entries
            ],
        }
    ]


def test_a_rule_is_opened_for_the_group_that_asks_and_nobody_else(changed: Changed) -> None:
    path = asked(network_from_json(changed([])), "i-web", "i-db", port=5432)

    assert calls(path) == [
        (
            "authorize_security_group_ingress",
            {
                "GroupId": "sg-db",
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 5432,
                        "ToPort": 5432,
                        "UserIdGroupPairs": [{"GroupId": "sg-web"}],
                    }
                ],
            },
        )
    ]


def test_a_rule_is_opened_for_one_address_when_one_was_named(changed: Changed) -> None:
    path = asked(network_from_json(changed([])), "198.51.100.7", "i-web", port="20-22")

    (operation, parameters), *_ = calls(path)

    assert operation == "authorize_security_group_ingress"
    assert parameters["IpPermissions"] == [
        {"IpProtocol": "tcp", "FromPort": 20, "ToPort": 22, "IpRanges": [{"CidrIp": "198.51.100.7/32"}]}
    ]


def test_only_the_ports_without_a_rule_are_opened(changed: Changed) -> None:
    path = asked(network_from_json(changed([])), "internet", "i-web", port="79-81")

    permissions = calls(path)[0][1]["IpPermissions"]

    assert [(each["FromPort"], each["ToPort"]) for each in permissions] == [(79, 79), (81, 81)]


def test_replies_that_star_denies_get_the_whole_range_of_clients(changed: Changed) -> None:
    document = changed(acl((100, False, "allow", 80, 80), (100, True, "allow", 80, 80)))
    path = asked(network_from_json(document), "internet", "i-web", port=80)

    assert calls(path) == [
        (
            "create_network_acl_entry",
            {
                "NetworkAclId": "acl-open",
                "RuleNumber": 200,
                "Egress": True,
                "RuleAction": "allow",
                "Protocol": "6",
                "CidrBlock": ANYWHERE,
                "PortRange": {"From": 1024, "To": 65535},
            },
        )
    ]


def test_what_an_entry_denied_is_allowed_right_before_it(changed: Changed) -> None:
    document = changed(
        acl(
            (90, False, "deny", 80, 90),
            (100, False, "allow", 0, 65535),
            (100, True, "allow", 0, 65535),
        )
    )
    network = network_from_json(document)
    path = asked(network, "internet", "i-web", port=80)

    (operation, parameters), *others = calls(path)

    assert (operation, parameters["RuleNumber"], parameters["PortRange"]) == (
        "create_network_acl_entry",
        89,
        {"From": 80, "To": 80},
    )
    assert others == []
    (blocker,) = path.blockers
    assert blocker.repair is not None
    after = apply(blocker.repair, network)
    assert asked(after, "internet", "i-web", port=80).verdict is Verdict.REACHABLE
    assert [each.number for each in after.network_acls["acl-open"].entries if not each.egress] == [
        89,
        90,
        100,
    ]


@pytest.mark.parametrize(
    ("numbers", "after"),
    [
        ((1, 2, 3), [1, 2, 3, 4]),
        ((1, 2, 7), [1, 2, 3, 7]),
        ((5, 6), [4, 5, 6]),
        ((1, 32766), [1, 2, 32766]),
    ],
)
def test_entries_make_room_without_overtaking_one_another(
    numbers: tuple[int, ...], after: list[int], changed: Changed
) -> None:
    first, *rest = numbers
    inbound = [(first, False, "deny", 80, 80), *((number, False, "allow", 0, 65535) for number in rest)]
    network = network_from_json(changed(acl(*inbound, (100, True, "allow", 0, 65535))))
    path = asked(network, "internet", "i-web", port=80)

    for each in path.blockers:
        assert each.repair is not None
        network = apply(each.repair, network)

    entries = [each for each in network.network_acls["acl-open"].entries if not each.egress]
    assert [each.number for each in entries] == after
    assert [each.allow for each in entries] == [True, False, *(True for _ in rest)]
    assert asked(network, "internet", "i-web", port=80).verdict is Verdict.REACHABLE


def test_a_full_list_of_entries_moves_down_when_there_is_no_room_above(changed: Changed) -> None:
    last = [(number, False, "allow", 443, 443) for number in range(32700, 32766)]
    network = network_from_json(
        changed(acl(*last, (32766, False, "deny", 80, 80), (100, True, "allow", 0, 65535)))
    )
    path = asked(network, "internet", "i-web", port=80)

    for each in path.blockers:
        assert each.repair is not None
        network = apply(each.repair, network)

    numbers = [each.number for each in network.network_acls["acl-open"].entries if not each.egress]
    assert numbers == list(range(32699, 32767))
    assert asked(network, "internet", "i-web", port=80).verdict is Verdict.REACHABLE


def test_an_elastic_ip_that_nobody_uses_is_used_before_a_new_one(changed: Changed) -> None:
    free = {"add": ["Addresses"], "item": {"PublicIp": "54.0.0.99", "AllocationId": "eipalloc-free"}}
    main = {
        "add": ["RouteTables", "rtb-main", "Routes"],
        "item": {"DestinationCidrBlock": ANYWHERE, "GatewayId": "igw-a", "State": "active"},
    }
    path = asked(network_from_json(changed([free, main])), "i-db", "1.1.1.1", port=443)

    assert calls(path) == [
        ("associate_address", {"AllocationId": "eipalloc-free", "NetworkInterfaceId": "eni-db"})
    ]


def test_an_address_comes_after_the_internet_gateway_that_ec2_wants_for_it(changed: Changed) -> None:
    """The default route leads to a gateway that is gone: attached is a new one before the address."""
    main = {
        "add": ["RouteTables", "rtb-main", "Routes"],
        "item": {"DestinationCidrBlock": ANYWHERE, "GatewayId": "igw-a", "State": "blackhole"},
    }
    document = changed([{"set": ["InternetGateways"], "to": []}, main])
    path = asked(network_from_json(document), "internet", "eni-db", port=5432)

    names = [name for name, _ in calls(path)]

    assert names.index("attach_internet_gateway") < names.index("associate_address")
    assert names.count("create_internet_gateway") == 1


def test_what_a_repair_makes_goes_by_a_reference_also_in_later_repairs(changed: Changed) -> None:
    document = changed(
        [
            {"set": ["InternetGateways"], "to": []},
            {
                "set": ["RouteTables", "rtb-pub", "Routes", ANYWHERE],
                "to": {"DestinationCidrBlock": ANYWHERE, "GatewayId": "igw-a", "State": "blackhole"},
            },
        ]
    )
    path = asked(network_from_json(document), "internet", "i-web", port=80)

    assert calls(path) == [
        ("create_internet_gateway", {}),
        (
            "attach_internet_gateway",
            {"InternetGatewayId": "${gateway.InternetGateway.InternetGatewayId}", "VpcId": "vpc-a"},
        ),
        (
            "replace_route",
            {
                "RouteTableId": "rtb-pub",
                "DestinationCidrBlock": ANYWHERE,
                "GatewayId": "${gateway.InternetGateway.InternetGatewayId}",
            },
        ),
    ]
    assert path.blockers[0].repair is not None
    assert path.blockers[0].repair.calls[0].label == "gateway"


def test_an_address_that_is_yet_to_be_drawn_is_a_reference_too(changed: Changed) -> None:
    """Two hosts meet by public addresses; the one that asks has none so far, and the other must admit it."""
    document = changed(
        [
            {"add": ["Vpcs"], "item": {"VpcId": "vpc-b", "CidrBlock": "10.1.0.0/16"}},
            {
                "add": ["Subnets"],
                "item": {"SubnetId": "subnet-b", "VpcId": "vpc-b", "CidrBlock": "10.1.1.0/24"},
            },
            {
                "add": ["RouteTables"],
                "item": {
                    "RouteTableId": "rtb-b",
                    "VpcId": "vpc-b",
                    "Associations": [{"Main": True}],
                    "Routes": [{"DestinationCidrBlock": ANYWHERE, "GatewayId": "igw-b"}],
                },
            },
            {
                "add": ["InternetGateways"],
                "item": {"InternetGatewayId": "igw-b", "Attachments": [{"VpcId": "vpc-b"}]},
            },
            {
                "add": ["NetworkInterfaces"],
                "item": {
                    "NetworkInterfaceId": "eni-b",
                    "VpcId": "vpc-b",
                    "SubnetId": "subnet-b",
                    "PrivateIpAddress": "10.1.1.5",
                    "Groups": [],
                },
            },
        ]
    )
    network = network_from_json(document)
    path = asked(network, "eni-b", "54.0.0.7", port=22)

    operations = calls(path)

    assert [name for name, _ in operations] == [
        "allocate_address",
        "associate_address",
        "authorize_security_group_ingress",
    ]
    ranges = operations[2][1]["IpPermissions"][0]["IpRanges"]
    assert ranges == [{"CidrIp": "${address.PublicIp}/32"}]
    for each in path.blockers:
        assert each.repair is not None
        network = apply(each.repair, network)
    assert asked(network, "eni-b", "54.0.0.7", port=22).verdict is Verdict.REACHABLE


def test_applying_leaves_the_network_itself_as_it_was(changed: Changed) -> None:
    network = network_from_json(changed([]))
    path = asked(network, "internet", "i-web", port=22)
    assert path.blockers[0].repair is not None

    apply(path.blockers[0].repair, network)

    assert network == network_from_json(changed([]))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (Call("terminate_instances", {"InstanceIds": ["i-web"]}), "terminate_instances"),
        (Call("start_instances", {"InstanceIds": ["i-gone"]}), "i-gone"),
        (Call("create_route", {"RouteTableId": "rtb-gone"}), "rtb-gone"),
    ],
)
def test_a_repair_of_another_network_is_refused(call: Call, said: str, changed: Changed) -> None:
    with pytest.raises(InputError) as caught:
        apply(Repair("", (call,)), network_from_json(changed([])))

    assert said in caught.value.detail
