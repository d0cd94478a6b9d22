from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.ec2.volumes import LIMITS, Volume, VolumeType, performance, volume
from labs.errors import Ec2Error

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "cases" / "volumes.json").read_text())


@pytest.mark.parametrize(("gib", "iops", "burst", "refill", "mibps", "peak"), CASES["gp2"]["rows"])
def test_gp2_is_as_fast_as_it_is_large(
    gib: int, iops: int, burst: int | None, refill: int | None, mibps: int, peak: int
) -> None:
    found = performance(volume("gp2", gib))
    assert [found.iops, found.mibps, found.burst_mibps] == [Fraction(iops), Fraction(mibps), Fraction(peak)]
    assert found.burst_iops == max(iops, 3000)
    assert (round(found.burst_seconds) if found.burst_seconds else None) == burst
    assert (round(found.refill_seconds) if found.refill_seconds else None) == refill


@pytest.mark.parametrize(("gib", "iops", "mibps", "wanted_iops", "wanted_mibps"), CASES["gp3"]["rows"])
def test_gp3_is_as_fast_as_it_is_ordered(
    gib: int, iops: int | None, mibps: int | None, wanted_iops: int, wanted_mibps: int
) -> None:
    made = volume("gp3", gib, iops=iops, mibps=mibps)
    assert made == Volume("gp3", gib, wanted_iops, wanted_mibps)
    found = performance(made)
    assert found.iops == found.burst_iops == wanted_iops
    assert found.mibps == found.burst_mibps == wanted_mibps
    assert found.bucket is None


@pytest.mark.parametrize(("kind", "gib", "iops", "mibps"), CASES["provisioned"]["rows"])
def test_provisioned_iops_bring_throughput(kind: str, gib: int, iops: int, mibps: str) -> None:
    found = performance(volume(kind, gib, iops=iops))
    assert found.iops == iops
    assert found.mibps == Fraction(mibps)


@pytest.mark.parametrize(("kind", "gib", "base", "burst", "scan"), CASES["disks"]["rows"])
def test_disks_burst_from_a_bucket_as_large_as_the_volume(
    kind: str, gib: int, base: str, burst: str, scan: str | None
) -> None:
    found = performance(volume(kind, gib))
    assert (found.mibps, found.burst_mibps) == (Fraction(base), Fraction(burst))
    assert (found.bucket is None) == (base == burst)
    if scan is not None:
        assert found.bucket == gib * 1024
        assert found.burst_seconds is not None
        seconds = found.bucket / found.burst_mibps
        assert f"{float(seconds / 3600):.2f}" == scan
        assert seconds <= found.burst_seconds


@pytest.mark.parametrize(("kind", "gib", "iops", "mibps", "code", "hint"), CASES["refused"]["rows"])
def test_what_aws_refuses_is_refused_with_the_nearest_that_is_legal(
    kind: str, gib: int, iops: int | None, mibps: int | None, code: str, hint: str
) -> None:
    with pytest.raises(Ec2Error) as caught:
        volume(kind, gib, iops=iops, mibps=mibps)
    assert caught.value.code == code
    assert hint in caught.value.hint
    assert caught.value.title
    assert caught.value.detail


kinds: st.SearchStrategy[VolumeType] = st.sampled_from(sorted(LIMITS))
laws = settings(max_examples=200, deadline=None, derandomize=True)


def refusal(kind: str, gib: int, iops: int | None, mibps: int | None = None) -> Ec2Error | None:
    try:
        volume(kind, gib, iops=iops, mibps=mibps)
    except Ec2Error as raised:
        return raised
    return None


@laws
@given(kinds, st.integers(-5, 70_000), st.none() | st.integers(0, 300_000))
def test_a_volume_is_made_exactly_within_its_limits(kind: VolumeType, gib: int, iops: int | None) -> None:
    limits = LIMITS[kind]
    fits = limits.gib[0] <= gib <= limits.gib[1]
    if limits.iops is None:
        fits = fits and iops is None
    elif iops is None:
        fits = fits and limits.iops_default is not None
    else:
        fits = fits and limits.iops[0] <= iops <= limits.iops_most(gib)
    error = refusal(kind, gib, iops)
    assert (error is None) == fits
    assert error is None or (error.code and error.detail and error.hint)


@laws
@given(st.integers(1, 65_536), st.integers(0, 90_000), st.integers(0, 2500))
def test_throughput_is_bounded_by_the_iops(gib: int, iops: int, mibps: int) -> None:
    if refusal("gp3", gib, iops) is None:
        fits = 125 <= mibps <= min(2000, iops / 4)
        assert (refusal("gp3", gib, iops, mibps) is None) == fits


@laws
@given(st.sampled_from(["gp2", "st1", "sc1", "gp3", "standard"]), st.integers(125, 1024))
def test_a_volume_bursts_to_no_less_than_its_base(kind: str, gib: int) -> None:
    found = performance(volume(kind, gib))
    assert 0 < found.iops <= found.burst_iops
    assert 0 < found.mibps <= found.burst_mibps
    assert (found.bucket is None) == (found.burst_seconds is None) == (found.refill_seconds is None)


@laws
@given(st.sampled_from(["gp2", "st1", "sc1"]), st.integers(125, 16_000), st.integers(1, 384))
def test_a_larger_volume_is_never_slower(kind: str, gib: int, more: int) -> None:
    small, large = performance(volume(kind, gib)), performance(volume(kind, gib + more))
    assert small.iops <= large.iops
    assert small.mibps <= large.mibps
    assert small.burst_mibps <= large.burst_mibps
