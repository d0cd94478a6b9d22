"""What exists in a world: its resources, read from moto's state, service by service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from labs.sandbox.values import Resource

__all__ = ["inventory"]


def inventory(account: str) -> tuple[Resource, ...]:
    """All resources that somebody made, and the admin; what every account is born with is left out."""
    return tuple(resource for survey in _SURVEYS for resource in survey(account))


def _regions(backends: Any, account: str) -> list[tuple[str, Any]]:
    """The backends of an account that have been used, with their regions."""
    return sorted(backends[account].items())


def _iam(account: str) -> Iterator[Resource]:
    from moto.iam.models import iam_backends

    iam = iam_backends[account]["aws"]
    for user in iam.users.values():
        keys = sum(key.status == "Active" for key in user.access_keys)
        yield Resource("iam", "user", user.name, user.arn, _count(keys, "active key"))
    for group in iam.groups.values():
        yield Resource("iam", "group", group.name, group.arn, _count(len(group.users), "user"))
    for role in iam.roles.values():
        policies = len(role.policies) + len(role.managed_policies)
        yield Resource("iam", "role", role.name, role.arn, _count(policies, "policy", "policies"))
    for policy in iam.managed_policies.values():
        if ":iam::aws:" not in policy.arn:
            attached = f"attached to {policy.attachment_count}"
            yield Resource("iam", "policy", policy.name, policy.arn, attached)
    for profile in iam.instance_profiles.values():
        roles = ", ".join(role.name for role in profile.roles)
        yield Resource("iam", "instance profile", profile.name, profile.arn, roles or "no role")


def _s3(account: str) -> Iterator[Resource]:
    from moto.s3.models import s3_backends

    for bucket in s3_backends[account]["aws"].buckets.values():
        summary = [bucket.region_name, _count(len(list(bucket.keys.items())), "object")]
        if bucket.policy:
            summary.append("bucket policy")
        if bucket.versioning_status:
            summary.append(f"versioning {bucket.versioning_status.lower()}")
        yield Resource("s3", "bucket", bucket.name, bucket.arn, ", ".join(summary))


def _ec2(account: str) -> Iterator[Resource]:
    from moto.ec2.models import ec2_backends

    for region, ec2 in _regions(ec2_backends, account):

        def resource(kind: str, id: str, *summary: str | None, region: str = region) -> Resource:
            arn = f"arn:aws:ec2:{region}:{account}:{kind.replace(' ', '-')}/{id}"
            return Resource("ec2", kind, id, arn, ", ".join(part for part in summary if part))

        for reservation in ec2.reservations.values():
            for instance in reservation.instances:
                address = f"public {instance.public_ip}" if instance.public_ip else None
                profile = (instance.iam_instance_profile or {}).get("Arn", "").rpartition("/")[2]
                facts = (instance.instance_type, instance.state, instance.private_ip, address)
                yield resource("instance", instance.id, *facts, profile and f"profile {profile}")
        for volume in ec2.volumes.values():
            size = f"{volume.size} GiB"
            yield resource("volume", volume.id, size, volume.volume_type, volume.status)
        for pair in ec2.key_pairs.values():
            yield resource("key pair", pair.key_name, pair.key_type)
        for vpc in ec2.vpcs.values():
            if not _is_default(vpc):
                yield resource("vpc", vpc.id, vpc.cidr_block)
        for zone in ec2.subnets.values():
            for subnet in zone.values():
                if str(subnet.default_for_az).lower() != "true":
                    yield resource("subnet", subnet.id, subnet.cidr_block, subnet.availability_zone)
        for groups in ec2.groups.values():
            for group in groups.values():
                if group.name != "default":
                    yield resource("security group", group.id, group.name)
        for gateway in ec2.internet_gateways.values():
            if not (gateway.vpc and _is_default(gateway.vpc)):
                where = gateway.vpc.id if gateway.vpc else "not attached"
                yield resource("internet gateway", gateway.id, where)
        for address in ec2.addresses:
            used = f"at {address.instance.id}" if address.instance else "idle"
            yield resource("elastic ip", address.allocation_id, address.public_ip, used)


def _is_default(vpc: Any) -> bool:
    """Whether a VPC is the one that a Region begins with: what belongs to it is nobody's work."""
    return str(vpc.is_default).lower() == "true"


def _sqs(account: str) -> Iterator[Resource]:
    from moto.sqs.models import sqs_backends

    for _, sqs in _regions(sqs_backends, account):
        for queue in sqs.queues.values():
            waiting = _count(queue.approximate_number_of_messages, "message")
            yield Resource("sqs", "queue", queue.name, queue.queue_arn, waiting)


def _sns(account: str) -> Iterator[Resource]:
    from moto.sns.models import sns_backends

    for _, sns in _regions(sns_backends, account):
        for topic in sns.topics.values():
            readers = sum(each.topic.arn == topic.arn for each in sns.subscriptions.values())
            yield Resource("sns", "topic", topic.name, topic.arn, _count(readers, "subscription"))


def _dynamodb(account: str) -> Iterator[Resource]:
    from moto.dynamodb.models import dynamodb_backends

    for _, dynamodb in _regions(dynamodb_backends, account):
        for table in dynamodb.tables.values():
            items = sum(1 for _ in table.all_items())
            yield Resource("dynamodb", "table", table.name, table.table_arn, _count(items, "item"))


def _lambda(account: str) -> Iterator[Resource]:
    from moto.awslambda.models import lambda_backends

    for _, functions in _regions(lambda_backends, account):
        for function in functions.list_functions():
            arn = function.function_arn
            yield Resource("lambda", "function", function.function_name, arn, function.run_time or "image")


def _rds(account: str) -> Iterator[Resource]:
    from moto.rds.models import rds_backends

    for _, rds in _regions(rds_backends, account):
        for database in rds.databases.values():
            id, arn = database.db_instance_identifier, database.db_instance_arn
            yield Resource("rds", "db instance", id, arn, f"{database.engine}, {database.db_instance_class}")


_SURVEYS: tuple[Callable[[str], Iterator[Resource]], ...] = (
    _iam,
    _s3,
    _ec2,
    _sqs,
    _sns,
    _dynamodb,
    _lambda,
    _rds,
)


def _count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
