"""Routes: what may be their target, and when a route leads nowhere.

VPC User Guide, "Configure route tables" and "Route table concepts": a route more specific than the local
one must be for a whole subnet, and lead to a NAT gateway, a network interface or a Gateway Load Balancer
endpoint; a route whose target is gone is a blackhole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from labs.sandbox.strict.looks import block_of, blocks_of, ec2_of, instance_of
from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.rules import Asked, Refusal, Rule

if TYPE_CHECKING:
    from labs.aws.network.addresses import Block

__all__ = ["RULES", "patch"]

_CONCEPTS = page("VPC User Guide", "Route table concepts", "RouteTables")
_OPERATIONS = ("ec2:CreateRoute", "ec2:ReplaceRoute")


def _vpc_of(ec2: Any, ask: Asked) -> Any:
    table = ec2.route_tables.get(ask.text("RouteTableId"))
    return ec2.vpcs.get(table.vpc_id) if table is not None else None


def _destination(ask: Asked) -> Block | None:
    return block_of(ask.text("DestinationCidrBlock")) if ask.text("DestinationCidrBlock") else None


# -- targets -------------------------------------------------------------------------------------------------


def _known_target(ask: Asked) -> Refusal | None:
    """A gateway id that names something else, and the id of a NAT gateway that there is not."""
    gateway, nat = ask.text("GatewayId"), ask.text("NatGatewayId")
    if gateway and not gateway.startswith(("igw-", "vgw-", "vpce-", "local", "cagw-")):
        message = f"The gateway ID '{gateway}' does not exist"
        because = f"{gateway} is neither an internet gateway nor a virtual private gateway"
        return Refusal("InvalidGatewayID.NotFound", message, because, _parameter_for(gateway))
    if nat and _nat_of(ec2_of(ask), nat) is None:
        message = f"The natGateway ID '{nat}' does not exist"
        return Refusal("InvalidNatGatewayID.NotFound", message, f"there is no NAT gateway {nat}")
    return None


def _nat_of(ec2: Any, nat_id: str) -> Any:
    nat = ec2.nat_gateways.get(nat_id)
    return None if nat is None or nat.state == "deleted" else nat


_PARAMETERS = {
    "eni": "NetworkInterfaceId",
    "i": "InstanceId",
    "nat": "NatGatewayId",
    "pcx": "VpcPeeringConnectionId",
    "tgw": "TransitGatewayId",
}


def _parameter_for(target: str) -> str:
    parameter = _PARAMETERS.get(target.partition("-")[0])
    return f"Pass it as {parameter}." if parameter else "GatewayId takes an id that begins with igw-."


def _same_network(ask: Asked) -> Refusal | None:
    ec2 = ec2_of(ask)
    vpc = _vpc_of(ec2, ask)
    if vpc is None:
        return None
    table, gateway = ask.text("RouteTableId"), ec2.internet_gateways.get(ask.text("GatewayId"))
    if gateway is not None and (gateway.vpc is None or gateway.vpc.id != vpc.id):
        where = f"attached to {gateway.vpc.id}" if gateway.vpc is not None else "attached to no VPC"
        return Refusal(
            "InvalidParameterValue",
            f"route table {table} and network gateway {gateway.id} belong to different networks",
            f"the route table is of {vpc.id}, and the internet gateway is {where}",
            f"Attach it to {vpc.id} first.",
        )
    interface = _interface_of(ec2, ask)
    if interface is not None and interface.vpc_id != vpc.id:
        return Refusal(
            "InvalidParameterValue",
            f"route table {table} and interface {interface.id} belong to different networks",
            f"the route table is of {vpc.id}, and the target is in {interface.vpc_id}",
            "A route leads to a gateway or an interface of its own VPC, or to a peering connection.",
        )
    return None


def _interface_of(ec2: Any, ask: Asked) -> Any:
    """The interface that a route to an interface, an instance or a NAT gateway leads to."""
    if ask.text("NatGatewayId"):
        nat = _nat_of(ec2, ask.text("NatGatewayId"))
        return nat._eni if nat is not None else None
    if ask.text("InstanceId"):
        instance = instance_of(ec2, ask.text("InstanceId"))
        return instance.nics.get(0) if instance is not None else None
    return ec2.enis.get(ask.text("NetworkInterfaceId"))


# -- routes within the VPC -----------------------------------------------------------------------------------

_INSIDE = ("NatGatewayId", "NetworkInterfaceId", "InstanceId", "VpcEndpointId")


def _beside_local(ask: Asked) -> Refusal | None:
    ec2, destination = ec2_of(ask), _destination(ask)
    vpc = _vpc_of(ec2, ask)
    local = (
        next((each for each in blocks_of(vpc) if destination and each.covers(destination)), None)
        if vpc
        else None
    )
    if (
        destination is None
        or local is None
        or ask.params.get("LocalTarget")
        or ask.text("GatewayId") == "local"
    ):
        return None
    if not any(ask.text(each) for each in _INSIDE):
        return Refusal(
            "InvalidParameterValue",
            f"The destination CIDR block {destination} is equal to or more specific than one of this VPC's "
            "CIDR blocks. This route can target only an interface or an instance.",
            f"{destination} lies in {local}, for which the VPC has its local route",
            "Traffic within the VPC needs no route. A route inside of it leads to a NAT gateway, a network "
            "interface or a Gateway Load Balancer endpoint.",
        )
    subnets = [each for held in ec2.subnets.values() for each in held.values() if each.vpc_id == vpc.id]
    if any(block_of(each.cidr_block) == destination for each in subnets):
        return None
    return Refusal(
        "InvalidParameterValue",
        f"The destination CIDR block {destination} does not match the CIDR block of a subnet of this VPC.",
        f"a route more specific than the local one is for a whole subnet, and no subnet is {destination}",
        "Take the block of the subnet.",
    )


# -- blackholes ----------------------------------------------------------------------------------------------


def _leads_nowhere(route: Any) -> bool:
    """Whether the target of moto's route is gone, detached or not active."""
    if route.local:
        return False
    held = ((getattr(route, name), gone) for name, gone in _GONE.items())
    return any(gone(route, target) for target, gone in held if target is not None)


def _gateway_gone(route: Any, gateway: Any) -> bool:
    if not gateway.id.startswith("igw-"):
        return False
    return gateway.vpc is None or gateway.vpc.id != route.route_table.vpc_id


def _interface_gone(route: Any, interface: Any) -> bool:
    backend = route.route_table.ec2_backend
    return (
        interface.id not in backend.enis or interface.instance is None or _stopped(route, interface.instance)
    )


def _stopped(_: Any, instance: Any) -> bool:
    return instance.state in ("stopped", "terminated", "shutting-down")


_GONE: Mapping[str, Callable[[Any, Any], bool]] = {
    "gateway": _gateway_gone,
    "nat_gateway": lambda _, nat: nat.state == "deleted",
    "instance": _stopped,
    "interface": _interface_gone,
    "vpc_pcx": lambda _, pcx: pcx.status["Code"] != "active",
    "egress_only_igw": lambda route, egress: (
        egress.id not in route.route_table.ec2_backend.egress_only_internet_gateways
    ),
}


def patch() -> None:
    """Have moto's routes say that they lead nowhere."""
    from moto.ec2.models.route_tables import Route

    Route.state = property(lambda self: "blackhole" if BLACKHOLE.on and _leads_nowhere(self) else "active")


BLACKHOLE = Rule(
    "ec2.blackhole",
    "repairs",
    "A route is a blackhole while its target is gone, detached, stopped, or a peering connection that is not "
    "active.",
    "Each route is active, whatever becomes of its target.",
    page("EC2 API Reference", "Route", "API_Route"),
    operations=("ec2:DescribeRouteTables",),
)

RULES = (
    Rule(
        "ec2.route-target",
        "refuses",
        "The target of a route exists, and is named by the parameter that is for its kind.",
        "It makes a route without a target.",
        ec2_api("CreateRoute"),
        operations=_OPERATIONS,
        code="InvalidGatewayID.NotFound",
        check=_known_target,
    ),
    Rule(
        "ec2.route-network",
        "refuses",
        "A route leads to a gateway or an interface of the same VPC; an internet gateway is attached to it.",
        "It makes an active route to an internet gateway that is attached to no VPC.",
        page("VPC User Guide", "Example routing options", "route-table-options"),
        operations=_OPERATIONS,
        code="InvalidParameterValue",
        check=_same_network,
    ),
    Rule(
        "ec2.route-beside-local",
        "refuses",
        "A route more specific than the local one is for a whole subnet, and leads to a NAT gateway, a "
        "network interface or a Gateway Load Balancer endpoint.",
        "It makes a route to an internet gateway for a part of the VPC.",
        _CONCEPTS,
        operations=_OPERATIONS,
        code="InvalidParameterValue",
        check=_beside_local,
    ),
    BLACKHOLE,
)
