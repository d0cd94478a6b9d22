"""Markdown for those who have it read aloud."""

from __future__ import annotations

from labs.course import load_course
from tui.draw.spoken import spoken


def test_a_row_of_a_table_is_a_line_that_names_its_columns() -> None:
    table = "| part | says |\n|---|---|\n| `arn` | this is an ARN |\n| partition | which AWS |"

    assert spoken(table) == "part: `arn`; says: this is an ARN\npart: partition; says: which AWS"


def test_code_is_left_as_it_is_between_words_that_name_it() -> None:
    text = "See:\n\n```sh\n| a | b |\n# **not** strong\n```\nDone."

    assert spoken(text) == "See:\n\nCode, sh:\n| a | b |\n# **not** strong\nEnd of code.\nDone."


def test_headings_and_strong_words_lose_their_signs() -> None:
    assert spoken("## The idea\n\n**Before you go on:** 2 ** 3 is `**`.") == (
        "The idea\n\nBefore you go on: 2 ** 3 is `**`."
    )


def test_no_page_of_the_course_keeps_a_table() -> None:
    pages = [page.text for unit in load_course().units for page in unit.pages]

    assert any("\n|" in page for page in pages)
    assert [line for page in pages for line in spoken(page).splitlines() if line.startswith("|--")] == []
