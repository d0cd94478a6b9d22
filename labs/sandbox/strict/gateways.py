"""Ways out of a VPC: internet gateways, Elastic IP addresses, NAT gateways and endpoints."""

from __future__ import annotations

from typing import Any

from labs.sandbox.strict.looks import ec2_of, gateway_of, instance_of, interfaces_in
from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Amendment, Asked, Refusal, Rule

__all__ = ["RULES", "patch"]

_NAT = page("VPC User Guide", "NAT gateway basics", "nat-gateway-basics")


# -- internet gateways -------------------------------------------------------------------------------------


def _one_gateway(ask: Asked) -> Refusal | None:
    ec2, vpc_id, gateway_id = ec2_of(ask), ask.text("VpcId"), ask.text("InternetGatewayId")
    held, gateway = gateway_of(ec2, vpc_id), ec2.internet_gateways.get(gateway_id)
    if held is None or gateway is None or gateway.vpc is not None:
        return None
    return Refusal(
        "InvalidParameterValue",
        f"Network {vpc_id} already has an internet gateway attached",
        f"a VPC has one internet gateway at most, and {vpc_id} has {held.id}",
        "Detach that one first, or use it.",
    )


def _mapped_addresses(ask: Asked) -> Refusal | None:
    ec2, vpc_id = ec2_of(ask), ask.text("VpcId")
    held = gateway_of(ec2, vpc_id)
    mapped = [each for each in interfaces_in(ec2, vpc=vpc_id) if each.public_ip]
    if held is None or held.id != ask.text("InternetGatewayId") or not mapped:
        return None
    shown = ", ".join(f"{each.public_ip} of {each.id}" for each in mapped[:3])
    return Refusal(
        "DependencyViolation",
        f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before "
        "detaching the gateway.",
        f"public addresses of the VPC are in use: {shown}",
        "Disassociate its Elastic IP addresses, delete its public NAT gateways, and stop or terminate the "
        "instances with public addresses.",
    )


# -- Elastic IP addresses ------------------------------------------------------------------------------------


def _address_needs_gateway(ask: Asked) -> Refusal | None:
    ec2 = ec2_of(ask)
    instance, interface = (
        instance_of(ec2, ask.text("InstanceId")),
        ec2.enis.get(ask.text("NetworkInterfaceId")),
    )
    vpc_id = instance.vpc_id if instance is not None else interface.vpc_id if interface is not None else None
    if vpc_id is None or gateway_of(ec2, vpc_id) is not None:
        return None
    return Refusal(
        "Gateway.NotAttached",
        f"Network {vpc_id} is not attached to any internet gateway",
        "an Elastic IP address is reached through the internet gateway of its VPC, and this VPC has none",
        "Create an internet gateway and attach it to the VPC.",
    )


def _address_of(ec2: Any, ask: Asked) -> Any:
    wanted = ask.text("AllocationId"), ask.text("PublicIp")
    return next(
        (each for each in ec2.addresses if each.allocation_id == wanted[0] or each.public_ip == wanted[1]),
        None,
    )


def _address_in_use(ask: Asked) -> Refusal | None:
    ec2 = ec2_of(ask)
    address = _address_of(ec2, ask)
    if address is None or address.eni is None or ec2.vpcs[address.eni.vpc_id].is_default:
        return None  # in a default VPC the release disassociates the address
    return Refusal(
        "InvalidIPAddress.InUse",
        f"Address {address.public_ip} is in use.",
        f"the address is associated with {address.eni.id}",
        "Disassociate it first, or delete the NAT gateway that has it.",
    )


# -- NAT gateways --------------------------------------------------------------------------------------------


def _nat_needs_address(ask: Asked) -> Refusal | None:
    public = ask.text("ConnectivityType") != "private" and ask.text("AvailabilityMode") != "regional"
    if not public or ask.text("AllocationId"):
        return None
    return Refusal(
        "MissingParameter",
        "The request must contain the parameter AllocationId",
        "a public NAT gateway sends with an Elastic IP address, and none is named",
        "Allocate one with AllocateAddress, and pass its AllocationId.",
    )


def _nat_exists(ask: Asked) -> Refusal | None:
    nat_id = ask.text("NatGatewayId")
    if nat_id in ec2_of(ask).nat_gateways:
        return None
    message = f"NatGateway {nat_id} was not found"
    return Refusal("NatGatewayNotFound", message, f"there is no NAT gateway {nat_id} in this Region")


def _begin_nat(backend: Any, nat: Any) -> None:
    """A NAT gateway fails, some time after it was asked for, where the VPC has no internet gateway."""
    if nat.connectivity_type is None:
        nat.connectivity_type = "public"
    if nat.connectivity_type == "private" or gateway_of(backend, nat.vpc_id) is not None:
        return
    _give_up(backend, nat)
    nat.state, nat.failure_code = "failed", "Gateway.NotAttached"
    nat.failure_message = f"Network {nat.vpc_id} has no Internet gateway attached"
    NAT_NEEDS_GATEWAY.tell(
        "dropped",
        f"The NAT gateway is made and fails: a public NAT gateway sends to the internet gateway of its VPC, "
        f"and {nat.vpc_id} has none.",
        "Attach an internet gateway, delete this NAT gateway, and create another one.",
    )


def _give_up(backend: Any, nat: Any) -> None:
    """Let go of the network interface of a NAT gateway, and so of its address."""
    if nat._eni.id in backend.enis:
        backend.delete_network_interface(nat._eni.id)


# -- endpoints -----------------------------------------------------------------------------------------------

_GATEWAY_SERVICES = frozenset({"s3", "dynamodb"})
# The services of AWS that moto names by other means than the list of its module.
_MORE_SERVICES = frozenset(
    {
        "cloudformation",
        "codepipeline",
        "dynamodb",
        "ecr.api",
        "ecr.dkr",
        "iot.data",
        "kinesis-firehose",
        "kinesis-streams",
        "redshift-data",
        "route53resolver",
        "s3",
        "s3express",
        "sagemaker.api",
        "sagemaker.runtime",
    }
)


def _default_type(ask: Asked) -> Amendment | None:
    if ask.text("VpcEndpointType"):
        return None
    return Amendment({"VpcEndpointType": "Gateway"}, "An endpoint of no named type is a gateway endpoint.")


def _service_of(ask: Asked) -> str | None:
    """The service of AWS's own that an endpoint is for, as its name ends; None for all else."""
    from moto.ec2.models.vpcs import AWS_ENDPOINT_SERVICES

    prefix, name = f"com.amazonaws.{ask.call.region}.", ask.text("ServiceName")
    service = name.removeprefix(prefix) if name.startswith(prefix) else ""
    return service if service in _MORE_SERVICES or service in AWS_ENDPOINT_SERVICES else None


def _endpoint_service(ask: Asked) -> Refusal | None:
    name, prefix = ask.text("ServiceName"), f"com.amazonaws.{ask.call.region}."
    own = {each.service_name for each in ec2_of(ask).configurations.values()}
    if _service_of(ask) is not None or name in own or name.startswith("aws."):
        return None
    return Refusal(
        "InvalidServiceName",
        f"The Vpc Endpoint Service '{name}' does not exist",
        f"no service is called {name!r} here; AWS's own are called {prefix}NAME in this Region",
        "DescribeVpcEndpointServices lists them.",
    )


def _endpoint_type(ask: Asked) -> Refusal | None:
    if ask.text("VpcEndpointType") != "Gateway" or _service_of(ask) in (None, *_GATEWAY_SERVICES):
        return None
    return Refusal(
        "InvalidParameter",
        "Endpoint type (Gateway) does not match available service types ([Interface]).",
        "gateway endpoints are for S3 and DynamoDB only",
        "Pass VpcEndpointType=Interface, with subnets and a security group.",
    )


# -- what moto makes -----------------------------------------------------------------------------------------


def patch() -> None:
    """Have moto's gateways and addresses be as AWS's."""
    from moto.ec2.models import EC2Backend, elastic_ip_addresses
    from moto.moto_api._internal import mock_random

    random_ip = elastic_ip_addresses.random_ip

    def elastic() -> str:
        """An address of a range that AWS has for EC2."""
        if not ELASTIC_RANGE.on:
            return str(random_ip())
        octets = (mock_random.randint(208, 239), mock_random.randint(0, 255), mock_random.randint(1, 254))
        return ".".join(map(str, (3, *octets)))

    elastic_ip_addresses.random_ip = elastic

    @instead(EC2Backend, "create_nat_gateway")
    def made(create: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        nat = create(self, *args, **kwargs)
        if NAT_NEEDS_GATEWAY.on:
            _begin_nat(self, nat)
        return nat

    @instead(EC2Backend, "delete_nat_gateway")
    def deleted(delete: Any, self: Any, nat_gateway_id: str) -> Any:
        nat = delete(self, nat_gateway_id)
        if NAT_GIVES_BACK.on:
            _give_up(self, nat)
        return nat


ELASTIC_RANGE = Rule(
    "ec2.elastic-ip-range",
    "repairs",
    "An Elastic IP address is a public address out of Amazon's own.",
    "It gives out addresses of 127.0.0.0/8.",
    page("VPC User Guide", "Associate Elastic IP addresses with resources in your VPC", "vpc-eips"),
    operations=("ec2:AllocateAddress",),
)
NAT_NEEDS_GATEWAY = Rule(
    "ec2.nat-needs-gateway",
    "repairs",
    "A public NAT gateway in a VPC without an internet gateway comes to the state failed, with the code "
    "Gateway.NotAttached.",
    "It is available.",
    ec2_api("NatGateway"),
    operations=("ec2:CreateNatGateway",),
)
NAT_GIVES_BACK = Rule(
    "ec2.nat-gives-back",
    "repairs",
    "A NAT gateway that is deleted lets go of its network interface and of its Elastic IP address.",
    "Both stay in use, for ever.",
    _NAT,
    operations=("ec2:DeleteNatGateway",),
)

RULES = (
    Rule(
        "ec2.one-internet-gateway",
        "refuses",
        "A VPC has one internet gateway at most.",
        "It attaches any number.",
        page("VPC User Guide", "Amazon VPC quotas", "amazon-vpc-limits"),
        operations=("ec2:AttachInternetGateway",),
        code="InvalidParameterValue",
        check=_one_gateway,
    ),
    Rule(
        "ec2.detach-with-addresses",
        "refuses",
        "An internet gateway can be detached when no public address of the VPC is in use.",
        "It detaches the gateway all the same.",
        ec2_api("DetachInternetGateway"),
        operations=("ec2:DetachInternetGateway",),
        code="DependencyViolation",
        check=_mapped_addresses,
    ),
    Rule(
        "ec2.address-needs-gateway",
        "refuses",
        "An Elastic IP address is associated in a VPC with an internet gateway only.",
        "It associates the address anywhere.",
        page("EC2 API Reference", "Error codes for the Amazon EC2 API", "errors-overview"),
        operations=("ec2:AssociateAddress",),
        code="Gateway.NotAttached",
        check=_address_needs_gateway,
    ),
    Rule(
        "ec2.address-in-use",
        "refuses",
        "Outside of a default VPC an Elastic IP address is disassociated before it is released.",
        "It releases the address under whoever uses it.",
        ec2_api("ReleaseAddress"),
        operations=("ec2:ReleaseAddress",),
        code="InvalidIPAddress.InUse",
        check=_address_in_use,
    ),
    Rule(
        "ec2.nat-needs-address",
        "refuses",
        "A public NAT gateway has an Elastic IP address from the start.",
        "It makes one without.",
        ec2_api("CreateNatGateway"),
        operations=("ec2:CreateNatGateway",),
        code="MissingParameter",
        check=_nat_needs_address,
    ),
    Rule(
        "ec2.nat-exists",
        "refuses",
        "A NAT gateway that there is not cannot be deleted.",
        "It fails within.",
        ec2_api("DeleteNatGateway"),
        operations=("ec2:DeleteNatGateway",),
        code="NatGatewayNotFound",
        check=_nat_exists,
    ),
    Rule(
        "ec2.endpoint-type-default",
        "repairs",
        "A VPC endpoint is a gateway endpoint unless it says otherwise.",
        "It leaves the type open, and cannot delete the endpoint any more.",
        ec2_api("CreateVpcEndpoint"),
        operations=("ec2:CreateVpcEndpoint",),
        amend=_default_type,
    ),
    Rule(
        "ec2.endpoint-service",
        "refuses",
        "A VPC endpoint is for a service that there is.",
        "It takes any name.",
        ec2_api("CreateVpcEndpoint"),
        operations=("ec2:CreateVpcEndpoint",),
        code="InvalidServiceName",
        check=_endpoint_service,
    ),
    Rule(
        "ec2.endpoint-type",
        "refuses",
        "Gateway endpoints are for S3 and DynamoDB.",
        "It makes one for any service.",
        page("PrivateLink Guide", "Gateway endpoints", "gateway-endpoints"),
        operations=("ec2:CreateVpcEndpoint",),
        code="InvalidParameter",
        check=_endpoint_type,
    ),
    ELASTIC_RANGE,
    NAT_NEEDS_GATEWAY,
    NAT_GIVES_BACK,
)
