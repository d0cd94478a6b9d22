"""Flow log records: one for each direction that an interface sees, ACCEPT or REJECT as AWS logs them.

Source: VPC User Guide, "Flow log records" and "Flow log record examples".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from labs.aws.network.paths import flow_log, network_from_json, question_from_json, trace

Document = dict[str, Any]
Changed = Callable[[Iterable[Document]], Document]
Records = Callable[..., list[str]]
START = 1_700_000_000
ANYWHERE = "0.0.0.0/0"


@pytest.fixture
def records(changed: Changed) -> Records:
    """The records of a question, each without what is the same in all of them."""

    def ask(changes: Iterable[Document], source: str, to: str, **more: Any) -> list[str]:
        network = network_from_json(changed(changes))
        path = trace(network, question_from_json({"from": source, "to": to, **more}))
        return [" ".join(line.split()[2:8] + line.split()[12:13]) for line in flow_log(path, network, START)]

    return ask


def acl(subnet: str, *entries: Document) -> list[Document]:
    left = [{"SubnetId": each} for each in ("subnet-pub", "subnet-priv", "subnet-iso") if each != subnet]
    return [
        {"set": ["NetworkAcls", "acl-open", "Associations"], "to": left},
        {
            "add": ["NetworkAcls"],
            "item": {
                "NetworkAclId": "acl-new",
                "VpcId": "vpc-a",
                "Associations": [{"SubnetId": subnet}],
                "Entries": list(entries),
            },
        },
    ]


def entry(number: int, egress: bool, low: int, high: int) -> Document:
    return {
        "RuleNumber": number,
        "Egress": egress,
        "RuleAction": "allow",
        "Protocol": "6",
        "CidrBlock": ANYWHERE,
        "PortRange": {"From": low, "To": high},
    }


def test_a_record_is_in_the_default_format_of_version_2(changed: Changed) -> None:
    network = network_from_json(changed([]))
    path = trace(network, question_from_json({"from": "internet", "to": "i-web", "port": 80}))

    assert flow_log(path, network, START) == (
        "2 111111111111 eni-web 203.0.113.77 10.0.1.5 32768 80 6 1 60 1700000000 1700000060 ACCEPT OK",
        "2 111111111111 eni-web 10.0.1.5 203.0.113.77 80 32768 6 1 60 1700000000 1700000060 ACCEPT OK",
    )


def test_a_security_group_that_lets_nothing_in_is_a_reject(records: Records) -> None:
    assert records([], "internet", "i-web", port=22) == ["eni-web 203.0.113.77 10.0.1.5 32768 22 6 REJECT"]


def test_a_network_acl_that_drops_the_reply_is_an_accept_and_a_reject(records: Records) -> None:
    changes = acl("subnet-pub", entry(100, False, 80, 80), entry(100, True, 80, 80))

    assert records(changes, "internet", "i-web", port=80) == [
        "eni-web 203.0.113.77 10.0.1.5 32768 80 6 ACCEPT",
        "eni-web 10.0.1.5 203.0.113.77 80 32768 6 REJECT",
    ]


def test_both_ends_have_their_records(records: Records) -> None:
    assert records([], "i-web", "i-app", port=8080) == [
        "eni-web 10.0.1.5 10.0.2.5 32768 8080 6 ACCEPT",
        "eni-app 10.0.1.5 10.0.2.5 32768 8080 6 ACCEPT",
        "eni-app 10.0.2.5 10.0.1.5 8080 32768 6 ACCEPT",
        "eni-web 10.0.2.5 10.0.1.5 8080 32768 6 ACCEPT",
    ]


def test_what_the_source_may_not_send_is_seen_at_the_source_only(records: Records) -> None:
    silent = [{"set": ["SecurityGroups", "sg-app", "IpPermissionsEgress"], "to": []}]

    assert records(silent, "i-app", "i-db", port=5432) == ["eni-app 10.0.2.5 10.0.3.5 32768 5432 6 REJECT"]


def test_what_the_destination_refuses_was_accepted_at_the_source(records: Records) -> None:
    assert records([], "i-web", "i-db", port=5432) == [
        "eni-web 10.0.1.5 10.0.3.5 32768 5432 6 ACCEPT",
        "eni-db 10.0.1.5 10.0.3.5 32768 5432 6 REJECT",
    ]


def test_a_reply_that_the_client_s_subnet_refuses_is_a_reject_there(records: Records) -> None:
    changes = acl("subnet-priv", entry(100, True, 0, 65535), entry(100, False, 8080, 8080))

    assert records(changes, "i-app", "i-db", port=5432) == [
        "eni-app 10.0.2.5 10.0.3.5 32768 5432 6 ACCEPT",
        "eni-db 10.0.2.5 10.0.3.5 32768 5432 6 ACCEPT",
        "eni-db 10.0.3.5 10.0.2.5 5432 32768 6 ACCEPT",
        "eni-app 10.0.3.5 10.0.2.5 5432 32768 6 REJECT",
    ]


def test_what_is_lost_for_want_of_a_route_was_accepted(records: Records) -> None:
    assert records([], "i-db", "1.1.1.1", port=443) == ["eni-db 10.0.3.5 1.1.1.1 32768 443 6 ACCEPT"]


def test_what_never_comes_to_an_interface_is_in_no_log(records: Records) -> None:
    assert records([], "internet", "54.0.0.9", port=443) == []
    assert records([], "internet", "i-app", port=8080) == []


def test_the_metadata_service_is_in_no_log(records: Records) -> None:
    assert records([], "i-app", "169.254.169.254", port=80) == []


def test_a_partial_path_shows_a_port_of_either_kind(records: Records) -> None:
    changes = acl("subnet-pub", entry(100, False, 80, 80), entry(100, True, 49152, 65535))

    assert records(changes, "internet", "i-web", port=80) == [
        "eni-web 203.0.113.77 10.0.1.5 49152 80 6 ACCEPT",
        "eni-web 10.0.1.5 203.0.113.77 80 49152 6 ACCEPT",
        "eni-web 203.0.113.77 10.0.1.5 32768 80 6 ACCEPT",
        "eni-web 10.0.1.5 203.0.113.77 80 32768 6 REJECT",
    ]


def test_of_a_range_of_ports_one_that_passes_and_one_that_does_not_are_shown(records: Records) -> None:
    assert records([], "internet", "i-web", port="79-80") == [
        "eni-web 203.0.113.77 10.0.1.5 32768 80 6 ACCEPT",
        "eni-web 10.0.1.5 203.0.113.77 80 32768 6 ACCEPT",
        "eni-web 203.0.113.77 10.0.1.5 32768 79 6 REJECT",
    ]


def test_behind_nat_the_host_s_own_log_has_its_own_address(records: Records) -> None:
    assert records([], "i-app", "1.1.1.1", port=443) == [
        "eni-app 10.0.2.5 1.1.1.1 32768 443 6 ACCEPT",
        "eni-app 1.1.1.1 10.0.2.5 443 32768 6 ACCEPT",
    ]


def test_protocols_without_ports_have_zeros(records: Records) -> None:
    ping = [
        {
            "set": ["SecurityGroups", "sg-app", "IpPermissions"],
            "to": [
                {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
            ],
        }
    ]

    found = records(ping, "i-web", "i-app", protocol="icmp")

    assert len(found) == 4
    assert found[0] == "eni-web 10.0.1.5 10.0.2.5 0 0 1 ACCEPT"


def test_an_account_that_nothing_tells_of_is_unknown(changed: Changed) -> None:
    document = changed([{"drop": ["Vpcs", "vpc-a", "OwnerId"]}])
    for each in document["NetworkInterfaces"]:
        del each["OwnerId"]
    network = network_from_json(document)
    path = trace(network, question_from_json({"from": "internet", "to": "i-web", "port": 80}))

    assert flow_log(path, network, START)[0].startswith("2 unknown eni-web ")
