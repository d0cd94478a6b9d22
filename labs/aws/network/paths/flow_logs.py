"""What VPC Flow Logs would record of a path, at both ends of it.

Each line is a record in the default format of version 2: version, account, interface, source and destination
address, source and destination port, protocol, packets, bytes, start, end, action, status. There is one for
each direction that a network interface sees. A filter of the interface or of its subnet that drops makes it
REJECT; what is lost further on, in a gateway or a route table, was an ACCEPT here.

Source: VPC User Guide, "Flow log records", "Flow log record examples", "Flow log limitations".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from labs.aws.network.paths.hops import Hop, HopKind, Path
from labs.aws.network.paths.network import Network
from labs.aws.network.paths.traffic import ICMP, ICMPV6, TCP, has_ports
from labs.aws.network.paths.values import Address, NetworkInterface

__all__ = ["flow_log"]

INTERVAL: Final = 60
"""Seconds that a record spans; ten minutes is AWS's default, one minute the least."""
_UNKNOWN_ACCOUNT: Final = "unknown"
_BYTES: Final = {TCP: 40, ICMP: 64, ICMPV6: 64}
"""What one packet carries above IP: a TCP segment without data but with its options, a ping of 56 bytes."""


def flow_log(path: Path, network: Network, start: int) -> tuple[str, ...]:
    """The records of one packet and its answer, in the order in which they would be sent.

    Where some ports pass and others are lost, there are records for the first port of either kind.

    Args:
        start: when the packet is sent, in seconds since 1970.
    """
    lines: list[str] = []
    for sample in _samples(path):
        lines += _records(path, network, path.forward, sample, start)
        if sample[0] in path.destination_ports:  # nobody answers what does not arrive
            lines += _records(path, network, path.reply, sample, start)
    return tuple(dict.fromkeys(lines))


Sample = tuple[int, int]
"""A port of the destination, and one of the client."""


def _samples(path: Path) -> Iterator[Sample]:
    """The ports to show: one of each side that passes, and one that is lost."""
    if not has_ports(path.protocol):
        yield 0, 0
        return
    first = path.forward[0].packet
    passing = path.destination_ports or first.ports
    lost = first.ports - path.destination_ports
    coming_back = path.reply[0].packet.ports if path.reply else first.source_ports
    returning, unanswered = coming_back & path.client_ports, coming_back - path.client_ports
    client = (returning or first.source_ports).lowest
    yield passing.lowest, client
    if unanswered and returning:
        yield passing.lowest, unanswered.lowest
    if lost and path.destination_ports:
        yield lost.lowest, client


def _records(path: Path, network: Network, hops: Sequence[Hop], sample: Sample, start: int) -> Iterator[str]:
    """The records of one direction; they end where the packet does."""
    ends = [each.interface for each in (path.source, path.destination) if each.interface is not None]
    for interface in ends if hops is path.forward else ends[::-1]:
        own = [each for each in hops if each.interface == interface.id and each.kind in _FILTERS]
        if not own:
            continue
        before = hops[: hops.index(own[0])]
        port = _port(own[0], sample, path)
        if not all(port in each.passed for each in before if each.asked == own[0].asked or not each.passed):
            return
        accepted = all(port in each.passed for each in own)
        yield _line(network, interface, own[0], sample, path, start, accepted=accepted)
        if not accepted:
            return


_FILTERS: Final = (HopKind.SECURITY_GROUP, HopKind.NETWORK_ACL)


def _port(hop: Hop, sample: Sample, path: Path) -> int:
    """The port that a packet of the sample goes to, at a hop."""
    port = sample[1] if hop.packet.reply else sample[0]
    return port if port in hop.asked else hop.asked.lowest


def _line(
    network: Network,
    interface: NetworkInterface,
    hop: Hop,
    sample: Sample,
    path: Path,
    start: int,
    *,
    accepted: bool,
) -> str:
    packet = hop.packet
    to = _port(hop, sample, path)
    origin = sample[0] if packet.reply else sample[1]
    origin = origin if origin in packet.source_ports else packet.source_ports.lowest
    ports: Sequence[int] = (origin, to) if has_ports(packet.protocol) else (0, 0)
    account = interface.owner or _owner(network, interface) or _UNKNOWN_ACCOUNT
    fields: tuple[object, ...] = (
        2,
        account,
        interface.id,
        packet.source,
        packet.destination,
        *ports,
        packet.protocol,
        1,
        _size(packet.protocol, packet.source),
        start,
        start + INTERVAL,
        "ACCEPT" if accepted else "REJECT",
        "OK",
    )
    return " ".join(map(str, fields))


def _owner(network: Network, interface: NetworkInterface) -> str:
    vpc = network.vpcs.get(interface.vpc)
    return vpc.owner if vpc else ""


def _size(protocol: int, address: Address) -> int:
    """The bytes of one small packet with its IP header."""
    return (20 if address.version == 4 else 40) + _BYTES.get(protocol, 8)
