"""The notebook's ARN dissector: it follows the typing, names what is wrong, and takes over what was meant."""

from __future__ import annotations

import pytest

from labs.widgets import ArnDissector


@pytest.fixture
def dissector() -> ArnDissector:
    return ArnDissector("arn:aws:iam::123456789012:role/team/app")


def test_it_opens_with_the_parts_and_what_they_mean(dissector: ArnDissector) -> None:
    assert "✓ Nothing is wrong with it" in dissector.found.value
    assert "the role app, under the path /team/" in dissector.found.value


def test_a_part_that_should_be_empty_is_marked(dissector: ArnDissector) -> None:
    dissector.arn.value = "arn:aws:s3:eu-west-1::notes"

    assert "✗ One thing is wrong" in dissector.found.value
    assert "✗ region" in dissector.found.value
    assert "The Region stays empty here" in dissector.found.value


def test_what_was_probably_meant_can_be_taken_over(dissector: ArnDissector) -> None:
    dissector.arn.value = "arn:aws:s3:eu-west-1:123456789012:notes"
    assert dissector.suggestion.description == "Take arn:aws:s3:::notes"

    dissector.suggestion.click()

    assert dissector.arn.value == "arn:aws:s3:::notes"
    assert "✓ Nothing is wrong with it" in dissector.found.value


def test_no_button_is_shown_where_there_is_nothing_to_take_over(dissector: ArnDissector) -> None:
    assert dissector.suggestion.layout.display == "none"
    dissector.arn.value = "arn:aws:s3:eu-west-1::notes"
    assert dissector.suggestion.layout.display == ""
    dissector.arn.value = "hello"
    assert dissector.suggestion.layout.display == "none"


@pytest.mark.parametrize("text", ["", "hello", "arn:", "arn:aws:s3", "i-0a1b2c3d4e5f60718"])
def test_what_is_no_arn_shows_what_is_wrong(dissector: ArnDissector, text: str) -> None:
    dissector.arn.value = text

    assert 'class="headline no"' in dissector.found.value


def test_what_is_typed_is_escaped(dissector: ArnDissector) -> None:
    dissector.arn.value = "arn:aws:s3:::<script>alert(1)</script>"

    assert "<script>" not in dissector.found.value
    assert "&lt;script&gt;" in dissector.found.value
