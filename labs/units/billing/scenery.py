"""What the live exercises of this unit put into a world: instances, and addresses, with names or without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["ROOT_GIB", "allocate", "instances", "launch"]

ROOT_GIB = 8
"""The root volume of the sandbox's images, gp2."""


def launch(ec2: Any, machine: str, count: int = 1, *, name: str = "") -> list[str]:
    """Start instances from the newest Amazon Linux for x86_64; their ids."""
    return [each["InstanceId"] for each in instances(ec2, machine, count, name=name)]


def instances(ec2: Any, machine: str, count: int = 1, *, name: str = "") -> list[Mapping[str, Any]]:
    """The same, as RunInstances tells of them."""
    images = ec2.describe_images(
        Owners=["amazon"],
        Filters=[
            {"Name": "name", "Values": ["al2023-ami-*"]},
            {"Name": "architecture", "Values": ["x86_64"]},
        ],
    )["Images"]
    newest = max(images, key=lambda image: image["CreationDate"])
    launched = ec2.run_instances(
        ImageId=newest["ImageId"],
        InstanceType=machine,
        MinCount=count,
        MaxCount=count,
        TagSpecifications=_tags("instance", name),
    )
    found: list[Mapping[str, Any]] = launched["Instances"]
    return found


def allocate(ec2: Any, name: str = "") -> str:
    """Allocate an Elastic IP address; its allocation id."""
    allocated = ec2.allocate_address(Domain="vpc", TagSpecifications=_tags("elastic-ip", name))
    return str(allocated["AllocationId"])


def _tags(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}] if name else []
