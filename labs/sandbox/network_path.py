"""How a request reached AWS: from an instance, through a VPC endpoint or out of its VPC; or from outside.

All requests come to the sandbox over loopback. One that was signed with the credentials of an instance's
metadata service counts as sent from that instance.

Source: AWS PrivateLink Guide, "Gateway endpoints" and "Control access to VPC endpoints using endpoint
policies"; IAM User Guide, "AWS global condition context keys", "Properties of the network" and "Properties
of the resource".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from labs.aws.iam import Policy
from labs.sandbox.documents import parsed
from labs.sandbox.live import live_everywhere
from labs.sandbox.wire import Call

__all__ = ["Way", "way_of"]

# Where the name in an endpoint's service name is not botocore's.
_ENDPOINT_NAMES = {"cloudwatch": "monitoring", "dynamodbstreams": "dynamodb-streams"}


@dataclass(frozen=True, slots=True)
class Way:
    """What a request's way tells: its condition keys, and the policy of the VPC endpoint on it."""

    keys: dict[str, str] = field(default_factory=dict)
    endpoint_policy: Policy | None = None


def way_of(call: Call, account: str, instance_id: str | None, address: str) -> Way:
    """The way of a call.

    Args:
        account: whose instance it is.
        instance_id: None for a request that no instance sent.
        address: where the connection came from, which is the source of everything else.
    """
    instance = _instance(account, instance_id) if instance_id else None
    if instance is None:
        return Way({"aws:SourceIp": address})
    ec2 = instance.ec2_backend
    keys = {
        "ec2:SourceInstanceARN": f"arn:aws:ec2:{ec2.region_name}:{account}:instance/{instance.id}",
        "aws:Ec2InstanceSourceVpc": str(instance.vpc_id),
        "aws:Ec2InstanceSourcePrivateIPv4": str(instance.private_ip),
    }
    endpoint = _endpoint(instance, call)
    if endpoint is None:
        return Way({**keys, "aws:SourceIp": _public_address(instance) or address})
    keys |= {
        "aws:SourceVpce": str(endpoint.id),
        "aws:SourceVpc": str(endpoint.vpc_id),
        "aws:SourceVpcArn": f"arn:aws:ec2:{ec2.region_name}:{account}:vpc/{endpoint.vpc_id}",
        "aws:VpcSourceIp": str(instance.private_ip),
        "aws:VpceAccount": account,
    }
    return Way(keys, parsed(endpoint.policy_document, f"{endpoint.id} policy"))


def _instance(account: str, instance_id: str) -> Any:
    for ec2 in live_everywhere("ec2", account):
        for reservation in ec2.reservations.values():
            for instance in reservation.instances:
                if instance.id == instance_id:
                    return instance
    return None


def _endpoint(instance: Any, call: Call) -> Any:
    """The VPC endpoint that the instance's requests to this service go through, if there is one."""
    ec2, name = instance.ec2_backend, _ENDPOINT_NAMES.get(call.service, call.service)
    if call.region != ec2.region_name:
        return None
    service = f"com.amazonaws.{call.region}.{name}"
    table = _route_table(instance)
    for endpoint in ec2.vpc_end_points.values():
        if (endpoint.vpc_id, endpoint.service_name, endpoint.state) != (
            instance.vpc_id,
            service,
            "available",
        ):
            continue
        if (endpoint.vpc_endpoint_type or "Gateway").lower() == "interface":
            # Only with private DNS does the service's own name lead to the endpoint.
            if endpoint.private_dns_enabled is not False:
                return endpoint
        elif table is not None and table.id in endpoint.route_table_ids:
            return endpoint
    return None


def _route_table(instance: Any) -> Any:
    """The route table of the instance's subnet: its own, or else the main one of the VPC."""
    tables = [each for each in instance.ec2_backend.route_tables.values() if each.vpc_id == instance.vpc_id]
    own = (
        table for table in tables for each in table.associations if each.get("SubnetId") == instance.subnet_id
    )
    return next(own, None) or next((each for each in tables if each.main_association_id), None)


def _public_address(instance: Any) -> str | None:
    """What the world sees: the instance's public address, or that of the NAT gateway on its way out."""
    if instance.public_ip:
        return str(instance.public_ip)
    table = _route_table(instance)
    gateways = [route.nat_gateway for route in table.routes if route.nat_gateway] if table else []
    addresses = [each.get("publicIp") for gateway in gateways for each in gateway.address_set]
    return next((str(each) for each in addresses if each), None)
