"""Documents are written as xmltodict writes them."""

from __future__ import annotations

from typing import Any

import pytest
import xmltodict
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.sandbox.quick_xml import unparse

TEXTS = st.text(max_size=6) | st.sampled_from(["<&>\"'", "\n", "]]>", " "])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | st.binary(max_size=3)


def parents(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Elements with children, attributes and text, in any order."""
    children = st.dictionaries(st.sampled_from(["a", "Item", "member", "ns:b"]), inner, max_size=4)
    own = st.dictionaries(st.sampled_from(["@xmlns", "@id", "#text"]), PLAIN, max_size=3)
    return st.builds(lambda one, other: {**one, **other}, children, own) | st.builds(
        lambda one, other: {**one, **other}, own, children
    )


VALUES = st.recursive(PLAIN, lambda inner: parents(inner) | st.lists(inner, max_size=3), max_leaves=20)


def written(write: Any, document: dict[str, Any], **how: Any) -> str:
    try:
        text: str = write(document, **how)
    except (TypeError, ValueError) as refused:
        return f"refused: {type(refused).__name__}"
    return text


@given(parents(VALUES), st.booleans(), st.booleans())
@settings(derandomize=True, max_examples=600, deadline=None)
def test_whatever_is_in_it(root: Any, full: bool, short: bool) -> None:
    how = {"full_document": full, "short_empty_elements": short}
    document = {"Response": root}
    assert written(unparse, document, **how) == written(xmltodict.unparse, document, **how)


@pytest.mark.parametrize(
    "document",
    [
        {"A": {"b": (1, 2), "c": iter(["x"]), "d": {}.values(), "e": {1: 2}.keys()}},
        {"A": {"b": [[1, 2], [], None, {}]}},
        {"A": {"#text": "t", "b": 1, "@c": "d"}},
        {"A": None},
        {"A": "text"},
        {"A": [1]},
        {"A": {}, "B": {}},
        {},
        {"A": {"x y": 1}},
        {"A": {"<x": 1}},
        {"A": {"@a=b": 1}},
        {"a/b": {}},
    ],
)
def test_what_is_rare(document: dict[str, Any]) -> None:
    again = {name: {**root} if isinstance(root, dict) else root for name, root in document.items()}
    for root in again.values():
        if isinstance(root, dict) and "c" in root and hasattr(root["c"], "__next__"):
            root["c"] = ["x"]
    ours = written(unparse, document, short_empty_elements=True)
    assert ours == written(xmltodict.unparse, again, short_empty_elements=True)


def test_a_pretty_one_is_left_to_xmltodict() -> None:
    document = {"A": {"b": 1}}
    assert unparse(document, pretty=True) == xmltodict.unparse(document, pretty=True)
