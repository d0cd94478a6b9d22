"""What may be asked, and errors that say what to ask instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from labs.aws.network.paths import Client, Ports, Question, network_from_json, question_from_json, trace
from labs.errors import InputError

Document = dict[str, Any]
Changed = Callable[[Iterable[Document]], Document]


@pytest.mark.parametrize(
    ("asked", "protocol", "ports", "client"),
    [
        ({}, 6, None, Client.LINUX),
        ({"protocol": "UDP", "port": 53}, 17, Ports.of(53), Client.LINUX),
        ({"protocol": 6, "port": "443"}, 6, Ports.of(443), Client.LINUX),
        ({"protocol": "50"}, 50, None, Client.LINUX),
        ({"protocol": "icmp", "port": None}, 1, None, Client.LINUX),
        ({"protocol": "icmp", "port": -1}, 1, None, Client.LINUX),
        ({"port": "8000-8100", "client": "windows"}, 6, Ports.of((8000, 8100)), Client.WINDOWS),
        ({"port": 0}, 6, Ports.of(0), Client.LINUX),
    ],
)
def test_a_line_is_a_question(asked: Document, protocol: int, ports: Ports | None, client: Client) -> None:
    found = question_from_json({"id": "x1", "from": "internet", "to": "i-web", **asked})

    assert found == Question("internet", "i-web", protocol, ports, client)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from": None}, 'has no "from"'),
        ({"to": 7}, '"to" is no endpoint'),
        ({"to": " "}, '"to" is no endpoint'),
        ({"to": "x" * 300}, '"to" is no endpoint'),
        ({"protocol": "tpc"}, "no such protocol"),
        ({"protocol": 256}, "no such protocol"),
        ({"protocol": True}, "no such protocol"),
        ({"protocol": ["tcp"]}, "no such protocol"),
        ({"port": 65536}, "is no port"),
        ({"port": "90-80"}, "is no port"),
        ({"port": "https"}, "is no port"),
        ({"port": True}, "is no port"),
        ({"port": 1.5}, "is no port"),
        ({"protocol": "icmp", "port": 8}, "has no ports"),
        ({"client": "macos"}, "no such client"),
        ({"prot": "tcp"}, "Unknown key"),
    ],
)
def test_a_line_that_is_no_question_says_why(asked: Document, said: str) -> None:
    with pytest.raises(InputError) as caught:
        question_from_json({"from": "internet", "to": "i-web", **asked})

    assert said in caught.value.title
    assert caught.value.detail
    assert caught.value.hint


@pytest.mark.parametrize(
    ("source", "to", "said"),
    [
        ("i-gone", "i-web", '"from" names nothing'),
        ("i-web", "eni-gone", '"to" names nothing'),
        ("i-web", "vpc-a", '"to" names nothing'),
        ("i-web", "10.0.0.300", '"to" names nothing'),
        ("i-web", "?!", '"to" names nothing'),
        ("10.0.2.99", "i-web", "Nothing in these documents has this address"),
        ("54.0.0.9", "i-web", "A NAT gateway opens no connections"),
        ("i-web", "eni-web", "would go nowhere"),
        ("internet", "internet", "would go nowhere"),
        ("internet", "1.1.1.1", "never comes to this network"),
        ("internet", "s3", "never comes to this network"),
        ("internet6", "i-db", "no address family in common"),
        ("i-db", "2606:4700:4700::1111", "no address family in common"),
        ("10.0.1.5", "2606:4700:4700::1111", "no address family in common"),
    ],
)
def test_ends_that_make_no_path_are_refused(source: str, to: str, said: str, changed: Changed) -> None:
    network = network_from_json(changed([]))

    with pytest.raises(InputError) as caught:
        trace(network, Question(source, to))

    assert said in caught.value.title
    assert caught.value.hint


def test_the_instances_that_there_are_come_with_the_error(changed: Changed) -> None:
    with pytest.raises(InputError) as caught:
        trace(network_from_json(changed([])), Question("i-gone", "i-web"))

    assert "i-web (web), i-app (app), i-db (db)" in caught.value.detail


def test_an_address_that_two_vpcs_use_must_be_told_apart(changed: Changed) -> None:
    twin = [
        {"add": ["Vpcs"], "item": {"VpcId": "vpc-b", "CidrBlock": "10.0.0.0/16"}},
        {"add": ["Subnets"], "item": {"SubnetId": "subnet-b", "VpcId": "vpc-b", "CidrBlock": "10.0.1.0/24"}},
        {
            "add": ["NetworkInterfaces"],
            "item": {
                "NetworkInterfaceId": "eni-b",
                "VpcId": "vpc-b",
                "SubnetId": "subnet-b",
                "PrivateIpAddress": "10.0.1.5",
            },
        },
    ]

    with pytest.raises(InputError) as caught:
        trace(network_from_json(changed(twin)), Question("10.0.1.5", "1.1.1.1"))

    assert "eni-web, eni-b" in caught.value.detail


@pytest.mark.parametrize("source", ["i-web", "eni-web", "10.0.1.5", "54.0.0.7"])
def test_an_end_may_be_named_in_several_ways(source: str, changed: Changed) -> None:
    path = trace(network_from_json(changed([])), Question(source, "i-app", ports=Ports.of(8080)))

    assert path.source.interface is not None
    assert path.source.interface.id == "eni-web"
    assert str(path.source.address) == "10.0.1.5"


def test_without_a_port_a_service_is_asked_at_443_and_all_else_at_every_port(changed: Changed) -> None:
    network = network_from_json(changed([]))

    assert trace(network, Question("i-app", "s3")).ports == Ports.of(443)
    assert trace(network, Question("i-web", "i-app")).ports == Ports.of(8080)


def test_the_internet_is_a_host_that_no_rule_singles_out(changed: Changed) -> None:
    office = {
        "set": ["SecurityGroups", "sg-web", "IpPermissions", 0, "IpRanges"],
        "to": [{"CidrIp": "203.0.113.0/24"}, {"CidrIp": "198.51.100.0/24"}],
    }

    path = trace(network_from_json(changed([office])), Question("internet", "i-web", ports=Ports.of(80)))

    assert str(path.source.address) == "192.0.2.77"
    assert path.verdict.value == "blocked"
