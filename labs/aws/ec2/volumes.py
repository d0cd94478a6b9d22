"""EBS volumes: what may be asked for, and how fast a volume is.

>>> performance(volume("gp2", 100)).burst_seconds
Fraction(2000, 1)

Sources: EC2 API Reference, `CreateVolume`, for what may be asked for (gp3: 65,536 GiB, 80,000 IOPS and
2,000 MiB/s; until September 2025 it was 16,384, 16,000 and 1,000); EBS User Guide, "General Purpose SSD
volumes", "Provisioned IOPS SSD volumes" (io2 is Block Express) and "Throughput Optimized HDD and Cold HDD
volumes", for ratios, buckets and throughput.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from labs.errors import Ec2Error

__all__ = ["LIMITS", "Limits", "Performance", "Volume", "VolumeType", "performance", "volume"]

VolumeType: TypeAlias = Literal["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"]

_MIB_PER_GIB: Final = 1024
_GIB_PER_TIB: Final = 1024
_GP2_BUCKET: Final = 5_400_000
_GP2_BURST: Final = 3000
_GP3_MIBPS: Final = 125
_GP3_MIBPS_MOST: Final = 2000
_GP3_MIBPS_PER_IOPS: Final = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one type may be asked for: GiB, IOPS (None where none may be asked for), and IOPS for each GiB.

    `iops_default` is what an unspecified number becomes; None where one has to be given.
    """

    gib: tuple[int, int]
    iops: tuple[int, int] | None = None
    iops_default: int | None = None
    iops_per_gib: int = 0

    def iops_most(self, gib: int) -> int:
        """The most IOPS that a volume of this size may be asked for: at least the least of the type."""
        assert self.iops is not None
        return max(self.iops[0], min(self.iops[1], self.iops_per_gib * gib))


LIMITS: Final[dict[VolumeType, Limits]] = {
    "gp2": Limits((1, 16_384)),
    "gp3": Limits((1, 65_536), (3000, 80_000), 3000, 500),
    "io1": Limits((4, 16_384), (100, 64_000), None, 50),
    "io2": Limits((4, 65_536), (100, 256_000), None, 1000),
    "st1": Limits((125, 16_384)),
    "sc1": Limits((125, 16_384)),
    "standard": Limits((1, 1024)),
}


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume that AWS would make: its GiB, and the IOPS and MiB/s provisioned (None where none can be)."""

    type: VolumeType
    gib: int
    iops: int | None = None
    mibps: int | None = None


def volume(type_name: str, gib: int, *, iops: int | None = None, mibps: int | None = None) -> Volume:
    """The volume that `CreateVolume` makes, with AWS's defaults for what is not given.

    Raises:
        Ec2Error: AWS would refuse it; the hint names the nearest value that it takes.
    """
    kind = _known(type_name)
    limits = LIMITS[kind]
    _check_size(kind, gib, limits)
    if limits.iops is not None:
        iops = _checked_iops(kind, gib, iops, limits)
    elif iops is not None:
        raise _not_for(kind, "iops", "gp3, io1 and io2")
    if kind == "gp3" and iops is not None:
        mibps = _checked_throughput(iops, mibps)
    elif mibps is not None:
        raise _not_for(kind, "throughput", "gp3")
    return Volume(kind, gib, iops, mibps)


def _known(type_name: str) -> VolumeType:
    for kind in LIMITS:
        if kind == type_name:
            return kind
    near = get_close_matches(type_name.strip().lower()[:20], LIMITS, n=1, cutoff=0.5)
    raise Ec2Error(
        "There is no such volume type",
        f"It is {type_name[:40]!r}.",
        f"Did you mean {near[0]}?" if near else f"The types are {', '.join(LIMITS)}.",
        code="UnknownVolumeType",
    )


def _check_size(kind: VolumeType, gib: int, limits: Limits) -> None:
    least, most = limits.gib
    if not least <= gib <= most:
        raise Ec2Error(
            f"Volumes of type {kind} have {least:,} to {most:,} GiB",
            f"This has {gib:,} GiB.",
            f"The nearest is {min(max(gib, least), most):,} GiB.",
            code="InvalidParameterValue",
        )


def _checked_iops(kind: VolumeType, gib: int, iops: int | None, limits: Limits) -> int:
    assert limits.iops is not None
    least, most = limits.iops[0], limits.iops_most(gib)
    if iops is None:
        if limits.iops_default is not None:
            return limits.iops_default
        raise Ec2Error(
            f"Volumes of type {kind} need their IOPS named",
            f"None are given for {gib:,} GiB.",
            f"Give {least:,} to {most:,}.",
            code="InvalidParameterCombination",
        )
    if least <= iops <= most:
        return iops
    ratio = f"{limits.iops_per_gib:,} for each GiB, and {limits.iops[1]:,} at most"
    raise Ec2Error(
        f"Volumes of type {kind} with {gib:,} GiB take {least:,} to {most:,} IOPS",
        f"These are {iops:,}; they are limited to {ratio}.",
        f"The nearest is {min(max(iops, least), most):,} IOPS." + _room(kind, iops, limits),
        code="InvalidParameterValue",
    )


def _room(kind: VolumeType, iops: int, limits: Limits) -> str:
    """The size at which the wanted IOPS would be taken, where there is one."""
    assert limits.iops is not None
    if not limits.iops[0] <= iops <= limits.iops[1]:
        return ""
    return f" {iops:,} need {-(-iops // limits.iops_per_gib):,} GiB."


def _checked_throughput(iops: int, mibps: int | None) -> int:
    if mibps is None:
        return _GP3_MIBPS
    most = min(_GP3_MIBPS_MOST, int(iops * _GP3_MIBPS_PER_IOPS))
    if _GP3_MIBPS <= mibps <= most:
        return mibps
    room = (
        f" {mibps:,} need {int(mibps / _GP3_MIBPS_PER_IOPS):,} IOPS."
        if most < mibps <= _GP3_MIBPS_MOST
        else ""
    )
    raise Ec2Error(
        f"Volumes of type gp3 with {iops:,} IOPS take {_GP3_MIBPS} to {most:,} MiB/s",
        f"These are {mibps:,}; 0.25 for each IOPS are allowed, and {_GP3_MIBPS_MOST:,} at most.",
        f"The nearest is {min(max(mibps, _GP3_MIBPS), most):,} MiB/s.{room}",
        code="InvalidParameterValue",
    )


def _not_for(kind: VolumeType, parameter: str, owners: str) -> Ec2Error:
    return Ec2Error(
        f"Volumes of type {kind} have no {parameter} to choose",
        f"The parameter {parameter} is for {owners}.",
        "Leave it out, or use gp3.",
        code="InvalidParameterCombination",
    )


@dataclass(frozen=True, slots=True)
class Performance:
    """How fast a volume is. Each number is exact; None where the type is not described by it.

    IOPS count blocks of 16 KiB for the SSD types and of 1 MiB for st1 and sc1; throughput is in MiB/s.
    `bucket` holds the burst credits: I/O operations for gp2, MiB for st1 and sc1. `burst_seconds` is how long
    a full bucket lasts at the burst rate, `refill_seconds` how long an idle volume takes to fill it; these
    three are None when there is nothing to burst to.
    """

    iops: Fraction
    burst_iops: Fraction
    mibps: Fraction
    burst_mibps: Fraction
    bucket: Fraction | None = None
    burst_seconds: Fraction | None = None
    refill_seconds: Fraction | None = None


def performance(each: Volume) -> Performance:
    """The speed of a volume, attached to an instance that does not limit it further."""
    match each.type:
        case "gp2":
            return _gp2(each.gib)
        case "gp3":
            return _steady(each.iops or 0, each.mibps or 0)
        case "io1":
            return _steady(each.iops or 0, _io1_throughput(each.iops or 0))
        case "io2":
            return _steady(each.iops or 0, min(Fraction(4000), (each.iops or 0) * Fraction(256, 1000)))
        case "st1":
            return _disk(each.gib, base=40, burst=250, cap=500, iops=500)
        case "sc1":
            return _disk(each.gib, base=12, burst=80, cap=250, iops=250)
        case "standard":
            return Performance(Fraction(100), Fraction(200), Fraction(40), Fraction(90))


def _steady(iops: int, mibps: Fraction | int) -> Performance:
    return Performance(Fraction(iops), Fraction(iops), Fraction(mibps), Fraction(mibps))


def _gp2(gib: int) -> Performance:
    base = Fraction(min(16_000, max(100, 3 * gib)))
    burst_mibps = Fraction(128 if gib <= 170 else 250)
    mibps = Fraction(250 if gib >= 334 else 128)
    if base >= _GP2_BURST:
        return Performance(base, base, mibps, burst_mibps)
    return Performance(
        base,
        Fraction(_GP2_BURST),
        mibps,
        burst_mibps,
        Fraction(_GP2_BUCKET),
        _GP2_BUCKET / (_GP2_BURST - base),
        _GP2_BUCKET / base,
    )


def _io1_throughput(iops: int) -> Fraction:
    """256 KiB for each IOPS up to 500 MiB/s; above 32,000 IOPS 16 KiB for each, up to 1,000 MiB/s."""
    if iops > 32_000:
        return Fraction(iops * 16, 1024)
    return min(Fraction(500), Fraction(iops * 256, 1024))


def _disk(gib: int, *, base: int, burst: int, cap: int, iops: int) -> Performance:
    """st1 and sc1: rates for each TiB up to a cap, and a bucket that holds as much as the volume."""
    tib = Fraction(gib, _GIB_PER_TIB)
    rate, peak = min(Fraction(cap), base * tib), min(Fraction(cap), burst * tib)
    bucket = Fraction(gib * _MIB_PER_GIB)
    if peak <= rate:
        return Performance(rate, peak, rate, peak)
    # An I/O of these types counts as 1 MiB, so the throughput bounds the IOPS too.
    return Performance(
        min(Fraction(iops), rate),
        min(Fraction(iops), peak),
        rate,
        peak,
        bucket,
        bucket / (peak - rate),
        bucket / rate,
    )
