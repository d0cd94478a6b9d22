from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from labs.sandbox.entries import Deed, JournalEntry, Mint
from labs.sandbox.image import Image
from labs.sandbox.ring import Ring, Step, step_of

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def image(size: int = 10, *values: tuple[object, int]) -> Image:
    return Image(Random(size).randbytes(size), values)


def step(number: int) -> Step:
    return Step(number, NOON, f"change {number}")


def ring(**bounds: Any) -> Ring:
    return Ring(Step(0, NOON, "the beginning", counts=False, image=image()), **bounds)


def numbers(steps: Any) -> list[int]:
    return [each.number for each in steps]


def grow(made: Ring, until: int, every: int, size: int = 10) -> None:
    for number in range(made.last.number + 1, until + 1):
        made.add(step(number))
        if number % every == 0:
            made.picture(image(size))


def test_steps_are_kept_in_order_with_the_images_that_were_taken() -> None:
    made = ring()
    grow(made, 7, every=3)
    assert numbers(made.steps) == list(range(8))
    assert numbers(made.pictured) == [0, 3, 6]
    assert (made.last.number, made.without_image) == (7, 1)


def test_the_oldest_steps_go_but_never_without_those_that_need_their_image() -> None:
    made = ring(steps=10)
    grow(made, 40, every=4)
    assert numbers(made.steps) == list(range(28, 41))
    assert made.steps[0].image is not None


def test_what_weighs_too_much_goes_but_the_last_image_stays() -> None:
    made = ring(size=100)
    grow(made, 10, every=1, size=40)
    assert numbers(made.steps) == [9, 10]
    grow(made, 11, every=1, size=5000)
    assert numbers(made.steps) == [11]


def test_all_images_but_the_last_are_packed() -> None:
    made = ring()
    for number in (1, 2, 3):
        made.add(step(number))
        made.picture(Image(b"x" * 10_000, ()))
    images = [each.image for each in made.steps if each.image is not None]
    assert [each.packed for each in images] == [True, True, True, False]
    assert {each.pickled for each in images[1:]} == {b"x" * 10_000}
    assert len(images[1].data) < 1000


def test_contents_that_the_world_still_has_weigh_nothing() -> None:
    large, gone = object(), object()
    made = ring(size=100)
    for number in range(1, 4):
        made.add(step(number))
        made.picture(image(10, (large, 10_000)))
    assert numbers(made.steps) == [0, 1, 2, 3]
    made.add(step(4))
    made.picture(image(10, (gone, 90)))
    assert numbers(made.steps) == [4], "the large object is no longer the world's, and weighs"
    made.add(step(5))
    made.picture(image(10))
    assert numbers(made.steps) == [5]


def test_a_named_step_outlives_the_ring() -> None:
    made = ring(steps=5)
    grow(made, 4, every=2)
    made.keep(names=2)
    grow(made, 30, every=2)
    assert made.steps[0].number > 4
    assert numbers(made.pictured)[0] == 4
    made.keep(names=2)
    grow(made, 40, every=2)
    made.keep(names=2)
    grow(made, 60, every=2)
    assert [number for number in numbers(made.pictured) if number < made.steps[0].number] == [30, 40]


def test_what_is_cut_is_gone_named_or_not() -> None:
    made = ring()
    grow(made, 4, every=2)
    made.keep(names=5)
    grow(made, 9, every=2)
    made.cut(3)
    assert numbers(made.steps) == [0, 1, 2, 3]
    assert numbers(made.pictured) == [0, 2]


def test_only_what_somebody_meant_to_do_counts() -> None:
    changes = (Mint("principal", "user/dev"), Deed("wait", {"seconds": 3}), Deed("advance", {"seconds": 3}))
    assert [step_of(JournalEntry(1, NOON, change), None).counts for change in changes] == [False, False, True]


@pytest.mark.parametrize("what", ["", "s3 PutObject bucket/k"])
def test_a_step_is_called_what_was_done_or_what_the_journal_says(what: str) -> None:
    made = step_of(JournalEntry(1, NOON, Mint("principal", "user/dev")), None, what)
    assert made.what == (what or "credentials for principal user/dev")
