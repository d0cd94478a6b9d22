"""The types that earn CPU credits: T2, T3, T3a and T4g, and what each earns and keeps.

Source: EC2 User Guide, "Key concepts for burstable performance instances" (the credit table) and "Standard
mode concepts" (launch credits).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from labs.aws.ec2.instance_types import InstanceType
from labs.errors import Ec2Error

__all__ = ["BURSTABLE", "CreditRule", "Mode", "credit_rule"]

Mode: TypeAlias = Literal["unlimited", "standard"]

_KEPT: Final = 7 * 24 * 3600
_LAUNCH_CREDITS_PER_VCPU: Final = 30


@dataclass(frozen=True, slots=True)
class CreditRule:
    """How one type earns credits; `baseline` is the fraction of every vCPU that earning pays for.

    Source: EC2 User Guide, "Key concepts for burstable performance instances", credit table.
    """

    type_name: str
    vcpus: int
    baseline: Decimal

    @property
    def family(self) -> str:
        """What stands before the dot: `t3`."""
        return self.type_name.partition(".")[0]

    @property
    def earned_per_hour(self) -> Decimal:
        """Credits an hour: vCPUs x baseline x 60."""
        return self.vcpus * self.baseline * 60

    @property
    def limit(self) -> Decimal:
        """The most credits that are kept, and the most that are lent: what 24 hours earn."""
        return self.earned_per_hour * 24

    @property
    def default_mode(self) -> Mode:
        """The mode of an instance launched without a credit specification."""
        return "standard" if self.family == "t2" else "unlimited"

    @property
    def launch_credits(self) -> int:
        """Credits given at each start in standard mode: 30 a vCPU for T2, none for the others."""
        return _LAUNCH_CREDITS_PER_VCPU * self.vcpus if self.family == "t2" else 0

    @property
    def kept_seconds(self) -> int:
        """How long a stopped instance keeps its balance: seven days, for T2 not at all."""
        return 0 if self.family == "t2" else _KEPT


def _rules() -> Iterator[CreditRule]:
    for size, vcpus, percent in (
        ("nano", 1, "5"),
        ("micro", 1, "10"),
        ("small", 1, "20"),
        ("medium", 2, "20"),
        ("large", 2, "30"),
        ("xlarge", 4, "22.5"),
        ("2xlarge", 8, "17"),
    ):
        yield CreditRule(f"t2.{size}", vcpus, Decimal(percent) / 100)
    for family in ("t3", "t3a", "t4g"):
        for size, vcpus, percent in (
            ("nano", 2, "5"),
            ("micro", 2, "10"),
            ("small", 2, "20"),
            ("medium", 2, "20"),
            ("large", 2, "30"),
            ("xlarge", 4, "40"),
            ("2xlarge", 8, "40"),
        ):
            yield CreditRule(f"{family}.{size}", vcpus, Decimal(percent) / 100)


BURSTABLE: Final = {rule.type_name: rule for rule in _rules()}


def credit_rule(type_name: str) -> CreditRule:
    """The rule of a type that earns CPU credits.

    Raises:
        Ec2Error: the type earns none, or no type is named so.
    """
    if type_name in BURSTABLE:
        return BURSTABLE[type_name]
    InstanceType.parse(type_name)
    raise Ec2Error(
        "This instance type has no CPU credits",
        f"It is {type_name}.",
        "T2, T3, T3a and T4g have them, in the sizes nano to 2xlarge; every other type runs at full speed "
        "all the time.",
    )
