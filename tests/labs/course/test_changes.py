"""What changed between two texts: which lines, and in which words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labs.course.changes import changes_between

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "{", "}"]), max_size=12)


@given(LINES, LINES)
def test_what_was_added_and_removed_makes_up_the_difference(old: list[str], new: list[str]) -> None:
    changes = changes_between("".join(f"{each}\n" for each in old), "".join(f"{each}\n" for each in new))

    assert len(new) - len(old) == changes.count("added") - changes.count("removed")
    assert bool(changes.hunks) == (old != new)
    for hunk in changes.hunks:
        for line in hunk.lines:
            text = old if line.fate == "removed" else new
            assert text[line.number - 1] == line.text


def test_each_place_is_told_in_words() -> None:
    old = "".join(f"{number}\n" for number in range(1, 21))
    new = old.replace("3\n", "three\n", 1).replace("11\n12\n", "").replace("20\n", "20\n21\n")

    changes = changes_between(old, new)

    said = [hunk.words for hunk in changes.hunks]
    assert said == ["Line 3 was changed", "Lines 11 to 12 were removed", "Line 19 was added"]


def test_a_missing_newline_at_the_end_is_no_change() -> None:
    assert changes_between("a\nb", "a\nb\n").hunks == ()
