from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.ec2.snapshots import BLOCK_KIB, History
from labs.errors import Ec2Error

GIB = 1024 * 1024 // BLOCK_KIB


def aws_s_example() -> History:
    """10 GiB, of which 4 change, and 2 that are added.

    Source: https://docs.aws.amazon.com/ebs/latest/userguide/how_snapshots_work.html
    """
    history = History().write(range(10 * GIB)).snapshot("a")
    history = history.write(range(4 * GIB)).snapshot("b")
    return history.write(range(10 * GIB, 12 * GIB)).snapshot("c")


def test_only_changed_blocks_are_added() -> None:
    history = aws_s_example()
    assert [len(history.added_by(name)) // GIB for name in "abc"] == [10, 4, 2]
    assert history.stored_kib == 16 * 1024 * 1024


def test_every_snapshot_holds_the_whole_volume() -> None:
    history = aws_s_example()
    assert [len(history.find(name).blocks) // GIB for name in "abc"] == [10, 10, 12]


@pytest.mark.parametrize(("name", "freed"), [("a", 4), ("b", 0), ("c", 2)])
def test_deleting_a_snapshot_frees_what_no_other_one_needs(name: str, freed: int) -> None:
    assert aws_s_example().delete(name)[1] == freed * GIB


def test_what_a_deleted_snapshot_added_moves_to_the_next() -> None:
    history = aws_s_example()
    rest, _ = history.delete("b")
    assert len(rest.added_by("c")) == 6 * GIB
    assert rest.stored == history.stored


def test_the_same_content_written_again_is_stored_again() -> None:
    history = History().write([0]).snapshot("a").write([0]).snapshot("b")
    assert len(history.stored) == 2


def test_a_snapshot_of_an_unchanged_volume_adds_nothing() -> None:
    history = History().write([0]).snapshot("a").snapshot("b")
    assert history.added_by("b") == frozenset()
    assert history.delete("a")[1] == 0


def test_what_cannot_be_is_refused() -> None:
    history = History().write([0]).snapshot("a")
    with pytest.raises(Ec2Error, match="one name"):
        history.snapshot("a")
    with pytest.raises(Ec2Error, match="no such snapshot") as caught:
        history.delete("b")
    assert caught.value.code == "InvalidSnapshot.NotFound"
    with pytest.raises(Ec2Error, match="from 0"):
        history.write([-1])


steps = st.lists(st.frozensets(st.integers(0, 7), max_size=4), min_size=1, max_size=6)


def chain(writes: list[frozenset[int]]) -> History:
    history = History()
    for number, blocks in enumerate(writes):
        history = history.write(blocks).snapshot(f"s{number}")
    return history


@settings(max_examples=200, deadline=None, derandomize=True)
@given(steps, st.data())
def test_deleting_never_harms_another_snapshot_and_frees_what_it_says(
    writes: list[frozenset[int]], data: st.DataObject
) -> None:
    history = chain(writes)
    name = data.draw(st.sampled_from([each.name for each in history.snapshots]))
    rest, freed = history.delete(name)
    assert freed == len(history.only_in(name)) == len(history.stored) - len(rest.stored)
    assert rest.snapshots == tuple(each for each in history.snapshots if each.name != name)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(steps, st.randoms(use_true_random=False))
def test_the_order_of_deletions_never_matters_to_the_total(
    writes: list[frozenset[int]], shuffler: random.Random
) -> None:
    history = chain(writes)
    names = [each.name for each in history.snapshots]
    shuffler.shuffle(names)
    freed = 0
    rest = history
    for name in names:
        rest, more = rest.delete(name)
        freed += more
    assert freed == len(history.stored)
    assert sum(len(history.added_by(each.name)) for each in history.snapshots) == freed
