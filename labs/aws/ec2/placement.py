"""Placement: what has to be in the same Availability Zone, Region or architecture, and groups of instances.

Each check gives the refusal with which AWS answers, or None. Sources: EC2 API Reference, `RunInstances`,
`AttachVolume`, `AttachNetworkInterface`, `CreatePlacementGroup`; EC2 User Guide, "Placement groups".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from labs.aws.ec2.instance_types import Architecture, InstanceType
from labs.aws.ec2.refusals import Refusal

__all__ = [
    "ZONE_LIMIT",
    "Image",
    "Launch",
    "PlacementGroup",
    "Strategy",
    "attach_interface",
    "attach_volume",
    "check_launch",
    "create_group",
]

Strategy: TypeAlias = Literal["cluster", "spread", "partition"]

ZONE_LIMIT: Final = 7
"""Running instances of a spread placement group in one Availability Zone, and partitions in one."""

_API: Final = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference"
_GUIDE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide"
_GROUPS: Final = f"{_GUIDE}/placement-strategies.html"
_GROUP_LIMITS: Final = f"{_GUIDE}/limitations-placement-groups.html"


def attach_volume(volume_id: str, volume_zone: str, instance_id: str, instance_zone: str) -> Refusal | None:
    """Whether a volume can be attached to an instance: both live in one Availability Zone."""
    if volume_zone == instance_zone:
        return None
    return Refusal(
        "InvalidVolume.ZoneMismatch",
        f"The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'",
        f"A volume's data lies on drives of one Availability Zone, here {volume_zone}, and the instance runs "
        f"in {instance_zone}.",
        f"Snapshot the volume, and make a volume of the snapshot in {instance_zone}.",
        f"{_API}/API_AttachVolume.html",
    )


def attach_interface(interface_zone: str, instance_zone: str) -> Refusal | None:
    """Whether a network interface can be attached: its subnet's zone is the instance's."""
    if interface_zone == instance_zone:
        return None
    return Refusal(
        "InvalidParameterCombination",
        "You may not attach a network interface to an instance if they are not in the same availability zone",
        f"A network interface lives in the Availability Zone of its subnet, here {interface_zone}, and the "
        f"instance runs in {instance_zone}.",
        f"Create a network interface in a subnet of {instance_zone}.",
        f"{_GUIDE}/using-eni.html",
    )


@dataclass(frozen=True, slots=True)
class Image:
    """An AMI: its id, the Region that it is registered in, and its architecture."""

    image_id: str
    region: str
    architecture: Architecture = "x86_64"


@dataclass(frozen=True, slots=True)
class PlacementGroup:
    """A placement group and what runs in it: the number of instances by Availability Zone."""

    name: str
    strategy: Strategy
    partitions: int = 0
    running: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Launch:
    """A `RunInstances` request as far as placement goes.

    `zone` is what the request names (Placement.AvailabilityZone), `subnet_zone` the zone of its subnet;
    either may be absent, and the instances start in the subnet's. `offered` are the zones of the Region that
    offer the type, as `DescribeInstanceTypeOfferings` tells; empty when that is not known.
    """

    type: InstanceType
    image: Image
    region: str
    count: int = 1
    zone: str | None = None
    subnet_id: str = "subnet-0123456789abcdef0"
    subnet_zone: str | None = None
    offered: tuple[str, ...] = ()
    group: PlacementGroup | None = None
    partition: int | None = None

    @property
    def target(self) -> str | None:
        """The zone that the instances start in; None when AWS chooses."""
        return self.subnet_zone or self.zone


def check_launch(launch: Launch) -> tuple[Refusal, ...]:
    """Every reason why AWS refuses a launch; empty when nothing about its placement is wrong."""
    return tuple(_launch_refusals(launch))


def _launch_refusals(launch: Launch) -> Iterator[Refusal]:
    yield from _image(launch)
    yield from _subnet(launch)
    yield from _offering(launch)
    if launch.group is not None:
        yield from _GROUP_RULES[launch.group.strategy](launch, launch.group)


def _image(launch: Launch) -> Iterator[Refusal]:
    image, wanted = launch.image, launch.type.architecture
    if image.region != launch.region:
        yield Refusal(
            "InvalidAMIID.NotFound",
            f"The image id '[{image.image_id}]' does not exist",
            f"An AMI is known in its own Region, here {image.region}, and the launch is in {launch.region}.",
            f"Look up the image's id in {launch.region}, or copy it there with CopyImage.",
            f"{_GUIDE}/CopyingAMIs.html",
        )
    elif image.architecture != wanted:
        yield Refusal(
            "InvalidParameterValue",
            f"The architecture '{wanted}' of the specified instance type does not match the architecture "
            f"'{image.architecture}' of the specified AMI. Specify an instance type and an AMI that have "
            "matching architectures, and try again.",
            f"{launch.type} runs {wanted} code, and the image holds {image.architecture} code.",
            f"Choose an image for {wanted}, or a type for {image.architecture}.",
            f"{_GUIDE}/resize-limitations.html",
        )


def _subnet(launch: Launch) -> Iterator[Refusal]:
    if launch.zone and launch.subnet_zone and launch.zone != launch.subnet_zone:
        yield Refusal(
            "InvalidParameterValue",
            f"Value ({launch.zone}) for parameter availabilityZone is invalid. "
            f"Subnet '{launch.subnet_id}' is in the availability zone {launch.subnet_zone}",
            f"A subnet lies in one Availability Zone, here {launch.subnet_zone}, with all that starts in it.",
            f"Leave the zone out, or choose a subnet in {launch.zone}.",
            f"{_API}/API_RunInstances.html",
        )


def _offering(launch: Launch) -> Iterator[Refusal]:
    zone = launch.target
    if zone is not None and launch.offered and zone not in launch.offered:
        listed = ", ".join(sorted(launch.offered))
        yield Refusal(
            "Unsupported",
            f"Your requested instance type ({launch.type}) is not supported in your requested Availability "
            f"Zone ({zone}). Please retry your request by not specifying an Availability Zone or choosing "
            f"{listed}.",
            f"Not every zone of a Region offers every type, and {zone} does not offer {launch.type}.",
            f"Choose a subnet in {listed}.",
            f"{_API}/API_DescribeInstanceTypeOfferings.html",
        )


def create_group(name: str, strategy: Strategy, partitions: int | None = None) -> PlacementGroup:
    """A placement group as `CreatePlacementGroup` makes it; only the partition strategy takes `partitions`.

    Raises:
        Ec2Error: AWS would refuse it.
    """
    if strategy != "partition" and partitions is not None:
        raise Refusal(
            "InvalidParameterCombination",
            "",
            f"Only a partition placement group has partitions, and this one has the strategy {strategy}.",
            "Leave PartitionCount out.",
            f"{_API}/API_CreatePlacementGroup.html",
        ).error
    count = partitions or 0
    if strategy == "partition" and not 1 <= count <= ZONE_LIMIT:
        raise Refusal(
            "InvalidParameterValue",
            "",
            f"A partition placement group has 1 to {ZONE_LIMIT} partitions in a zone, not {count}.",
            f"The nearest is {min(max(count, 1), ZONE_LIMIT)}.",
            _GROUP_LIMITS,
        ).error
    return PlacementGroup(name, strategy, count)


def _cluster(launch: Launch, group: PlacementGroup) -> Iterator[Refusal]:
    if launch.type.family in ("t", "mac"):
        yield Refusal(
            "InvalidParameterCombination",
            f"Cluster placement groups are not supported by the '{launch.type}' instance type. Specify a "
            "supported instance type or change the placement group strategy, and try again.",
            "Burstable types and Macs cannot be packed close together.",
            "Choose another family, such as m or c, or another strategy.",
            _GROUP_LIMITS,
        )
    used = sorted(zone for zone, count in group.running.items() if count)
    if used and launch.target is not None and launch.target not in used:
        yield Refusal(
            "InvalidPlacementGroup.InUse",
            f"The placement group '{group.name}' is in use in another availability zone: {used[0]}",
            f"A cluster placement group lies in one Availability Zone, and this one runs in {used[0]}.",
            f"Launch in {used[0]}, or make another group.",
            _GROUPS,
        )


def _spread(launch: Launch, group: PlacementGroup) -> Iterator[Refusal]:
    zone = launch.target
    if zone is None:
        return
    running = Counter(group.running)[zone]
    if running + launch.count > ZONE_LIMIT:
        free = max(0, ZONE_LIMIT - running)
        rest = "another zone, or in a second group."
        # AWS documents that the launch fails, and gives no code for it.
        yield Refusal(
            "",
            "",
            f"A spread placement group has at most {ZONE_LIMIT} running instances in a zone, each on its own "
            f"rack; {running} run in {zone}, and {launch.count} more are asked for.",
            f"Launch {free} there, and the others in {rest}" if free else f"Launch in {rest}",
            _GROUP_LIMITS,
        )


def _partition(launch: Launch, group: PlacementGroup) -> Iterator[Refusal]:
    if launch.partition is not None and not 1 <= launch.partition <= group.partitions:
        yield Refusal(
            "InvalidParameterValue",
            "",
            f"The partitions of {group.name} are numbered from 1 to {group.partitions}, and this is number "
            f"{launch.partition}.",
            f"The nearest is {min(max(launch.partition, 1), group.partitions)}; without a number AWS spreads "
            "the instances.",
            _GROUPS,
        )


_GROUP_RULES: Final = {"cluster": _cluster, "spread": _spread, "partition": _partition}
