"""What the metadata service of an instance knows about it: folders of names and values.

Of what a real instance tells, this leaves out what only AWS can sign or uses itself: `identity-credentials`,
`metrics`, `managed-ssh-keys`, and the signatures beside the identity document.

Source: EC2 User Guide, "Instance metadata categories", "Access instance metadata for an EC2 instance" and
"Instance identity documents for Amazon EC2 instances".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from labs.aws.ec2.lifecycle import InstanceState
from labs.sandbox.lives import life_of

__all__ = ["STAMP", "VERSIONS", "Tree", "ask", "categories", "profile_of", "tree_of"]

STAMP: Final = "%Y-%m-%dT%H:%M:%SZ"

Tree = dict[str, "Tree | str"]

# "Get the available versions of the instance metadata". Each version here tells what the latest tells.
VERSIONS: Final = (
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
    "2009-04-04",
    "2011-01-01",
    "2011-05-01",
    "2012-01-12",
    "2014-02-25",
    "2014-11-05",
    "2015-10-20",
    "2016-04-19",
    "latest",
)


def ask(tree: Tree, path: str) -> str | None:
    """The text at a path: a value, or the names in a folder, one a line; None where there is nothing.

    A slash at the end changes nothing. In a folder, folders have one after their name; the categories at the
    top have none, and a public key stands there as its number and its name.
    """
    node: Tree | str = tree
    parts = path.strip("/").split("/") if path.strip("/") else []
    for name in parts:
        if not isinstance(node, dict) or name not in node:
            return None
        node = node[name]
    if isinstance(node, str):
        return node
    return "\n".join(_listed(node, name, bare=len(parts) < 2) for name in sorted(node))


def _listed(folder: Tree, name: str, *, bare: bool) -> str:
    child = folder[name]
    if isinstance(child, str) or bare:
        return name
    if "openssh-key" in child:
        return f"{name}={str(child['openssh-key']).split()[-1]}"
    return f"{name}/"


def tree_of(instance: Any, meta_data: Tree) -> Tree:
    """All that there is to ask for, the versions at the top; `meta_data` is what stands under that name."""
    tree: Tree = {"dynamic": _dynamic(instance), "meta-data": meta_data}
    if instance.user_data:
        data = base64.b64decode(instance.user_data.as_bytes())
        tree["user-data"] = data.decode(errors="surrogateescape")
    return dict.fromkeys(VERSIONS, tree)


def profile_of(instance: Any) -> Any:
    """The instance profile that is associated with the instance; None without one."""
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    return association.iam_instance_profile if association is not None else None


def categories(instance: Any) -> Tree:
    """What stands under meta-data, but for what depends on the moment: `iam`, `spot`, a recommendation."""
    nic = instance.nics[0]
    tree: Tree = {
        "ami-id": instance.image_id,
        "ami-launch-index": str(instance.ami_launch_index),
        "ami-manifest-path": "(unknown)",
        "block-device-mapping": _devices(instance),
        "events": {"maintenance": {"history": "[]", "scheduled": "[]"}},
        "hostname": instance.private_dns_name,
        "instance-action": "none",
        "instance-id": instance.id,
        "instance-life-cycle": "spot" if instance.lifecycle == "spot" else "on-demand",
        "instance-type": instance.instance_type,
        "local-hostname": instance.private_dns_name,
        "local-ipv4": instance.private_ip,
        "mac": nic.mac_address,
        "network": {
            "interfaces": {
                "macs": {each.mac_address: _interface(instance, each) for each in instance.nics.values()}
            }
        },
        "placement": _placement(instance, nic.subnet),
        "profile": "default-hvm",
        "reservation-id": _reservation(instance),
        "security-groups": _lines(group.name for group in _groups(nic)),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
        "system": _system(instance),
    }
    if instance.public_ip:
        tree["public-ipv4"] = instance.public_ip
        tree["public-hostname"] = instance.public_dns_name
    if key := life_of(instance).public_key:
        tree["public-keys"] = {"0": {"openssh-key": key}}
    tags = {tag["key"]: str(tag["value"]) for tag in instance.get_tags()}
    if instance.metadata_options.instance_metadata_tags == "enabled" and tags:
        tree["tags"] = {"instance": {**tags}}
    return tree


def _devices(instance: Any) -> Tree:
    """The volumes that were there when the instance was last started; others show after its next start."""
    root = instance.root_device_name
    tree: Tree = {"ami": root, "root": root}
    running = [since for since, state in life_of(instance).states if state is InstanceState.RUNNING]
    started = max(running, default=datetime.max.replace(tzinfo=UTC))
    found = sorted(
        name
        for name, device in instance.block_device_mapping.items()
        if name != root and _moment(device.attach_time) <= started
    )
    return tree | {f"ebs{number}": name.removeprefix("/dev/") for number, name in enumerate(found, start=1)}


def _moment(written: Any) -> datetime:
    """When moto says that a volume was attached; what it says nothing of was there from the beginning."""
    if isinstance(written, str) and written:
        written = datetime.fromisoformat(written)
    if not isinstance(written, datetime):
        return datetime.min.replace(tzinfo=UTC)
    return written if written.tzinfo else written.replace(tzinfo=UTC)


def _placement(instance: Any, subnet: Any) -> Tree:
    tree: Tree = {
        "availability-zone": instance.placement.zone,
        "availability-zone-id": subnet.availability_zone_id,
        "region": instance.region_name,
    }
    if instance.placement.group_name:
        tree["group-name"] = instance.placement.group_name
    if instance.placement.host_id:
        tree["host-id"] = instance.placement.host_id
    return tree


def _reservation(instance: Any) -> str:
    kept = instance.ec2_backend.reservations.values()
    return next((str(each.id) for each in kept if instance in each.instances), "")


def _system(instance: Any) -> str:
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    told = INSTANCE_TYPES.get(instance.instance_type) or {}
    return "xen" if told.get("Hypervisor") == "xen" else "nitro"


def _groups(nic: Any) -> list[Any]:
    return [group for group in nic.group_set if group is not None]


def _interface(instance: Any, nic: Any) -> Tree:
    first = nic is instance.nics[0]
    vpc = instance.ec2_backend.get_vpc(nic.subnet.vpc_id)
    blocks = [each["cidr_block"] for each in vpc.get_cidr_block_association_set()]
    own = [each["PrivateIpAddress"] for each in nic.private_ip_addresses] or [nic.private_ip_address]
    tree: Tree = {
        "device-number": str(nic.device_index if nic.device_index is not None else 0),
        "interface-id": nic.id,
        "local-hostname": instance.private_dns_name if first else _private_name(nic, instance.region_name),
        "local-ipv4s": _lines(own),
        "mac": nic.mac_address,
        "owner-id": instance.owner_id,
        "security-group-ids": _lines(group.id for group in _groups(nic)),
        "security-groups": _lines(group.name for group in _groups(nic)),
        "subnet-id": nic.subnet.id,
        "subnet-ipv4-cidr-block": nic.subnet.cidr_block,
        "vpc-id": nic.subnet.vpc_id,
        "vpc-ipv4-cidr-block": vpc.cidr_block,
        "vpc-ipv4-cidr-blocks": _lines(blocks or [vpc.cidr_block]),
    }
    public = instance.public_ip if first else nic.public_ip
    if public:
        tree["public-ipv4s"] = public
        tree["ipv4-associations"] = {public: nic.private_ip_address}
        if first:
            tree["public-hostname"] = instance.public_dns_name
    if nic.ipv6_addresses:
        tree["ipv6s"] = _lines(nic.ipv6_addresses)
    return tree


def _private_name(nic: Any, region: str) -> str:
    suffix = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{nic.private_ip_address.replace('.', '-')}.{suffix}"


def _lines(values: Iterator[Any] | list[Any]) -> str:
    return "\n".join(map(str, values))


def _dynamic(instance: Any) -> Tree:
    document = {
        "accountId": instance.owner_id,
        "architecture": instance.architecture,
        "availabilityZone": instance.placement.zone,
        "billingProducts": None,
        "devpayProductCodes": None,
        "imageId": instance.image_id,
        "instanceId": instance.id,
        "instanceType": instance.instance_type,
        "kernelId": None,
        "marketplaceProductCodes": None,
        "pendingTime": instance.launch_time.strftime(STAMP),
        "privateIp": instance.private_ip,
        "ramdiskId": None,
        "region": instance.region_name,
        "version": "2017-09-30",
    }
    return {"instance-identity": {"document": json.dumps(document, indent=2)}}
