"""What security groups and network ACLs let pass, as sets of ports.

A security group adds up its rules, none of which denies. A network ACL takes its entries in the order of
their numbers; for each port the first that matches decides, and `*` at the end denies.

Source: VPC User Guide, "Security groups", "Security group rules", "Network ACL basics", "Network ACL rules".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from labs.aws.network.paths.network import Network, holds
from labs.aws.network.paths.ports import ALL_PORTS, NO_PORTS, Ports
from labs.aws.network.paths.traffic import ICMP, ICMPV6, has_ports
from labs.aws.network.paths.values import (
    ANY_PROTOCOL,
    AclEntry,
    Address,
    Cidr,
    GroupRule,
    NetworkAcl,
    NetworkInterface,
    SecurityGroup,
)

__all__ = ["Packet", "Screened", "by_acl", "by_groups", "in_prefix_list"]

_ECHO: Final = {(ICMP, False): 8, (ICMP, True): 0, (ICMPV6, False): 128, (ICMPV6, True): 129}
"""The ICMP types of an echo request and its reply, by protocol and whether it is the reply."""


@dataclass(frozen=True, slots=True)
class Packet:
    """The packets of one direction as they are at one point: their addresses, and which ports they may have.

    `ports` are those that they go to, `source_ports` those that they come from. `service` names the service
    whose address `destination` stands for. After a middlebox, groups are not known any more (`known_groups`).
    """

    source: Address
    destination: Address
    protocol: int
    ports: Ports
    source_ports: Ports
    reply: bool = False
    service: str = ""
    known_groups: bool = True

    def returned(self) -> Packet:
        """The packets that answer these."""
        return replace(
            self,
            source=self.destination,
            destination=self.source,
            ports=self.source_ports,
            source_ports=self.ports,
            reply=not self.reply,
            service="",
        )

    @property
    def icmp_type(self) -> int:
        """The type of an ICMP packet: an echo request or an echo reply."""
        return _ECHO[self.protocol, self.reply]


class RuleUse(NamedTuple):
    """A rule of a security group that lets ports pass."""

    group: str
    rule: GroupRule
    ports: Ports


class EntryUse(NamedTuple):
    """An entry of a network ACL that decides about ports; None is the final `*`."""

    entry: AclEntry | None
    ports: Ports


@dataclass(frozen=True, slots=True)
class Screened:
    """What a filter did: the ports that pass, by which rules, and what lost the others."""

    passed: Ports
    rules: tuple[RuleUse, ...] = ()
    entries: tuple[EntryUse, ...] = ()
    hidden_members: tuple[str, ...] = ()
    """Groups that are referred to, and whose member the packet comes from, though it cannot be known here."""

    @property
    def denied(self) -> tuple[EntryUse, ...]:
        """The entries of a network ACL that lost ports."""
        return tuple(use for use in self.entries if use.entry is None or not use.entry.allow)


def by_groups(
    network: Network,
    interface: NetworkInterface,
    groups: Iterable[SecurityGroup],
    packet: Packet,
    *,
    egress: bool,
) -> Screened:
    """What the security groups of an interface let pass, as if no connection were known."""
    peer = packet.destination if egress else packet.source
    passed, used, hidden = NO_PORTS, [], []
    for group in groups:
        for rule in group.egress if egress else group.ingress:
            ports = packet.ports & _covered(rule.protocol, rule.low, rule.high, packet)
            if not ports:
                continue
            if rule.peer_is_group and not packet.known_groups:
                if _is_member(network, str(rule.peer), interface.vpc, peer):
                    hidden.append(str(rule.peer))
            elif _matches(network, rule, interface.vpc, peer, packet):
                used.append(RuleUse(group.id, rule, ports))
                passed = passed | ports
    return Screened(passed, rules=tuple(used), hidden_members=tuple(dict.fromkeys(hidden)))


def _matches(network: Network, rule: GroupRule, vpc: str, peer: Address, packet: Packet) -> bool:
    """Whether the peer of a packet is the one that a rule is for."""
    if not isinstance(rule.peer, str):
        return peer.version == rule.peer.version and peer in rule.peer
    if rule.peer_is_group:
        return _is_member(network, rule.peer, vpc, peer)
    return in_prefix_list(network, rule.peer, peer, packet.service)


def _is_member(network: Network, group: str, vpc: str, peer: Address) -> bool:
    """Whether an interface of a group has this private address, in this VPC or one peered with it."""
    return any(
        peer in member.private() and network.shares_groups(member.vpc, vpc)
        for member in network.members(group)
    )


def in_prefix_list(network: Network, prefix_list: str, address: Address, service: str) -> bool:
    """Whether a prefix list holds an address, or those of the service that the address stands for."""
    known = network.prefix_lists.get(prefix_list)
    if known is not None and holds(known.cidrs, address):
        return True
    return bool(service) and network.service_of(prefix_list) == service


def by_acl(acl: NetworkAcl, packet: Packet, *, egress: bool) -> Screened:
    """What a network ACL lets pass."""
    peer = packet.destination if egress else packet.source
    uses = tuple(_decided(_concerning(acl.entries, peer, egress), packet))
    passed = NO_PORTS
    for use in uses:
        if use.entry is not None and use.entry.allow:
            passed = passed | use.ports
    return Screened(passed, entries=uses)


def _concerning(entries: Iterable[AclEntry], peer: Address, egress: bool) -> Iterator[AclEntry]:
    return (each for each in entries if each.egress is egress and _in_block(peer, each.cidr))


def _in_block(address: Address, block: Cidr) -> bool:
    return address.version == block.version and address in block


def _decided(entries: Iterable[AclEntry], packet: Packet) -> Iterator[EntryUse]:
    """Which entry decides about which ports; the final `*` about those that are left."""
    left = packet.ports
    for entry in entries:
        ports = left & _covered(entry.protocol, entry.low, entry.high, packet)
        if ports:
            yield EntryUse(entry, ports)
            left = left - ports
        if not left:
            return
    yield EntryUse(None, left)


def _covered(protocol: int, low: int, high: int, packet: Packet) -> Ports:
    """The ports of a packet's protocol that a rule is about; without ports, all of them or none."""
    if protocol == ANY_PROTOCOL:
        return ALL_PORTS
    if protocol != packet.protocol:
        return NO_PORTS
    if has_ports(protocol):
        return Ports(((low, high),))
    if protocol in (ICMP, ICMPV6):
        return ALL_PORTS if low in (-1, packet.icmp_type) and high in (-1, 0) else NO_PORTS
    return ALL_PORTS
