"""What there is in a world that costs by the time that it is there, read from moto's state.

EC2 User Guide, "Amazon EC2 instance state changes" (what is billed in which state) and "Elastic IP
addresses"; VPC User Guide, "Pricing for NAT gateways"; RDS User Guide, "DB instance status" (billed or not).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from labs.sandbox.live import live_everywhere
from labs.sandbox.metering.periods import Facts, Seen, Thing

__all__ = ["SURVEYS", "matters"]

Survey = Callable[[str], Iterator[Seen]]

_PLAIN: Final = re.compile(
    "SecurityGroup|NetworkAcl|Route|KeyPair|InternetGateway|Dhcp|FlowLog|Peering|PlacementGroup|"
    "IamInstanceProfile|MetadataOptions|PrefixList|LaunchTemplate"
)


@lru_cache(maxsize=1024)
def matters(service: str, operation: str) -> bool:
    """Whether an operation can change what a survey of its service sees."""
    return service in SURVEYS and not (service == "ec2" and _PLAIN.search(operation))


def _seen(meter: str, backend: Any, resource: str, facts: Facts, zone: str = "", tags: Any = ()) -> Seen:
    return Seen(Thing(meter, backend.account_id, backend.region_name, resource), facts, zone, tuple(tags))


# -- EC2 ---------------------------------------------------------------------------------------------------


def _ec2(account: str) -> Iterator[Seen]:
    for ec2 in live_everywhere("ec2", account):
        yield from _instances(ec2)
        for volume in ec2.volumes.values():
            yield _seen("ebs.volume", ec2, volume.id, _volume(volume), _zone(volume.zone), _tags(volume))
        yield from _snapshots(ec2)
        yield from _elastic_addresses(ec2)
        for gateway in ec2.nat_gateways.values():
            if gateway.state in ("pending", "available"):
                yield _seen("nat.gateway", ec2, gateway.id, (), tags=_tags(gateway))
        for endpoint in ec2.vpc_end_points.values():
            if endpoint.vpc_endpoint_type == "Interface" and endpoint.state == "available":
                zones = len(endpoint.subnet_ids or ()) or 1
                yield _seen("vpce.interface", ec2, endpoint.id, (("azs", zones),), tags=_tags(endpoint))


def _instances(ec2: Any) -> Iterator[Seen]:
    elastic = {address.public_ip for address in ec2.addresses}
    for reservation in ec2.reservations.values():
        for instance in reservation.instances:
            if instance.state != "running":
                continue
            zone, tags = _zone(instance.placement), _tags(instance)
            market = "spot" if instance.lifecycle == "spot" else "on-demand"
            facts = (("type", instance.instance_type), ("market", market))
            yield _seen("ec2.instance", ec2, instance.id, facts, zone, tags)
            address = instance.public_ip
            if address and address not in elastic:
                yield _seen("ipv4", ec2, instance.id, (("used_by", "ec2"),), zone, tags)


def _volume(volume: Any) -> Facts:
    facts: Facts = (("type", volume.volume_type), ("gib", Decimal(volume.size)))
    if volume.volume_type in ("gp3", "io1", "io2") and volume.iops:
        facts += (("iops", Decimal(volume.iops)),)
    if volume.volume_type == "gp3" and volume.throughput:
        facts += (("mibps", Decimal(volume.throughput)),)
    return facts


def _snapshots(ec2: Any) -> Iterator[Seen]:
    """The first snapshot of a volume that is left holds its blocks; nothing changes in them between two."""
    held: set[str] = set()
    own = (each for each in ec2.snapshots.values() if each.owner_id == ec2.account_id)
    for snapshot in sorted(own, key=lambda each: each.start_time):
        volume = snapshot.volume
        gib = Decimal(0) if volume.id in held else Decimal(volume.size)
        held.add(volume.id)
        yield _seen("ebs.snapshot", ec2, snapshot.id, (("gib", gib),), tags=_tags(snapshot))


def _elastic_addresses(ec2: Any) -> Iterator[Seen]:
    for address in ec2.addresses:
        name = address.allocation_id or address.public_ip
        yield _seen("ipv4", ec2, name, (("used_by", _user(address)),), tags=_tags(address))


def _user(address: Any) -> str:
    """What uses an Elastic IP address; with an instance that does not run it is idle."""
    instance = address.instance or getattr(address.eni, "instance", None)
    if instance is not None:
        return "ec2" if instance.state == "running" else "nothing"
    return "other" if address.eni is not None else "nothing"


def _zone(place: Any) -> str:
    return str(getattr(place, "name", None) or getattr(place, "zone", None) or place or "")


def _tags(thing: Any) -> tuple[tuple[str, str], ...]:
    tags = thing.ec2_backend.tags.get(thing.id) if thing.id else None
    return tuple(sorted(tags.items())) if tags else ()


# -- databases and load balancers --------------------------------------------------------------------------


def _rds(account: str) -> Iterator[Seen]:
    for rds in live_everywhere("rds", account):
        for database in rds.databases.values():
            if getattr(database, "db_cluster_identifier", None):
                continue  # Aurora's storage is metered in another way, which the price book has not
            if database.status in ("creating", "deleting", "failed"):
                continue
            name = database.db_instance_identifier
            copies = (("multi_az", bool(database.multi_az)),)
            tags = sorted((str(tag["Key"]), str(tag["Value"])) for tag in database.tags or ())
            if database.status not in ("starting", "stopping", "stopped"):
                facts = (("db_class", database.db_instance_class), *copies)
                yield _seen("rds.instance", rds, name, facts, tags=tags)
            gib = Decimal(database.allocated_storage or 0)
            yield _seen("rds.storage", rds, name, (("gib", gib), *copies), tags=tags)


def _elb(account: str) -> Iterator[Seen]:
    for elb in live_everywhere("elbv2", account):
        for balancer in elb.load_balancers.values():
            if balancer.type == "application":
                tags = sorted(elb.tagging_service.get_tag_dict_for_resource(balancer.arn).items())
                yield _seen("alb", elb, balancer.arn.partition("loadbalancer/")[2], (), tags=tags)
                if balancer.scheme != "internal":
                    for subnet in balancer.subnets:
                        name = f"{balancer.name}/{getattr(subnet, 'id', subnet)}"
                        yield _seen("ipv4", elb, name, (("used_by", "other"),), tags=tags)


SURVEYS: Final[Mapping[str, Survey]] = {"ec2": _ec2, "rds": _rds, "elbv2": _elb}
"""How to look at what there is of a service, by botocore's name of it."""
