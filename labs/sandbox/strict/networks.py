"""VPCs and subnets: which blocks AWS takes and how it writes them, and what must be gone before they go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from labs.sandbox.strict.looks import (
    block_of,
    blocks_of,
    ec2_of,
    gateway_of,
    interfaces_in,
    subnet_of,
)
from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.patching import drawing_apart, instead
from labs.sandbox.strict.rules import Amendment, Asked, Refusal, Rule, clause

if TYPE_CHECKING:
    from labs.aws.network.addresses import Remark

__all__ = ["RULES", "patch"]

_VPC_BLOCKS = page("VPC User Guide", "VPC CIDR blocks", "vpc-cidr-blocks")
_SUBNET_BLOCKS = page("VPC User Guide", "Subnet CIDR blocks", "subnet-sizing")
_DEFAULT_VPC = page("VPC User Guide", "Default VPC components", "default-vpc-components")


# -- blocks ------------------------------------------------------------------------------------------------

# The fields that hold a block which AWS stores in its canonical form.
_BLOCKS = frozenset(
    {"CidrBlock", "CidrIp", "CidrIpv6", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "Ipv6CidrBlock"}
)


def _mask(ask: Asked) -> Amendment | None:
    masked = {}
    for name, value in parse_qsl(ask.form):
        if name.rpartition(".")[2] not in _BLOCKS:
            continue
        block = block_of(value)
        if block is not None and block.host:
            masked[name] = str(block)
    if not masked:
        return None
    given = dict(parse_qsl(ask.form))
    pairs = ", ".join(f"{given[name]} becomes {text}" for name, text in masked.items())
    return Amendment(masked, f"AWS sets the host bits of a block to zero: {pairs}.")


def _first_zone(ask: Asked) -> Amendment | None:
    if ask.text("AvailabilityZone") or ask.text("AvailabilityZoneId"):
        return None
    zones = sorted(zone.name for zone in ec2_of(ask).describe_availability_zones())
    return Amendment({"AvailabilityZone": zones[0]}) if zones else None


def _refused(remarks: Sequence[Remark]) -> Remark | None:
    return next((each for each in remarks if each.refused), None)


def _vpc_range(ask: Asked) -> Refusal | None:
    from labs.aws.network.addresses import vpc_remarks

    block = block_of(ask.text("CidrBlock"))
    remark = _refused(vpc_remarks(block)) if block and block.version == 4 else None
    if remark is None:
        return None
    message = f"The CIDR '{block}' is invalid."
    hint = "Take a /16 to a /28 of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
    return Refusal("InvalidVpc.Range", message, clause(remark.sentence), hint)


def _secondary(ask: Asked) -> Refusal | None:
    from labs.aws.network.addresses import secondary_remarks

    block, vpc = block_of(ask.text("CidrBlock")), ec2_of(ask).vpcs.get(ask.text("VpcId"))
    if block is None or vpc is None:
        return None
    remark = _refused(secondary_remarks(blocks_of(vpc), block))
    if remark is None or remark.code == "quota":  # moto counts them itself
        return None
    message = f"The CIDR '{block}' is invalid."
    if remark.code == "association":
        message = (
            f"The CIDR '{block}' is restricted. Use a CIDR from the same private address range as the "
            "current VPC CIDR, or use a publicly-routable CIDR. For additional restrictions, see "
            "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Subnets.html"
        )
    return Refusal("InvalidVpc.Range", message, clause(remark.sentence), "Take a block apart from it.")


def _subnet_range(ask: Asked) -> Refusal | None:
    from labs.aws.network.addresses import subnet_remarks

    block = block_of(ask.text("CidrBlock"))
    remark = _refused(subnet_remarks(block)) if block and block.version == 4 else None
    if remark is None:
        return None
    message = f"The CIDR '{block}' is invalid."
    return Refusal("InvalidSubnet.Range", message, clause(remark.sentence), "Take a /16 to a /28.")


# -- what must be gone first ---------------------------------------------------------------------------------


def _subnet_in_use(ask: Asked) -> Refusal | None:
    ec2, subnet_id = ec2_of(ask), ask.text("SubnetId")
    if subnet_of(ec2, subnet_id) is None:
        return None
    users = [_named(interface) for interface in interfaces_in(ec2, subnet=subnet_id)]
    if not users:
        return None
    return Refusal(
        "DependencyViolation",
        f"The subnet '{subnet_id}' has dependencies and cannot be deleted.",
        f"network interfaces are in the subnet: {_listed(users)}",
        "Terminate the instances in it, and delete its NAT gateways, endpoints and network interfaces.",
    )


def _named(interface: Any) -> str:
    instance = interface.instance
    return f"{interface.id} of {instance.id}" if instance is not None else str(interface.id)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _vpc_in_use(ask: Asked) -> Refusal | None:
    ec2, vpc_id = ec2_of(ask), ask.text("VpcId")
    held = [*_held_by(ec2, vpc_id)] if vpc_id in ec2.vpcs else []
    if not held:
        return None
    return Refusal(
        "DependencyViolation",
        f"The vpc '{vpc_id}' has dependencies and cannot be deleted.",
        f"the VPC still has {_listed(held)}",
        "Detach its gateways, and delete what is in it; its main route table, default security group and "
        "default network ACL go with it.",
    )


def _held_by(ec2: Any, vpc_id: str) -> Iterator[str]:
    gateway = gateway_of(ec2, vpc_id)
    if gateway is not None:
        yield f"the internet gateway {gateway.id}"
    for held in list(ec2.subnets.values()):
        yield from (f"the subnet {each.id}" for each in held.values() if each.vpc_id == vpc_id)
    for table in ec2.route_tables.values():
        if table.vpc_id == vpc_id and table.main_association_id is None:
            yield f"the route table {table.id}"
    for group in ec2.groups.get(vpc_id, {}).values():
        if not group.is_default:
            yield f"the security group {group.id}"
    for acl in ec2.network_acls.values():
        if acl.vpc_id == vpc_id and not acl.default:
            yield f"the network ACL {acl.id}"
    for endpoint in ec2.vpc_end_points.values():
        if endpoint.vpc_id == vpc_id and endpoint.state != "deleted":
            yield f"the endpoint {endpoint.id}"
    for egress in ec2.egress_only_internet_gateways.values():
        if egress.vpc_id == vpc_id:
            yield f"the egress-only internet gateway {egress.id}"


# -- what a VPC begins with ----------------------------------------------------------------------------------


def patch() -> None:
    """Have moto's VPCs begin and end as AWS's do."""
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.security_groups import SecurityGroupRule

    @instead(EC2Backend, "create_vpc")
    def with_group(create: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        vpc = create(self, *args, **kwargs)
        group = self.get_default_security_group(vpc.id)
        if DEFAULT_GROUP.on and group is not None and not group.ingress_rules:
            itself = {"GroupId": group.id, "OwnerId": self.account_id, "UserId": self.account_id}
            with drawing_apart(group.id):
                rule = SecurityGroupRule(self, "-1", group.id, None, None, None, itself, is_egress=False)
            group.add_ingress_rule(rule)
        return vpc

    @instead(EC2Backend, "create_default_vpc")
    def with_gateway(create: Any, self: Any) -> Any:
        vpc = create(self)
        if DEFAULT_GATEWAY.on:
            with drawing_apart(vpc.id):
                gateway = self.create_internet_gateway()
            self.attach_internet_gateway(gateway.id, vpc.id)
            main = next(each for each in self.route_tables.values() if _is_main(each, vpc.id))
            self.create_route(main.id, "0.0.0.0/0", gateway_id=gateway.id)
        return vpc

    @instead(EC2Backend, "delete_vpc")
    def with_acl(delete: Any, self: Any, vpc_id: str) -> Any:
        vpc = delete(self, vpc_id)
        if VPC_TAKES_ALONG.on:
            for acl in [each for each in self.network_acls.values() if each.vpc_id == vpc_id]:
                del self.network_acls[acl.id]
        return vpc

    @instead(EC2Backend, "delete_subnet")
    def with_associations(delete: Any, self: Any, subnet_id: str) -> Any:
        subnet = delete(self, subnet_id)
        if SUBNET_TAKES_ALONG.on:
            for acl in self.network_acls.values():
                kept = {id: each for id, each in acl._associations.items() if each.subnet_id != subnet_id}
                acl._associations = kept
            for table in self.route_tables.values():
                table._associations = {id: at for id, at in table._associations.items() if at != subnet_id}
        return subnet


def _is_main(table: Any, vpc_id: str) -> bool:
    return table.vpc_id == vpc_id and table.main_association_id is not None


DEFAULT_GATEWAY = Rule(
    "ec2.default-vpc-gateway",
    "repairs",
    "The default VPC has an internet gateway, and its main route table sends 0.0.0.0/0 there.",
    "Its default VPC has neither, though its subnets give out public addresses.",
    _DEFAULT_VPC,
    operations=("ec2:CreateDefaultVpc",),
)
DEFAULT_GROUP = Rule(
    "ec2.default-group-ingress",
    "repairs",
    "A VPC's default security group lets in whatever comes from members of the same group.",
    "Its default group lets nothing in.",
    page("VPC User Guide", "Default security groups for your VPCs", "default-security-group"),
    operations=("ec2:CreateVpc", "ec2:CreateDefaultVpc"),
)
VPC_TAKES_ALONG = Rule(
    "ec2.vpc-takes-its-acl",
    "repairs",
    "With a VPC goes its default network ACL.",
    "The default network ACL stays, of a VPC that is no more.",
    page("VPC User Guide", "Delete your VPC", "delete-vpc"),
    operations=("ec2:DeleteVpc",),
)
SUBNET_TAKES_ALONG = Rule(
    "ec2.subnet-takes-its-associations",
    "repairs",
    "With a subnet go its associations with a network ACL and a route table.",
    "They stay, and name a subnet that is no more.",
    ec2_api("DeleteSubnet"),
    operations=("ec2:DeleteSubnet",),
)

RULES = (
    Rule(
        "ec2.cidr-host-bits",
        "repairs",
        "A block is stored in its canonical form: 10.0.3.1/28 becomes 10.0.3.0/28.",
        "It keeps the block as it was typed.",
        _VPC_BLOCKS,
        operations=(
            "ec2:CreateVpc",
            "ec2:AssociateVpcCidrBlock",
            "ec2:CreateSubnet",
            "ec2:CreateRoute",
            "ec2:ReplaceRoute",
            "ec2:DeleteRoute",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:CreateNetworkAclEntry",
            "ec2:ReplaceNetworkAclEntry",
        ),
        amend=_mask,
    ),
    Rule(
        "ec2.vpc-range",
        "refuses",
        "A VPC's block is a /16 to a /28, and not loopback, link-local, multicast or reserved.",
        "It takes 127.0.0.0/16, 169.254.0.0/16 and 224.0.0.0/16.",
        _VPC_BLOCKS,
        operations=("ec2:CreateVpc",),
        code="InvalidVpc.Range",
        check=_vpc_range,
    ),
    Rule(
        "ec2.vpc-secondary-range",
        "refuses",
        "A further block of a VPC overlaps none that it has, and is of a range that may join them.",
        "It takes a block that overlaps, and one of another private range.",
        _VPC_BLOCKS,
        operations=("ec2:AssociateVpcCidrBlock",),
        code="InvalidVpc.Range",
        check=_secondary,
    ),
    Rule(
        "ec2.subnet-range",
        "refuses",
        "A subnet's block is a /16 to a /28.",
        "It takes a /29, and smaller ones.",
        _SUBNET_BLOCKS,
        operations=("ec2:CreateSubnet",),
        code="InvalidSubnet.Range",
        check=_subnet_range,
    ),
    Rule(
        "ec2.subnet-zone",
        "repairs",
        "AWS chooses the zone of a subnet that names none; here it is the first of the region.",
        "It draws lots, for us-east-1e too, where no current instance type can be launched.",
        ec2_api("CreateSubnet"),
        operations=("ec2:CreateSubnet",),
        amend=_first_zone,
    ),
    Rule(
        "ec2.subnet-in-use",
        "refuses",
        "A subnet can be deleted when no network interface is left in it.",
        "It deletes a subnet under running instances.",
        page("VPC User Guide", "Delete a subnet", "subnet-deleting"),
        operations=("ec2:DeleteSubnet",),
        code="DependencyViolation",
        check=_subnet_in_use,
    ),
    Rule(
        "ec2.vpc-in-use",
        "refuses",
        "A VPC can be deleted when its gateways are detached, and all but its defaults is deleted.",
        "It looks at subnets and route tables only.",
        ec2_api("DeleteVpc"),
        operations=("ec2:DeleteVpc",),
        code="DependencyViolation",
        check=_vpc_in_use,
    ),
    DEFAULT_GATEWAY,
    DEFAULT_GROUP,
    VPC_TAKES_ALONG,
    SUBNET_TAKES_ALONG,
)
