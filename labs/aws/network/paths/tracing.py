"""From a question to a path: there, back, and what would have to change.

Blockers are found one by one: with the first repaired, the path is followed again, until it works or
something cannot be repaired. So every repair fits the ones before it, and all of them together are known to
suffice. The idea of a blocked path whose repair makes it feasible is from Bayless et al., "Debugging Network
Reachability with Blocked Paths" (CAV 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from labs.aws.network.paths.applying import apply
from labs.aws.network.paths.causes import Fault
from labs.aws.network.paths.filters import Packet
from labs.aws.network.paths.hops import Blocker, Code, Direction, End, EndKind, Hop, HopKind, Path
from labs.aws.network.paths.internet import outside, unmapped
from labs.aws.network.paths.network import Network
from labs.aws.network.paths.places import stand_ins, the_ends
from labs.aws.network.paths.ports import ALL_PORTS, Ports
from labs.aws.network.paths.repairs import repair_for
from labs.aws.network.paths.traffic import ICMP, ICMPV6, TRANSLATED, Question, has_ports
from labs.aws.network.paths.values import Address
from labs.aws.network.paths.walk import Step, Walk
from labs.aws.network.paths.wording import sender
from labs.errors import InputError

__all__ = ["trace"]

_TRANSLATING: Final = (
    "lambda",
    "load_balancer",
    "network_load_balancer",
    "gateway_load_balancer",
    "nat_gateway",
)


@dataclass(frozen=True, slots=True)
class Trip:
    """Both ways of a packet, followed once."""

    source: End
    destination: End
    protocol: int
    forward: tuple[Hop, ...]
    reply: tuple[Hop, ...]
    faults: tuple[Fault, ...]


def trace(network: Network, question: Question) -> Path:
    """Follow a packet and its answer, and find all that blocks them.

    Raises:
        InputError: an end of the question is not in the network, or the ends do not fit together.
    """
    anybody = stand_ins(network, question)
    first = _follow(network, question, anybody)
    blockers, repairable = _blockers(network, question, anybody, first)
    return Path(
        question,
        first.source,
        first.destination,
        first.protocol,
        first.forward,
        first.reply,
        blockers,
        repairable,
    )


def _blockers(
    network: Network, question: Question, anybody: Mapping[int, Address], first: Trip
) -> tuple[tuple[Blocker, ...], bool]:
    """Each blocker with its repair, in the order of the path; and whether the repairs are enough."""
    at_first = {fault.key: fault for fault in first.faults}
    found: list[Blocker] = []
    repaired: set[object] = set()
    trip = first
    while trip.faults and trip.faults[0].key not in repaired:
        fault = trip.faults[0]
        repaired.add(fault.key)
        blocker = _blocker(network, fault, at_first.get(fault.key))
        found.append(blocker)
        if blocker.repair is None:
            rest = [_blocker(network, each, at_first.get(each.key)) for each in trip.faults[1:]]
            return (*found, *rest), False
        network = apply(blocker.repair, network)
        trip = _follow(network, question, anybody)
    return tuple(found), not trip.faults


def _blocker(network: Network, fault: Fault, at_first: Fault | None) -> Blocker:
    """A fault with its repair; what it says is what it said before anything was repaired."""
    said = at_first or fault
    repair = repair_for(network, fault)
    return Blocker(
        said.component, said.code, said.direction, said.detail, said.lost, repair, behind=at_first is None
    )


def _follow(network: Network, question: Question, anybody: Mapping[int, Address]) -> Trip:
    """Follow the packet, and if it arrives, its answer."""
    source, destination = the_ends(network, question, anybody)
    protocol = question.protocol
    if protocol == ICMP and destination.address.version == 6:
        protocol = ICMPV6
    forward = Walk(network, Direction.FORWARD, (source, destination))
    packet = Packet(
        source.address,
        destination.address,
        protocol,
        _asked_ports(question, destination),
        _client_ports(question, source),
        service=destination.service if destination.kind is EndKind.SERVICE else "",
    )
    forward.run(lambda: _start(forward, packet))
    reply = Walk(network, Direction.REPLY, (source, destination), forward)
    if forward.arrived is not None:
        reply.run(lambda: _answer(forward, reply))
        if reply.arrived is None and not reply.faults:
            _lost(reply)
    elif not forward.faults:
        _lost(forward)
    return Trip(
        source,
        destination,
        protocol,
        tuple(forward.hops),
        tuple(reply.hops),
        (*forward.faults, *reply.faults),
    )


def _asked_ports(question: Question, destination: End) -> Ports:
    if not has_ports(question.protocol):
        return ALL_PORTS
    if question.ports is not None:
        return question.ports
    return Ports.of(443) if destination.service else ALL_PORTS


def _client_ports(question: Question, source: End) -> Ports:
    """The ports that the source sends from, and gets its replies at."""
    if not has_ports(question.protocol):
        return ALL_PORTS
    if source.interface is not None and source.interface.kind in _TRANSLATING:
        return TRANSLATED
    return question.client.ephemeral


def _start(walk: Walk, packet: Packet) -> Step:
    source, destination = walk.ends
    if source.interface is not None:
        return walk.send(source.interface, packet)
    if destination.interface is None and destination.kind in (EndKind.INTERNET, EndKind.SERVICE):
        raise InputError(
            "The packet never comes to this network",
            f"{source.asked} and {destination.asked} are both outside.",
            "Name an instance, an interface or an address of this network at one end.",
        )
    walk.hop(HopKind.SOURCE, source.service or "internet", sender(packet), packet)
    if walk.network.public(packet.destination) is None:
        if destination.interface is not None:
            meant = str(destination.address) != destination.asked
            return unmapped(walk, destination.interface, packet, meant=meant)
        if destination.kind is EndKind.ADDRESS and str(packet.destination) not in walk.network.elastic_ips:
            detail = f"{packet.destination} is a private address, which the internet does not route"
            walk.stop(HopKind.HOST, str(packet.destination), Code.NO_POSSIBLE_DESTINATION, detail, packet)
            return None
    return outside(walk, packet)


def _answer(forward: Walk, reply: Walk) -> Step:
    """The answer sets out from where the packet has arrived."""
    assert forward.arrived is not None
    packet = forward.arrived.returned()
    place = forward.arrived_at
    if forward.arrived_through == "internet":
        return outside(reply, packet)
    if place is None:
        reply.hop(HopKind.HOST, forward.hops[-1].component, "the host answers", packet)
        return reply.finish(packet, None)
    if forward.arrived_through:
        rule = "the service answers through the endpoint"
        reply.hop(HopKind.ENDPOINT, forward.arrived_through, rule, packet)
        return reply.deliver(place.vpc, packet)
    assert place.interface is not None
    return reply.send(place.interface, packet)


def _lost(walk: Walk) -> None:
    """A packet that is still on its way after so many hops goes round in circles."""
    last = walk.hops[-1]
    detail = "the routes lead the packet round in circles, until its time to live is over"
    walk.stop(HopKind.ROUTE_TABLE, last.component, Code.NO_ROUTE_TO_DESTINATION, detail, last.packet)
