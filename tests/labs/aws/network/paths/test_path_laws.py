"""Laws of paths, on networks drawn by chance: repairs work, allowing never blocks, ports are judged right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from labs.aws.network.paths import (
    Network,
    Path,
    Ports,
    Verdict,
    apply,
    flow_log,
    network_from_json,
    path_to_json,
    question_from_json,
    trace,
)
from labs.aws.network.paths.values import SecurityGroup
from labs.errors import InputError

Document = dict[str, Any]

ANYWHERE, ANYWHERE6 = "0.0.0.0/0", "::/0"
PORTS = (22, 80, 443, 5432, 8080)
KEYS = (
    "Vpcs",
    "Subnets",
    "RouteTables",
    "InternetGateways",
    "EgressOnlyInternetGateways",
    "NatGateways",
    "SecurityGroups",
    "NetworkAcls",
    "NetworkInterfaces",
    "Instances",
    "Addresses",
    "VpcPeeringConnections",
    "VpcEndpoints",
    "PrefixLists",
)


# Networks by chance


class Chance:
    """Draws a network: one to three VPCs with hosts, rules and routes, some of them good."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kind = self.some(0.5)
        self.vpcs = "abc"[: self.random.randint(1, 3)]
        self.groups = {vpc: [f"sg-{vpc}{n}" for n in range(self.random.randint(1, 3))] for vpc in self.vpcs}
        self.subnets = {vpc: list(range(1, self.random.randint(2, 4))) for vpc in self.vpcs}

    def some(self, probability: float) -> bool:
        return self.random.random() < probability

    def cidr(self, vpc: str, subnet: int | None = None) -> str:
        number = "abc".index(vpc)
        return f"10.{number}.0.0/16" if subnet is None else f"10.{number}.{subnet}.0/24"

    def six(self, vpc: str, subnet: int | None = None) -> str:
        return f"2001:db8:{vpc}::/56" if subnet is None else f"2001:db8:{vpc}:{subnet}::/64"

    def document(self) -> Document:
        document: Document = {key: [] for key in KEYS}
        document["PrefixLists"].append(
            {
                "PrefixListId": "pl-s3",
                "PrefixListName": "com.amazonaws.us-east-1.s3",
                "Cidrs": ["52.216.0.0/15"],
            }
        )
        for vpc in self.vpcs:
            self.fill(document, vpc)
        for one, other in ("ab", "bc", "ac"):
            if other in self.vpcs and self.some(0.6):
                document["VpcPeeringConnections"].append(self.peering(one, other))
        return document

    def fill(self, document: Document, vpc: str) -> None:
        document["Vpcs"].append(
            {
                "VpcId": f"vpc-{vpc}",
                "CidrBlock": self.cidr(vpc),
                "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": self.six(vpc)}],
            }
        )
        attached = [{"VpcId": f"vpc-{vpc}"}] if self.some(0.8) else []
        document["InternetGateways"].append({"InternetGatewayId": f"igw-{vpc}", "Attachments": attached})
        if self.some(0.6):
            document["EgressOnlyInternetGateways"].append(
                {"EgressOnlyInternetGatewayId": f"eigw-{vpc}", "Attachments": [{"VpcId": f"vpc-{vpc}"}]}
            )
        for group in self.groups[vpc]:
            document["SecurityGroups"].append(self.group(vpc, group))
        for subnet in self.subnets[vpc]:
            id = f"subnet-{vpc}{subnet}"
            document["Subnets"].append(
                {
                    "SubnetId": id,
                    "VpcId": f"vpc-{vpc}",
                    "CidrBlock": self.cidr(vpc, subnet),
                    "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": self.six(vpc, subnet)}],
                }
            )
            document["NetworkAcls"].append(self.acl(vpc, subnet, id))
            for host in range(self.random.randint(1, 2)):
                self.host(document, vpc, subnet, 10 + host)
            if self.some(0.4):
                self.nat(document, vpc, subnet)
        for table in range(self.random.randint(1, 2)):
            document["RouteTables"].append(self.table(document, vpc, table))
        if self.some(0.3):
            document["VpcEndpoints"].append(
                {
                    "VpcEndpointId": f"vpce-{vpc}",
                    "VpcEndpointType": "Gateway",
                    "VpcId": f"vpc-{vpc}",
                    "ServiceName": "com.amazonaws.us-east-1.s3",
                    "State": "available",
                    "RouteTableIds": [],
                }
            )

    def peer(self, vpc: str) -> dict[str, list[dict[str, str]]]:
        """Whom a rule is for."""
        other = self.random.choice(self.vpcs)
        return self.random.choice(
            [
                {"IpRanges": [{"CidrIp": ANYWHERE}], "Ipv6Ranges": [{"CidrIpv6": ANYWHERE6}]},
                {"IpRanges": [{"CidrIp": self.cidr(other)}]},
                {"Ipv6Ranges": [{"CidrIpv6": self.six(other)}]},
                {"UserIdGroupPairs": [{"GroupId": self.random.choice(self.groups[other])}]},
                {"PrefixListIds": [{"PrefixListId": "pl-s3"}]},
            ]
        )

    def permission(self, vpc: str) -> Document:
        protocol = self.random.choice(["-1", "tcp", "tcp", "tcp", "udp", "icmp", "icmpv6"])
        low = self.random.choice(PORTS)
        ports = {"FromPort": low, "ToPort": low + self.random.choice([0, 0, 20, 1000])}
        if protocol == "-1":
            ports = {}
        elif protocol.startswith("icmp"):
            ports = {"FromPort": self.random.choice([-1, 0, 8, 128]), "ToPort": -1}
        return {"IpProtocol": protocol, **ports, **self.peer(vpc)}

    def group(self, vpc: str, id: str) -> Document:
        anyone = {"IpRanges": [{"CidrIp": ANYWHERE}], "Ipv6Ranges": [{"CidrIpv6": ANYWHERE6}]}
        everything = {"IpProtocol": "-1", **anyone}
        most = {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 500, **anyone}
        return {
            "GroupId": id,
            "VpcId": f"vpc-{vpc}",
            "IpPermissions": [
                *(self.permission(vpc) for _ in range(self.random.randint(0, 3))),
                *([self.random.choice([most, everything])] if self.kind else []),
            ],
            "IpPermissionsEgress": [everything] if self.some(0.7) else [self.permission(vpc)],
        }

    def acl(self, vpc: str, subnet: int, id: str) -> Document:
        entries = []
        for egress in (True, False):
            numbers = self.random.sample(range(1, 8), self.random.randint(0, 1 if self.kind else 4))
            entries += [self.entry(number, egress) for number in numbers]
            if self.some(0.9 if self.kind else 0.6):
                entries += [
                    {
                        "RuleNumber": 100 + six,
                        "Egress": egress,
                        "RuleAction": "allow",
                        "Protocol": "-1",
                        **({"Ipv6CidrBlock": ANYWHERE6} if six else {"CidrBlock": ANYWHERE}),
                    }
                    for six in (0, 1)
                ]
        return {
            "NetworkAclId": f"acl-{vpc}{subnet}",
            "VpcId": f"vpc-{vpc}",
            "Associations": [{"SubnetId": id}],
            "Entries": entries,
        }

    def entry(self, number: int, egress: bool) -> Document:
        low = self.random.choice([*PORTS, 1024, 32768, 40000])
        return {
            "RuleNumber": number,
            "Egress": egress,
            "RuleAction": self.random.choice(["allow", "allow", "deny"]),
            "Protocol": self.random.choice(["6", "6", "17", "-1"]),
            "PortRange": {"From": low, "To": min(65535, low + self.random.choice([0, 100, 30000, 64000]))},
            **self.random.choice(
                [
                    {"CidrBlock": ANYWHERE},
                    {"CidrBlock": self.cidr(self.random.choice(self.vpcs))},
                    {"Ipv6CidrBlock": ANYWHERE6},
                ]
            ),
        }

    def host(self, document: Document, vpc: str, subnet: int, number: int) -> None:
        name = f"{vpc}{subnet}{number}"
        private = self.cidr(vpc, subnet).replace("0/24", str(number))
        interface: Document = {
            "NetworkInterfaceId": f"eni-{name}",
            "VpcId": f"vpc-{vpc}",
            "SubnetId": f"subnet-{vpc}{subnet}",
            "Status": "in-use",
            "SourceDestCheck": True,
            "PrivateIpAddress": private,
            "Ipv6Addresses": [{"Ipv6Address": self.six(vpc, subnet).replace("/64", str(number))}],
            "Groups": [
                {"GroupId": each}
                for each in self.random.sample(
                    self.groups[vpc], self.random.randint(1, len(self.groups[vpc]))
                )
            ],
            "Attachment": {"InstanceId": f"i-{name}", "DeviceIndex": 0, "Status": "attached"},
        }
        if self.some(0.4):
            interface["Association"] = {"PublicIp": f"54.0.{'abc'.index(vpc)}.{subnet * 30 + number}"}
        document["NetworkInterfaces"].append(interface)
        state = "stopped" if self.some(0.1) else "running"
        document["Instances"].append({"InstanceId": f"i-{name}", "State": {"Name": state}})

    def nat(self, document: Document, vpc: str, subnet: int) -> None:
        address = {"PrivateIp": self.cidr(vpc, subnet).replace("0/24", "9")}
        if self.some(0.8):
            address["PublicIp"] = f"54.1.{'abc'.index(vpc)}.{subnet}"
        document["NatGateways"].append(
            {
                "NatGatewayId": f"nat-{vpc}{subnet}",
                "VpcId": f"vpc-{vpc}",
                "SubnetId": f"subnet-{vpc}{subnet}",
                "State": self.random.choice(["available", "available", "available", "deleted"]),
                "NatGatewayAddresses": [address],
            }
        )

    def table(self, document: Document, vpc: str, number: int) -> Document:
        nats = [each["NatGatewayId"] for each in document["NatGateways"] if each["VpcId"] == f"vpc-{vpc}"]
        routes: list[Document] = []
        way = self.random.choice(["igw", "igw", "nat", "none", "gone"])
        if way == "igw":
            routes.append({"DestinationCidrBlock": ANYWHERE, "GatewayId": f"igw-{vpc}"})
        elif way == "nat" and nats:
            routes.append({"DestinationCidrBlock": ANYWHERE, "NatGatewayId": self.random.choice(nats)})
        elif way == "gone":
            routes.append(
                {"DestinationCidrBlock": ANYWHERE, "NatGatewayId": "nat-gone", "State": "blackhole"}
            )
        if self.some(0.4):
            routes.append({"DestinationIpv6CidrBlock": ANYWHERE6, "GatewayId": f"igw-{vpc}"})
        elif self.some(0.4):
            routes.append(
                {"DestinationIpv6CidrBlock": ANYWHERE6, "EgressOnlyInternetGatewayId": f"eigw-{vpc}"}
            )
        for other in self.vpcs:
            if other != vpc and self.some(0.5):
                pair = "".join(sorted((vpc, other)))
                routes.append(
                    {"DestinationCidrBlock": self.cidr(other), "VpcPeeringConnectionId": f"pcx-{pair}"}
                )
        own = [each for each in self.subnets[vpc] if (each % 2 == number) or number == 0]
        taken = {
            each["SubnetId"]
            for table in document["RouteTables"]
            for each in table["Associations"]
            if "SubnetId" in each
        }
        associations: list[Document] = [
            {"SubnetId": id} for each in own if (id := f"subnet-{vpc}{each}") not in taken and self.some(0.5)
        ]
        return {
            "RouteTableId": f"rtb-{vpc}{number}",
            "VpcId": f"vpc-{vpc}",
            "Routes": routes,
            "Associations": [*associations, *([{"Main": True}] if number == 0 else [])],
        }

    def peering(self, one: str, other: str) -> Document:
        return {
            "VpcPeeringConnectionId": f"pcx-{one}{other}",
            "Status": {"Code": self.random.choice(["active", "active", "pending-acceptance", "deleted"])},
            "RequesterVpcInfo": {"VpcId": f"vpc-{one}", "CidrBlock": self.cidr(one)},
            "AccepterVpcInfo": {"VpcId": f"vpc-{other}", "CidrBlock": self.cidr(other)},
        }

    def question(self, document: Document) -> Document:
        hosts = [each["InstanceId"] for each in document["Instances"]]
        addresses = [each["PublicIp"] for each in self.associations(document)]
        outside = ["internet", "internet6", "1.1.1.1", "2606:4700:4700::1111"]
        source = self.random.choice([*hosts, "internet", "internet6"])
        targets = [each for each in (*hosts, *hosts, *addresses, *outside, "s3") if each != source]
        protocol = self.random.choice(["tcp", "tcp", "tcp", "udp", "icmp"])
        low = self.random.choice(PORTS)
        port: Any = self.random.choice([low, low, f"{low}-{low + 50}", f"{low}-{low + 900}"])
        return {
            "from": source,
            "to": self.random.choice(targets),
            "protocol": protocol,
            "client": self.random.choice(["linux", "windows"]),
            **({} if protocol == "icmp" else {"port": port}),
        }

    @staticmethod
    def associations(document: Document) -> Iterator[Document]:
        return (each["Association"] for each in document["NetworkInterfaces"] if "Association" in each)


def drawn(seed: int) -> tuple[Document, Network, Path] | None:
    """A network and a path through it; None when the question makes no sense in it."""
    chance = Chance(seed)
    document = chance.document()
    network = network_from_json(document)
    try:
        return document, network, trace(network, question_from_json(chance.question(document)))
    except InputError:
        return None


SEEDS = range(300)


@pytest.fixture(scope="module")
def paths() -> list[tuple[int, Network, Path]]:
    """Paths through networks by chance, with their seeds."""
    found = ((seed, drawn(seed)) for seed in SEEDS)
    return [(seed, each[1], each[2]) for seed, each in found if each is not None]


# Laws


def test_repairs_turn_every_blocked_path_around_that_can_be(paths: list[tuple[int, Network, Path]]) -> None:
    turned = 0
    for seed, network, path in paths:
        if path.verdict is Verdict.REACHABLE:
            continue
        repairs = [each.repair for each in path.blockers]
        assert path.repairable is all(repairs), (seed, path.question, path.blockers)
        if path.repairable:
            for repair in repairs:
                assert repair is not None
                network = apply(repair, network)
            assert trace(network, path.question).verdict is Verdict.REACHABLE, seed
            turned += path.verdict is Verdict.BLOCKED
    assert turned >= 200


def test_a_path_is_blocked_or_partial_exactly_when_something_blocks_it(
    paths: list[tuple[int, Network, Path]],
) -> None:
    verdicts = [path.verdict for _, _, path in paths]
    for _, _, path in paths:
        assert bool(path.blockers) is (path.verdict is not Verdict.REACHABLE)
    assert {*verdicts} == {*Verdict}


def test_an_unrepairable_blocker_says_that_no_setting_helps(paths: list[tuple[int, Network, Path]]) -> None:
    hopeless = {each.code.value for _, _, path in paths for each in path.blockers if each.repair is None}

    assert hopeless <= {
        "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
        "NGW_DEST_ADDRESS_PRESERVATION",
        "NO_POSSIBLE_DESTINATION",
        "VPCE_GATEWAY_PROTOCOL_RESTRICTION",
    }


def test_a_rule_that_allows_never_blocks(paths: list[tuple[int, Network, Path]]) -> None:
    """On networks that work for the question, because they were repaired, as well as on those that do not."""
    tried = 0
    for seed, network, path in paths[:90]:
        for each in path.blockers if path.repairable else ():
            assert each.repair is not None
            network = apply(each.repair, network)
        before = trace(network, path.question)
        chance = Chance(seed)
        for group in network.security_groups.values():
            wider = widened(network, group, chance.permission(group.vpc.removeprefix("vpc-")))
            after = trace(wider, path.question)
            assert not before.destination_ports - after.destination_ports, seed
            assert before.verdict is not Verdict.REACHABLE or after.verdict is Verdict.REACHABLE, seed
            tried += before.verdict is Verdict.REACHABLE
    assert tried > 60


def widened(network: Network, group: SecurityGroup, permission: Document) -> Network:
    """The network with one permission more, inbound and outbound."""
    read = network_from_json({"SecurityGroups": [{"GroupId": "sg-x", "IpPermissions": [permission]}]})
    rules = read.security_groups["sg-x"].ingress
    changed = replace(group, ingress=(*group.ingress, *rules), egress=(*group.egress, *rules))
    return replace(network, security_groups={**network.security_groups, group.id: changed})


def test_the_same_question_has_the_same_answer_and_log(paths: list[tuple[int, Network, Path]]) -> None:
    for seed, network, path in paths[:100]:
        again = drawn(seed)
        assert again is not None
        assert path_to_json(again[2]) == path_to_json(path)
        assert flow_log(again[2], network, 0) == flow_log(path, network, 0)


# Each port by itself, with an oracle that knows nothing of intervals


def rule_lets_in(permission: Document, address: str, protocol: str, port: int, members: set[str]) -> bool:
    if permission["IpProtocol"] not in ("-1", protocol):
        return False
    if permission["IpProtocol"] != "-1" and not permission["FromPort"] <= port <= permission["ToPort"]:
        return False
    blocks = [each["CidrIp"] for each in permission.get("IpRanges", ())]
    blocks += [each["CidrIpv6"] for each in permission.get("Ipv6Ranges", ())]
    if any(ip_address(address) in ip_network(each) for each in blocks):
        return True
    return any(each["GroupId"] in members for each in permission.get("UserIdGroupPairs", ()))


def acl_lets_through(acl: Document, egress: bool, address: str, protocol: str, port: int) -> bool:
    number = {"tcp": "6", "udp": "17"}[protocol]
    for entry in sorted(acl["Entries"], key=lambda each: int(each["RuleNumber"])):
        block = entry.get("CidrBlock") or entry["Ipv6CidrBlock"]
        ports = entry.get("PortRange", {"From": 0, "To": 65535})
        if (
            entry["Egress"] is egress
            and entry["Protocol"] in ("-1", number)
            and ip_address(address) in ip_network(block)
            and (entry["Protocol"] == "-1" or ports["From"] <= port <= ports["To"])
        ):
            return bool(entry["RuleAction"] == "allow")
    return False


@pytest.mark.parametrize("seed", range(60))
def test_each_port_between_two_subnets_is_judged_as_one_port_would_be(seed: int) -> None:
    chance = Chance(seed)
    chance.subnets["a"] = [1, 2]
    document = chance.document()
    for each in document["Instances"]:
        each["State"]["Name"] = "running"
    interfaces = {each["NetworkInterfaceId"]: each for each in document["NetworkInterfaces"]}
    one, other = interfaces["eni-a110"], interfaces["eni-a210"]
    protocol = chance.random.choice(["tcp", "udp"])
    asked = {"from": "eni-a110", "to": "eni-a210", "protocol": protocol, "port": "0-65535"}

    path = trace(network_from_json(document), question_from_json(asked))

    there, back = by_hand(document, one, other, protocol)
    for port in telling_ports(document, path.destination_ports, range(65536)):
        assert (port in path.destination_ports) is there(port), port
    for port in telling_ports(document, path.client_ports, range(32768, 61000)):
        assert (port in path.client_ports) is back(port), port


def telling_ports(document: Document, found: Ports, among: range) -> list[int]:
    """The ports at every edge: of any rule, and of what was found; between edges nothing changes."""
    edges = {0, 65535, among.start, among.stop - 1, *(edge for each in found.ranges for edge in each)}
    for group in document["SecurityGroups"]:
        for rule in (*group["IpPermissions"], *group["IpPermissionsEgress"]):
            edges |= {rule.get("FromPort", 0), rule.get("ToPort", 0)}
    for acl in document["NetworkAcls"]:
        for entry in acl["Entries"]:
            edges |= {*entry.get("PortRange", {}).values()}
    near = {edge + step for edge in edges for step in (-1, 0, 1)}
    return sorted(port for port in near if port in among)


def by_hand(document: Document, one: Document, other: Document, protocol: str) -> tuple[Any, Any]:
    """Whether a single port passes from one interface to another, and a single port of the reply back."""
    groups = {each["GroupId"]: each for each in document["SecurityGroups"]}
    acls = {each["Associations"][0]["SubnetId"]: each for each in document["NetworkAcls"]}
    here, there = one["PrivateIpAddress"], other["PrivateIpAddress"]
    own = {each["GroupId"] for each in one["Groups"]}
    others = {each["GroupId"] for each in other["Groups"]}
    out, into = acls[one["SubnetId"]], acls[other["SubnetId"]]

    def passes(port: int) -> bool:
        leaves = any(
            rule_lets_in(rule, there, protocol, port, others)
            for id in own
            for rule in groups[id]["IpPermissionsEgress"]
        )
        enters = any(
            rule_lets_in(rule, here, protocol, port, own)
            for id in others
            for rule in groups[id]["IpPermissions"]
        )
        return (
            leaves
            and enters
            and acl_lets_through(out, True, there, protocol, port)
            and acl_lets_through(into, False, here, protocol, port)
        )

    def returns(port: int) -> bool:
        return acl_lets_through(into, True, here, protocol, port) and acl_lets_through(
            out, False, there, protocol, port
        )

    return passes, returns
