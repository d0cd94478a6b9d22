"""One CIDR, several answers: what AWS and the tools around it make of the same text.

Sources: VPC User Guide, "VPC CIDR blocks" (canonical form); Terraform documentation, "cidrsubnet"; Python
documentation, "ipaddress" (strict); netaddr documentation, "IPNetwork"; aws-cdk-lib, `CidrBlock` ("the next
available block will be returned").
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from labs.aws.network.addresses.block import Block

__all__ = ["Dialect", "dialects"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one tool makes of a block: the text of its answer, None where it refuses, and why."""

    who: str
    answer: str | None
    why: str


def dialects(block: Block) -> tuple[Dialect, ...]:
    """The answers of AWS, Terraform, Python, netaddr and moto, and CDK to what was written."""
    written = block.written or str(block)
    return (
        Dialect("AWS", str(block), "sets the host bits to zero"),
        Dialect("Terraform", str(block), "sets the host bits to zero"),
        _python(block, written),
        Dialect("netaddr, moto", written, "keep what was written"),
        _cdk(block),
    )


def _python(block: Block, written: str) -> Dialect:
    try:
        return Dialect("Python", str(ip_network(written)), "takes a block without host bits only")
    except ValueError as error:
        return Dialect("Python", None, f"ValueError: {error}")


def _cdk(block: Block) -> Dialect:
    """CDK rounds up to the next block; it knows IPv4 only."""
    if block.version == 6:
        return Dialect("CDK", None, "its VPC takes an IPv4 block")
    start = block.stop if block.host else block.start
    if start >> 32:
        return Dialect("CDK", None, "no block follows the last one")
    answer = Block(4, start, block.prefix)
    return Dialect("CDK", str(answer), "rounds up to the next block, where host bits are set")
