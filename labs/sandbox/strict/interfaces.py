"""Addresses of network interfaces: which may be asked for, which AWS gives, and when there are none left."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from ipaddress import ip_address
from typing import Any

from labs.sandbox.strict.looks import block_of, ec2_of, free_addresses, group_of, subnet_of
from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["RULES", "patch"]

_SIZING = page("VPC User Guide", "Subnet CIDR blocks", "subnet-sizing")
_ERRORS = page("EC2 API Reference", "Error codes for the Amazon EC2 API", "errors-overview")
_OPERATIONS = ("ec2:RunInstances", "ec2:CreateNetworkInterface", "ec2:AssignPrivateIpAddresses")


# -- addresses that are asked for ------------------------------------------------------------------------


def _wanted(ask: Asked) -> Iterator[tuple[Any, str]]:
    """Each address that a call asks for by name, with its subnet."""
    ec2 = ec2_of(ask)
    if ask.call.operation == "AssignPrivateIpAddresses":
        interface = ec2.enis.get(ask.text("NetworkInterfaceId"))
        subnet = interface.subnet if interface is not None else None
        own = {each["PrivateIpAddress"] for each in interface.private_ip_addresses} if interface else set()
        wanted = [(subnet, address) for address in ask.texts("PrivateIpAddresses") if address not in own]
    else:
        wanted = [*_addresses(ec2, ask.params)]
    for subnet, address in wanted:
        if subnet is not None and _is_address(address):
            yield subnet, address


def _addresses(ec2: Any, given: Any, outer: Any = None) -> Iterator[tuple[Any, str]]:
    subnet = subnet_of(ec2, given.get("SubnetId")) or outer
    if given.get("PrivateIpAddress"):
        yield subnet, str(given["PrivateIpAddress"])
    for each in given.get("PrivateIpAddresses") or ():
        address = each.get("PrivateIpAddress")
        if address and address != given.get("PrivateIpAddress"):
            yield subnet, str(address)
    for interface in given.get("NetworkInterfaces") or ():
        yield from _addresses(ec2, interface, subnet)


def _outside(ask: Asked) -> Refusal | None:
    for subnet, address in _wanted(ask):
        if ip_address(address) in subnet.cidr:
            continue
        return Refusal(
            "InvalidParameterValue",
            "Address does not fall within the subnet's address range",
            f"{address} is not in {subnet.cidr_block}, the block of {subnet.id}",
            "Leave the address out, and AWS takes a free one.",
        )
    return None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _reserved(ask: Asked) -> Refusal | None:
    from labs.aws.network.addresses import reserved

    for subnet, address in _wanted(ask):
        block = block_of(subnet.cidr_block)
        if block is None:
            continue
        kept = next((each for each in reserved(block) if each.address == address), None)
        if kept is not None:
            return Refusal(
                "InvalidParameterValue",
                f"Address {address} is in subnet's reserved address range",
                f"AWS keeps five addresses of each subnet, and {address} is one of them: {kept.role}",
                f"The first that is free for you is {block[4]}.",
            )
    return None


def _taken(ask: Asked) -> Refusal | None:
    for subnet, address in _wanted(ask):
        holder = next((each for each in ec2_of(ask).enis.values() if _has(each, subnet, address)), None)
        if holder is not None:
            return Refusal(
                "InvalidIPAddress.InUse",
                f"Address {address} is in use.",
                f"{holder.id} has the address",
                "Leave the address out, and AWS takes a free one.",
            )
    return None


def _has(interface: Any, subnet: Any, address: str) -> bool:
    held = (each.get("PrivateIpAddress") for each in interface.private_ip_addresses)
    return interface.subnet.id == subnet.id and address in held


def _full(ask: Asked) -> Refusal | None:
    ec2 = ec2_of(ask)
    subnet = subnet_of(ec2, ask.text("SubnetId")) or _first_subnet(ec2, ask)
    many = int(ask.params.get("MinCount") or 1)
    if subnet is None or free_addresses(subnet) >= many:
        return None
    words = "The specified subnet does not have enough free addresses to satisfy the request."
    if ask.call.operation == "RunInstances":
        words = (
            f"There are not enough free addresses in subnet '{subnet.id}' to satisfy the requested number of "
            "instances."
        )
    left = free_addresses(subnet)
    return Refusal(
        "InsufficientFreeAddressesInSubnet",
        words,
        f"{subnet.cidr_block} has {left} free address{'' if left == 1 else 'es'}, and {many} are needed; "
        "five of each subnet are AWS's own",
        "Take another subnet, or delete what has addresses in this one.",
    )


def _first_subnet(ec2: Any, ask: Asked) -> Any:
    named = (each.get("SubnetId") for each in ask.params.get("NetworkInterfaces") or ())
    return next((found for each in named if (found := subnet_of(ec2, each)) is not None), None)


# -- groups ----------------------------------------------------------------------------------------------


def _group_elsewhere(ask: Asked) -> Refusal | None:
    ec2 = ec2_of(ask)
    for subnet_id, group_ids in _groups(ask):
        subnet = subnet_of(ec2, subnet_id)
        for group in filter(None, (group_of(ec2, each) for each in group_ids)):
            if subnet is None or group.vpc_id == subnet.vpc_id:
                continue
            because = (
                f"{group.id} is a group of {group.vpc_id}, and {subnet.id} is a subnet of {subnet.vpc_id}"
            )
            hint = f"Take a security group of {subnet.vpc_id}."
            if ask.call.operation == "RunInstances":
                words = f"Security group {group.id} and subnet {subnet.id} belong to different networks."
                return Refusal("InvalidParameter", words, because, hint)
            words = "You have specified two resources that belong to different networks."
            return Refusal("InvalidGroup.NotFound", words, because, hint)
    return None


def _groups(ask: Asked) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The groups that interfaces are to have, with the subnet that each is in."""
    outer = ask.text("SubnetId")
    yield outer, (*ask.texts("SecurityGroupIds"), *ask.texts("Groups"))
    for each in ask.params.get("NetworkInterfaces") or ():
        yield each.get("SubnetId") or outer, tuple(each.get("Groups") or ())


# -- addresses that AWS gives ----------------------------------------------------------------------------


def patch() -> None:
    """Have moto's interfaces take free addresses of their subnets, and give them back."""
    from moto.ec2.models import EC2Backend, nat_gateways, vpcs
    from moto.ec2.models.instances import Instance
    from moto.ec2.models.subnets import Subnet

    for module in (nat_gateways, vpcs):
        module.random_private_ip = _left_open(module.random_private_ip)

    @instead(Subnet, "get_available_subnet_ip")
    def lowest(give: Any, self: Any, instance: Any = None) -> Any:
        block = block_of(self.cidr_block)
        if block is None or not FREE_ADDRESS.on:
            return give(self, instance)
        address = next(str(block[n]) for n in range(4, block.size - 1) if _is_free(self, str(block[n])))
        _take(self, address, instance)
        return address

    @instead(EC2Backend, "create_network_interface")
    def made(
        create: Any, self: Any, subnet: Any, address: Any, addresses: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        if not FREE_ADDRESS.on:
            return create(self, subnet, address, addresses, *args, **kwargs)
        place = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
        secondary = int(kwargs.pop("secondary_ips_count", None) or 0)
        if not address and not addresses and place.cidr_block:
            address = place.get_available_subnet_ip(None)
        interface = create(self, place, address, addresses, *args, **kwargs)
        for each in interface.private_ip_addresses:
            _take(place, each["PrivateIpAddress"], interface)
        if secondary:
            self.assign_private_ip_addresses(interface.id, None, secondary)
        return interface

    @instead(EC2Backend, "assign_private_ip_addresses")
    def assigned(
        assign: Any, self: Any, eni_id: str, named: Any = None, secondary_ips_count: Any = None
    ) -> Any:
        if not FREE_ADDRESS.on:
            return assign(self, eni_id, named, secondary_ips_count)
        place = self.get_network_interface(eni_id).subnet
        wanted = list(named or ())
        wanted += [place.get_available_subnet_ip(None) for _ in range(int(secondary_ips_count or 0))]
        for address in wanted:
            _take(place, address, None)
        return assign(self, eni_id, wanted, None)

    @instead(EC2Backend, "unassign_private_ip_addresses")
    def unassigned(unassign: Any, self: Any, eni_id: str, named: Any = None) -> Any:
        interface = unassign(self, eni_id, named)
        for address in named or () if FREE_ADDRESS.on else ():
            interface.subnet.del_subnet_ip(address)
        return interface

    @instead(EC2Backend, "delete_network_interface")
    def deleted(delete: Any, self: Any, eni_id: str) -> None:
        interface = self.enis.get(eni_id)
        delete(self, eni_id)
        if FREE_ADDRESS.on:
            for each in interface.private_ip_addresses:
                interface.subnet.del_subnet_ip(each["PrivateIpAddress"])
        if LETS_ELASTIC_GO.on:
            for elastic in self.addresses:
                if elastic.eni is interface:
                    elastic.eni = elastic.instance = elastic.association_id = None

    @instead(Instance, "prep_nics")
    def prepared(prepare: Any, self: Any, nic_spec: Any, **kwargs: Any) -> Any:
        if ENDS_WITH_INSTANCE.on:
            nic_spec = nic_spec or ([{"DeviceIndex": 0}] if self._subnet_id else nic_spec)
            for nic in nic_spec:
                if not nic.get("NetworkInterfaceId"):
                    nic.setdefault("DeleteOnTermination", True)
        return prepare(self, nic_spec, **kwargs)


def _take(subnet: Any, address: str, holder: Any) -> None:
    subnet._unused_ips.discard(address)
    subnet._subnet_ips.setdefault(address, holder)


def _is_free(subnet: Any, address: str) -> bool:
    return address not in subnet._subnet_ips and ip_address(address) not in subnet._reserved_ips


def _left_open(random_ip: Any) -> Any:
    """No address, where moto makes one up whatever the subnet: the interface then takes a free one."""

    @wraps(random_ip)
    def address(*args: Any, **kwargs: Any) -> Any:
        return "" if FREE_ADDRESS.on else random_ip(*args, **kwargs)

    return address


FREE_ADDRESS = Rule(
    "ec2.free-address",
    "repairs",
    "An interface gets a free address of its subnet, and gives it back when it is deleted: those of "
    "instances, NAT gateways and endpoints too.",
    "It makes addresses up, some of them outside of the VPC, and keeps those of deleted interfaces.",
    page("EC2 User Guide", "Elastic network interfaces", "using-eni"),
    operations=("ec2:CreateNetworkInterface", "ec2:CreateNatGateway", "ec2:CreateVpcEndpoint"),
)
ENDS_WITH_INSTANCE = Rule(
    "ec2.interface-ends-with-instance",
    "repairs",
    "A network interface that is made at a launch is deleted when its instance is terminated.",
    "It stays in the subnet.",
    ec2_api("InstanceNetworkInterfaceSpecification"),
    operations=("ec2:RunInstances",),
)
LETS_ELASTIC_GO = Rule(
    "ec2.interface-lets-address-go",
    "repairs",
    "When a network interface is deleted, its Elastic IP address is disassociated.",
    "The address stays with an interface that is no more.",
    page("EC2 User Guide", "Elastic IP addresses", "elastic-ip-addresses-eip"),
    operations=("ec2:DeleteNetworkInterface", "ec2:TerminateInstances", "ec2:DeleteNatGateway"),
)

RULES = (
    Rule(
        "ec2.address-outside",
        "refuses",
        "An address that is asked for is one of the subnet.",
        "It fails within, or gives an interface an address of elsewhere.",
        ec2_api("CreateNetworkInterface"),
        operations=_OPERATIONS,
        code="InvalidParameterValue",
        check=_outside,
    ),
    Rule(
        "ec2.address-reserved",
        "refuses",
        "The first four addresses of a subnet and the last one are AWS's own.",
        "It gives them out to whoever asks.",
        _SIZING,
        operations=_OPERATIONS,
        code="InvalidParameterValue",
        check=_reserved,
    ),
    Rule(
        "ec2.address-taken",
        "refuses",
        "An address that another interface has cannot be had.",
        "It fails within, or gives it out twice.",
        _ERRORS,
        operations=_OPERATIONS,
        code="InvalidIPAddress.InUse",
        check=_taken,
    ),
    Rule(
        "ec2.subnet-full",
        "refuses",
        "In a subnet without enough free addresses nothing is launched, not even a part.",
        "It launches as many as there are addresses, and then fails within.",
        _ERRORS,
        operations=("ec2:RunInstances", "ec2:CreateNetworkInterface", "ec2:CreateNatGateway"),
        code="InsufficientFreeAddressesInSubnet",
        check=_full,
    ),
    Rule(
        "ec2.group-elsewhere",
        "refuses",
        "The security groups of an interface are of the VPC that it is in.",
        "It takes groups of another VPC.",
        ec2_api("RunInstances"),
        operations=("ec2:RunInstances", "ec2:CreateNetworkInterface"),
        code="InvalidParameter",
        check=_group_elsewhere,
    ),
    FREE_ADDRESS,
    ENDS_WITH_INSTANCE,
    LETS_ELASTIC_GO,
)
