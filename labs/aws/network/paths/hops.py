"""The result of following a packet: hops, what blocks them, and how that could be repaired.

Source of the codes: Reachability Analyzer Guide, "Explanation codes".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from labs.aws.network.paths.filters import Packet
from labs.aws.network.paths.ports import ALL_PORTS, NO_PORTS, Ports
from labs.aws.network.paths.traffic import Question, has_ports
from labs.aws.network.paths.values import Address, NetworkInterface

__all__ = [
    "REFERENCE",
    "Blocker",
    "Call",
    "Code",
    "Direction",
    "End",
    "EndKind",
    "Hop",
    "HopKind",
    "Path",
    "Repair",
    "Verdict",
]


class Code(StrEnum):
    """Why a packet does not pass, in the words of Reachability Analyzer."""

    BAD_STATE = "BAD_STATE"
    BAD_STATE_ATTACHMENT = "BAD_STATE_ATTACHMENT"
    BAD_STATE_ROUTE = "BAD_STATE_ROUTE"
    ENI_SG_RULES_MISMATCH = "ENI_SG_RULES_MISMATCH"
    ENI_SOURCE_DEST_CHECK_RESTRICTION = "ENI_SOURCE_DEST_CHECK_RESTRICTION"
    IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"
    IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"
    IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
    IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    NGW_DEST_ADDRESS_PRESERVATION = "NGW_DEST_ADDRESS_PRESERVATION"
    NGW_REQUIRES_SOURCE_IN_VPC = "NGW_REQUIRES_SOURCE_IN_VPC"
    NGW_SOURCE_ADDRESS_REASSIGN = "NGW_SOURCE_ADDRESS_REASSIGN"
    NO_POSSIBLE_DESTINATION = "NO_POSSIBLE_DESTINATION"
    NO_ROUTE_TO_DESTINATION = "NO_ROUTE_TO_DESTINATION"
    PCX_REQUIRES_ADDRESS_IN_VPC_CIDR = "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"
    PROTOCOL_RESTRICTION = "PROTOCOL_RESTRICTION"
    SG_REFERENCES_NOT_PRESERVED = "SG_REFERENCES_NOT_PRESERVED"
    SUBNET_ACL_RESTRICTION = "SUBNET_ACL_RESTRICTION"
    UNKNOWN_DESTINATION = "UNKNOWN_DESTINATION"
    VPCE_GATEWAY_PROTOCOL_RESTRICTION = "VPCE_GATEWAY_PROTOCOL_RESTRICTION"

    EIGW_OUTBOUND_ONLY = "EIGW_OUTBOUND_ONLY"
    """Ours, in the style of AWS's: Reachability Analyzer has no code for egress-only internet gateways."""
    RESERVED_ADDRESS = "RESERVED_ADDRESS"
    """Ours: the destination is one of the link-local addresses that no route forwards to."""


class Direction(StrEnum):
    """The way out, or the way back."""

    FORWARD = "forward"
    REPLY = "reply"


class Verdict(StrEnum):
    """Whether a connection works: on all the ports that were asked for, on some, or on none."""

    REACHABLE = "reachable"
    PARTIAL = "partial"
    BLOCKED = "blocked"


class HopKind(StrEnum):
    """What a packet meets on its way."""

    SOURCE = "source"
    SECURITY_GROUP = "security group"
    NETWORK_ACL = "network ACL"
    ROUTE_TABLE = "route table"
    INTERNET_GATEWAY = "internet gateway"
    EGRESS_ONLY_GATEWAY = "egress-only internet gateway"
    NAT_GATEWAY = "NAT gateway"
    PEERING = "peering connection"
    ENDPOINT = "VPC endpoint"
    APPLIANCE = "appliance"
    HOST = "host"
    DESTINATION = "destination"


class EndKind(StrEnum):
    """What stands at an end of a path."""

    INTERFACE = "interface"
    INTERNET = "internet"
    SERVICE = "service"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class End:
    """One end of a path: what was asked for, what it was taken to be, and the address that is used for it.

    `anyone` says that the address stands for the whole internet. `service` is the name of a service's
    endpoint, such as `com.amazonaws.us-east-1.s3`.
    """

    asked: str
    kind: EndKind
    address: Address
    interface: NetworkInterface | None = None
    service: str = ""
    anyone: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One API call of a repair, with its parameters as boto3 takes them.

    `${address.AllocationId}`, alone or within a text, stands for a part of the response of an earlier call,
    the one with the label `address`; that call may belong to the repair of an earlier blocker.
    """

    operation: str
    parameters: Mapping[str, Any]
    service: str = "ec2"
    label: str = ""

    def as_json(self) -> dict[str, Any]:
        """The call as JSON; the label is there only where a later call needs it."""
        found: dict[str, Any] = {"operation": self.operation, "parameters": dict(self.parameters)}
        if self.service != "ec2":
            found["service"] = self.service
        if self.label:
            found["label"] = self.label
        return found


REFERENCE: Final = re.compile(r"\$\{(\w+)\.([\w.]+)\}")
"""A reference in a parameter: the label of the call, and the path in its response."""


def reference(label: str, path: str) -> str:
    """What stands for a part of the response of an earlier call, as `${gateway.InternetGateway.Id}`."""
    return f"${{{label}.{path}}}"


def public_reference(allocation: str) -> str:
    """What stands for the address of an Elastic IP whose allocation is itself a reference."""
    return allocation.replace(".AllocationId}", ".PublicIp}")


@dataclass(frozen=True, slots=True)
class Repair:
    """The smallest change that lets a blocked packet pass, as calls and as a sentence."""

    sentence: str
    calls: tuple[Call, ...]

    def as_json(self) -> dict[str, Any]:
        """The repair as JSON."""
        return {"sentence": self.sentence, "calls": [each.as_json() for each in self.calls]}


@dataclass(frozen=True, slots=True)
class Blocker:
    """What cuts a path, or some of its ports. Without a repair, no setting would help.

    `behind` says that an earlier blocker hides this one: it was found with the earlier ones repaired.
    """

    component: str
    code: Code
    direction: Direction
    detail: str
    lost: Ports
    repair: Repair | None = None
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing on the way, the rule by which it lets the packet pass or not, and that rule for machines.

    `side` is `in` or `out` for filters. `interface` is where a flow log would record what the hop decided.
    `asked` and `passed` are ports of the direction's destination; a hop that ends the way passes none.
    """

    kind: HopKind
    component: str
    name: str
    rule: str
    packet: Packet
    passed: Ports
    side: str = ""
    interface: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    code: Code | None = None

    @property
    def asked(self) -> Ports:
        """The ports that came here."""
        return self.packet.ports

    @property
    def lost(self) -> Ports:
        """The ports that do not go on."""
        return self.packet.ports - self.passed


@dataclass(frozen=True, slots=True)
class Path:
    """The answer to a question: both ways, the verdict, and everything that stands in the way.

    `reply` is empty when the packet does not arrive. `repairable` says that the verdict would be reachable
    with all the repairs, which has been tried.
    """

    question: Question
    source: End
    destination: End
    protocol: int
    forward: tuple[Hop, ...]
    reply: tuple[Hop, ...]
    blockers: tuple[Blocker, ...] = ()
    repairable: bool = False

    @property
    def verdict(self) -> Verdict:
        """Reachable, partial or blocked, of the whole round trip."""
        if not self.reply or not self.destination_ports or not self.client_ports:
            return Verdict.BLOCKED
        lost = any(each.lost for each in (*self.forward, *self.reply))
        return Verdict.PARTIAL if lost else Verdict.REACHABLE

    @property
    def destination_ports(self) -> Ports:
        """The ports of the destination that a packet reaches."""
        return _passed(self.forward)

    @property
    def client_ports(self) -> Ports:
        """The ports of the client that a reply reaches; behind a translator, where those are cut, its own.

        Replies go to the client's own ports on one stretch of the way and to a translator's on another.
        """
        spaces = dict.fromkeys(each.asked for each in reversed(self.reply))
        passed = {space: _passed([each for each in self.reply if each.asked == space]) for space in spaces}
        cut = [ports for space, ports in passed.items() if ports != space]
        return next(iter(cut or passed.values()), NO_PORTS)

    @property
    def ports(self) -> Ports:
        """The ports that pass, on the side where ports are lost; the destination's where none are.

        Filters know only the port that a packet goes to: on the way out the destination's, on the way back
        the client's. Whichever of the two was cut is what `partial` is about. A protocol without ports has
        none here, whatever the verdict.
        """
        if self.verdict is Verdict.BLOCKED or not has_ports(self.protocol):
            return NO_PORTS
        cut_on_the_way_back = not any(each.lost for each in self.forward) and any(
            each.lost for each in self.reply
        )
        return self.client_ports if cut_on_the_way_back else self.destination_ports

    def shown(self, ports: Ports) -> list[list[int]]:
        """Ports as JSON; none where the protocol has none."""
        return ports.as_json() if has_ports(self.protocol) else []


def _passed(hops: tuple[Hop, ...] | list[Hop]) -> Ports:
    passed = ALL_PORTS if hops else NO_PORTS
    for each in hops:
        passed = passed & each.passed
    return passed
