"""How long a path takes: reading a network of 50 interfaces, and questions to it.

    .venv/bin/python tests/benchmarks/bench_reach.py

Goal: a question at most 20 ms, whatever its answer.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from labs.aws.network.paths import network_from_json, path_to_json, question_from_json, trace

INTERFACES = 50
ANYWHERE = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
EVERYTHING = [{"IpProtocol": "-1", **ANYWHERE}]


def documents() -> dict[str, Any]:
    """A VPC with public, private and isolated subnets in two zones, NAT, and 50 hosts of five tiers."""
    subnets = [(tier, zone) for tier in ("public", "private", "isolated") for zone in "ab"]
    blocks = {name: f"10.0.{place}.0/24" for place, name in enumerate(subnets)}
    return {
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
        "Subnets": [
            {
                "SubnetId": f"subnet-{tier}-{zone}",
                "VpcId": "vpc-1",
                "CidrBlock": block,
                "AvailabilityZone": f"us-east-1{zone}",
            }
            for (tier, zone), block in blocks.items()
        ],
        "InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]}],
        "NatGateways": [
            {
                "NatGatewayId": "nat-1",
                "VpcId": "vpc-1",
                "SubnetId": "subnet-public-a",
                "State": "available",
                "NatGatewayAddresses": [{"PrivateIp": "10.0.0.9", "PublicIp": "54.0.0.9"}],
            }
        ],
        "RouteTables": [
            table("public", {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}),
            table("private", {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1"}),
            table("isolated"),
        ],
        "SecurityGroups": [group(tier) for tier in range(5)],
        "NetworkAcls": [
            {
                "NetworkAclId": f"acl-{tier}",
                "VpcId": "vpc-1",
                "Associations": [{"SubnetId": f"subnet-{tier}-{zone}"} for zone in "ab"],
                "Entries": [
                    entry(number, egress, "deny" if number < 15 else "allow", port)
                    for egress in (True, False)
                    for number, port in enumerate((*range(9000, 9014), 22, 80, 443, 5432, 8080), 1)
                ]
                + [entry(100, egress, "allow", 1024, 65535) for egress in (True, False)],
            }
            for tier in ("public", "private", "isolated")
        ],
        "NetworkInterfaces": [interface(number, subnets, blocks) for number in range(INTERFACES)],
        "Instances": [
            {"InstanceId": f"i-{number}", "State": {"Name": "running"}} for number in range(INTERFACES)
        ],
        "PrefixLists": [
            {
                "PrefixListId": "pl-s3",
                "PrefixListName": "com.amazonaws.us-east-1.s3",
                "Cidrs": ["52.216.0.0/15"],
            }
        ],
    }


def table(tier: str, *routes: dict[str, str]) -> dict[str, Any]:
    return {
        "RouteTableId": f"rtb-{tier}",
        "VpcId": "vpc-1",
        "Routes": list(routes),
        "Associations": [{"SubnetId": f"subnet-{tier}-{zone}"} for zone in "ab"],
    }


def group(tier: int) -> dict[str, Any]:
    peers = [{"UserIdGroupPairs": [{"GroupId": f"sg-{tier - 1}"}]}] if tier else [ANYWHERE]
    return {
        "GroupId": f"sg-{tier}",
        "VpcId": "vpc-1",
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}
            for port in (80, 443, 5432, 8080)
            for peer in (*peers, {"IpRanges": [{"CidrIp": "192.0.2.0/24"}]})
        ],
        "IpPermissionsEgress": EVERYTHING,
    }


def entry(number: int, egress: bool, action: str, low: int, high: int | None = None) -> dict[str, Any]:
    return {
        "RuleNumber": number,
        "Egress": egress,
        "RuleAction": action,
        "Protocol": "6",
        "CidrBlock": "0.0.0.0/0",
        "PortRange": {"From": low, "To": high or low},
    }


def interface(
    number: int, subnets: list[tuple[str, str]], blocks: dict[tuple[str, str], str]
) -> dict[str, Any]:
    subnet = subnets[number % len(subnets)]
    found: dict[str, Any] = {
        "NetworkInterfaceId": f"eni-{number}",
        "VpcId": "vpc-1",
        "SubnetId": f"subnet-{subnet[0]}-{subnet[1]}",
        "Status": "in-use",
        "PrivateIpAddress": blocks[subnet].replace("0/24", str(20 + number)),
        "Groups": [{"GroupId": f"sg-{number % 5}"}],
        "Attachment": {"InstanceId": f"i-{number}", "DeviceIndex": 0},
    }
    if subnet[0] == "public":
        found["Association"] = {"PublicIp": f"54.0.1.{number}"}
    return found


QUESTIONS: dict[str, dict[str, Any]] = {
    "internet to a public host": {"from": "internet", "to": "i-0", "port": 80},
    "private host to the internet": {"from": "i-2", "to": "1.1.1.1", "port": 443},
    "every port between two hosts": {"from": "i-5", "to": "i-11"},
    "blocked by a group": {"from": "i-2", "to": "i-4", "port": 22},
    "isolated host to S3": {"from": "i-4", "to": "s3"},
    "blocked on five counts": {"from": "internet", "to": "i-4", "protocol": "udp", "port": 53},
}


def milliseconds(work: Callable[[], object], times: int = 200) -> tuple[float, float]:
    """The median and the longest of some runs."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken), max(taken)


def main() -> None:
    written = documents()
    network = network_from_json(written)
    print(f"{INTERFACES} interfaces" + " " * 23 + "median      most   answer (a question: at most 20 ms)")
    median, most = milliseconds(lambda: network_from_json(written), 50)
    print(f"{'reading the documents':34}{median:>7.2f} ms{most:>7.2f} ms")
    for label, asked in QUESTIONS.items():
        question = question_from_json(asked)
        path = trace(network, question)
        median, most = milliseconds(partial(trace, network, question))
        found = (
            f"{path.verdict.value}, {len(path.blockers)} blockers, {len(json.dumps(path_to_json(path)))} B"
        )
        print(f"{label:34}{median:>7.2f} ms{most:>7.2f} ms   {found}")


if __name__ == "__main__":
    main()
