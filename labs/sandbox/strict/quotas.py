"""Quotas: how many there may be of each thing, in a Region or in what holds them.

The numbers are those that AWS grants at first, but for vCPUs: there a new account begins with 5 of standard
instances and none of the others, and is raised as it is used. The sandbox's account has been raised to 64.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from labs.aws.ec2 import InstanceType
from labs.errors import Ec2Error
from labs.sandbox.strict.looks import ec2_of, instance_of, instances_of, subnet_of
from labs.sandbox.strict.pages import page
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["RULES", "VCPUS", "room_for"]

_VPC_QUOTAS = page("VPC User Guide", "Amazon VPC quotas", "amazon-vpc-limits")
VCPUS: Final = 64
_NAT_GATEWAYS: Final = 5  # for each zone
_INTERNET_GATEWAYS: Final = 5  # for each Region


def _limit(ask: Asked, held: int, name: str, code: str, message: str) -> Refusal | None:
    from labs.aws.network.addresses import QUOTAS

    quota = QUOTAS[name]
    if held < quota.limit:
        return None
    because = f"there are {held} {quota.name}, and the quota is {quota.limit} for each {quota.per}"
    return Refusal(code, message, because, "Delete one that is not needed. AWS raises quotas on request.")


def _vpcs(ask: Asked) -> Refusal | None:
    held = len(ec2_of(ask).vpcs)
    return _limit(ask, held, "vpcs", "VpcLimitExceeded", "The maximum number of VPCs has been reached.")


def _addresses(ask: Asked) -> Refusal | None:
    message = "The maximum number of addresses has been reached."
    return _limit(ask, len(ec2_of(ask).addresses), "elastic_ips", "AddressLimitExceeded", message)


def _subnets(ask: Asked) -> Refusal | None:
    held = (each for subnets in ec2_of(ask).subnets.values() for each in subnets.values())
    count = sum(each.vpc_id == ask.text("VpcId") for each in held)
    message = "The maximum number of subnets has been reached."
    return _limit(ask, count, "subnets", "SubnetLimitExceeded", message)


def _routes(ask: Asked) -> Refusal | None:
    table = ec2_of(ask).route_tables.get(ask.text("RouteTableId"))
    count = sum(not each.local for each in table.routes) if table is not None else 0
    message = "The maximum number of routes has been reached."
    return _limit(ask, count, "routes", "RouteLimitExceeded", message)


def _entries(ask: Asked) -> Refusal | None:
    acl = ec2_of(ask).network_acls.get(ask.text("NetworkAclId"))
    egress = bool(ask.params.get("Egress"))
    entries = acl.network_acl_entries if acl is not None else ()
    count = sum(each.egress == egress and each.rule_number <= 32_766 for each in entries)
    message = "The maximum number of network acl entries has been reached."
    return _limit(ask, count, "nacl_rules", "NetworkAclEntryLimitExceeded", message)


def _groups(ask: Asked) -> Refusal | None:
    from labs.aws.network.addresses import QUOTAS

    quota = QUOTAS["groups"]
    named = (*ask.texts("SecurityGroupIds"), *ask.texts("SecurityGroups"))
    if ask.call.operation != "RunInstances":
        named = ask.texts("Groups")
    several = [len(set(named)), *_of_interfaces(ask.params.get("NetworkInterfaces") or ())]
    most = max(several)
    if most <= quota.limit:
        return None
    return Refusal(
        "SecurityGroupsPerInterfaceLimitExceeded",
        "The maximum number of security groups per interface has been reached.",
        f"{most} groups are named, and an interface has {quota.limit} at most",
        "Put their rules into fewer groups.",
    )


def _of_interfaces(nics: Iterable[Any]) -> list[int]:
    return [len(set(nic.get("Groups") or ())) for nic in nics]


def _internet_gateways(ask: Asked) -> Refusal | None:
    held = len(ec2_of(ask).internet_gateways)
    if held < _INTERNET_GATEWAYS:
        return None
    return Refusal(
        "InternetGatewayLimitExceeded",
        "The maximum number of internet gateways has been reached.",
        f"there are {held} internet gateways, and the quota is {_INTERNET_GATEWAYS} for each Region",
        "Delete one that is attached to no VPC.",
    )


def _nat_gateways(ask: Asked) -> Refusal | None:
    ec2 = ec2_of(ask)
    subnet = subnet_of(ec2, ask.text("SubnetId"))
    if subnet is None:
        return None
    live = (each for each in ec2.nat_gateways.values() if each.state not in ("deleted", "failed"))
    zones = (subnet_of(ec2, each.subnet_id) for each in live)
    held = sum(each is not None and each.availability_zone == subnet.availability_zone for each in zones)
    if held < _NAT_GATEWAYS:
        return None
    return Refusal(
        "NatGatewayLimitExceeded",
        f"Performing this operation would exceed the limit of {_NAT_GATEWAYS} NAT gateways",
        f"{subnet.availability_zone} has {held} NAT gateways, and the quota is {_NAT_GATEWAYS} for each zone",
        "Delete one that is not needed.",
    )


# -- vCPUs -------------------------------------------------------------------------------------------------

# How AWS puts the families of instance types together for the quotas of running instances.
_BUCKETS: Final = {
    **dict.fromkeys(("a", "c", "d", "h", "i", "m", "r", "t", "z", "im", "is"), "Standard"),
    **dict.fromkeys(("g", "gr", "vt"), "G and VT"),
    "f": "F",
    "p": "P",
    "x": "X",
    "u": "High Memory",
    "dl": "DL",
    "inf": "Inf",
    "trn": "Trn",
    "hpc": "HPC",
}


def _bucket(type_name: str) -> str:
    try:
        family = InstanceType.parse(type_name).family
    except Ec2Error:
        return ""
    return _BUCKETS.get(family, family)


def _vcpus(type_name: str) -> int:
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    row = INSTANCE_TYPES.get(type_name)
    return int(row["VCpuInfo"]["DefaultVCpus"]) if row else 0


def _in_use(ask: Asked, type_name: str, spot: bool) -> int:
    bucket = _bucket(type_name)
    running = (each for each in instances_of(ec2_of(ask)) if each.state in ("pending", "running"))
    alike = (each for each in running if (each.lifecycle == "spot") == spot)
    return sum(_vcpus(each.instance_type) for each in alike if _bucket(each.instance_type) == bucket)


def _is_spot(ask: Asked) -> bool:
    return (ask.params.get("InstanceMarketOptions") or {}).get("MarketType") == "spot"


def room_for(ask: Asked) -> int:
    """How many instances of the type of a launch the quota of vCPUs has room for."""
    type_name = ask.text("InstanceType")
    each = _vcpus(type_name)
    return (VCPUS - _in_use(ask, type_name, _is_spot(ask))) // each if each else VCPUS


def _vcpu_limit(ask: Asked) -> Refusal | None:
    many, spot = int(ask.params.get("MinCount") or 1), _is_spot(ask)
    return _too_many_vcpus(ask, ask.text("InstanceType"), many, spot)


def _start_limit(ask: Asked) -> Refusal | None:
    found = (instance_of(ec2_of(ask), each) for each in ask.texts("InstanceIds"))
    for instance in (each for each in found if each is not None and each.state == "stopped"):
        refusal = _too_many_vcpus(ask, instance.instance_type, 1, instance.lifecycle == "spot")
        if refusal is not None:
            return refusal
    return None


def _too_many_vcpus(ask: Asked, type_name: str, many: int, spot: bool) -> Refusal | None:
    wanted, used = many * _vcpus(type_name), _in_use(ask, type_name, spot)
    if wanted + used <= VCPUS:
        return None
    because = (
        f"{many} × {type_name} are {wanted} vCPUs, {used} of {_bucket(type_name)} instances are running, and "
        f"the quota of this account is {VCPUS}"
    )
    hint = "Stop or terminate what is not needed, or take a smaller type. AWS raises the quota on request."
    if spot:
        return Refusal("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded", because, hint)
    message = (
        f"You have requested more vCPU capacity than your current vCPU limit of {VCPUS} allows for the "
        "instance bucket that the specified instance type belongs to. Please visit "
        "http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit."
    )
    return Refusal("VcpuLimitExceeded", message, because, hint)


_ANY = "It makes any number."


def _quota(id: str, says: str, operations: tuple[str, ...], code: str, check: Any, moto: str = _ANY) -> Rule:
    return Rule(id, "refuses", says, moto, _VPC_QUOTAS, operations=operations, code=code, check=check)


RULES = (
    _quota("ec2.quota-vpcs", "A Region has 5 VPCs.", ("ec2:CreateVpc",), "VpcLimitExceeded", _vpcs),
    _quota(
        "ec2.quota-addresses",
        "A Region has 5 Elastic IP addresses.",
        ("ec2:AllocateAddress",),
        "AddressLimitExceeded",
        _addresses,
    ),
    _quota(
        "ec2.quota-subnets",
        "A VPC has 200 subnets.",
        ("ec2:CreateSubnet",),
        "SubnetLimitExceeded",
        _subnets,
    ),
    _quota(
        "ec2.quota-routes",
        "A route table has 50 routes.",
        ("ec2:CreateRoute",),
        "RouteLimitExceeded",
        _routes,
    ),
    _quota(
        "ec2.quota-acl-entries",
        "A network ACL has 20 entries in each direction.",
        ("ec2:CreateNetworkAclEntry",),
        "NetworkAclEntryLimitExceeded",
        _entries,
    ),
    _quota(
        "ec2.quota-groups",
        "A network interface has 5 security groups.",
        (
            "ec2:RunInstances",
            "ec2:CreateNetworkInterface",
            "ec2:ModifyNetworkInterfaceAttribute",
            "ec2:ModifyInstanceAttribute",
        ),
        "SecurityGroupsPerInterfaceLimitExceeded",
        _groups,
        "It takes any number.",
    ),
    _quota(
        "ec2.quota-internet-gateways",
        "A Region has 5 internet gateways.",
        ("ec2:CreateInternetGateway",),
        "InternetGatewayLimitExceeded",
        _internet_gateways,
    ),
    _quota(
        "ec2.quota-nat-gateways",
        "An Availability Zone has 5 NAT gateways.",
        ("ec2:CreateNatGateway",),
        "NatGatewayLimitExceeded",
        _nat_gateways,
    ),
    Rule(
        "ec2.quota-vcpus",
        "refuses",
        "Running instances share a quota of vCPUs for each group of families, and Spot Instances another.",
        "It launches any number of any size.",
        page("EC2 User Guide", "Amazon EC2 service quotas", "ec2-resource-limits"),
        operations=("ec2:RunInstances",),
        code="VcpuLimitExceeded",
        check=_vcpu_limit,
    ),
    Rule(
        "ec2.quota-vcpus-at-start",
        "refuses",
        "A stopped instance starts when the quota of vCPUs has room for it.",
        "It starts any number of any size.",
        page("EC2 User Guide", "Amazon EC2 service quotas", "ec2-resource-limits"),
        operations=("ec2:StartInstances",),
        code="VcpuLimitExceeded",
        check=_start_limit,
    ),
)
