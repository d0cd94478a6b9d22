"""Peering connections: two VPCs whose blocks overlap cannot be peered."""

from __future__ import annotations

from typing import Any

from labs.sandbox.strict.looks import blocks_of
from labs.sandbox.strict.pages import page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Rule

__all__ = ["RULES", "patch"]

_WORDS = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"


def patch() -> None:
    """Have moto's peering connections fail where AWS's do."""
    from moto.ec2.models import EC2Backend

    @instead(EC2Backend, "create_vpc_peering_connection")
    def made(create: Any, self: Any, vpc: Any, peer_vpc: Any, *args: Any, **kwargs: Any) -> Any:
        connection = create(self, vpc, peer_vpc, *args, **kwargs)
        shared = next(((a, b) for a in blocks_of(vpc) for b in blocks_of(peer_vpc) if a.overlaps(b)), None)
        if OVERLAP.on and shared is not None:
            connection._status.code, connection._status.message = "failed", _WORDS
            OVERLAP.tell(
                "dropped",
                f"The peering connection fails: {shared[0]} of {vpc.id} and {shared[1]} of {peer_vpc.id} "
                "overlap, so that an address in both would have two places.",
                "Peer VPCs whose blocks are apart.",
            )
        return connection


OVERLAP = Rule(
    "ec2.peering-overlap",
    "repairs",
    "A peering connection between VPCs whose blocks overlap fails.",
    "It waits for its acceptance, and becomes active.",
    page("VPC Peering Guide", "How VPC peering connections work", "vpc-peering-basics"),
    operations=("ec2:CreateVpcPeeringConnection",),
)

RULES = (OVERLAP,)
