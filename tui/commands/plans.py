"""What is asked of a subnet plan, from options and files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from labs.aws.network.addresses.documents import size_of
from labs.errors import InputError
from tui.commands.lines import load_json, read_text

__all__ = ["PlanOptions", "document_in", "is_file"]


def is_file(source: str) -> bool:
    """Whether a word names a file with a plan, and not a block."""
    return source == "-" or source.lower().endswith((".toml", ".json"))


def document_in(file: Path) -> Mapping[str, object]:
    """The document in a TOML or JSON file; `-` is JSON on stdin.

    Raises:
        InputError: it cannot be read, or is neither.
    """
    if file.suffix.lower() != ".toml":
        return load_json(file)
    try:
        return tomllib.loads(read_text(file))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError("This is not TOML", f"In {file}: {reason}.", "Look at that place.") from None


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The options of `skylab cidr plan`, as they were typed."""

    tiers: tuple[str, ...] = ()
    zones: str | None = None
    also: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    keep_free: int | None = None

    def document(self, vpc: str) -> dict[str, object]:
        """The same as a document.

        Raises:
            InputError: an option has not the form that it should have.
        """
        document: dict[str, object] = {
            "vpc": [vpc, *self.also],
            "zones": _zones(self.zones or "2", ","),
            "tiers": [_tier(text) for text in self.tiers],
            "peers": [_peer(text) for text in self.peers],
        }
        if self.keep_free is not None:
            document["keep_free"] = self.keep_free
        return document


def _zones(text: str, between: str) -> int | list[str]:
    """How many zones, or their names."""
    if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII):
        return int(text)
    return [each.strip() for each in text.split(between)]


def _tier(text: str) -> dict[str, object]:
    """web=100,public,growth=1.5,zones=a+b"""
    name, equals, rest = text.partition("=")
    size, *extras = [each.strip() for each in rest.split(",")]
    if not equals or not name.strip():
        raise InputError(
            "A tier is not written as NAME=SIZE",
            f"It is {text!r}.",
            "For example: --tier web=100 --tier db=/27",
        )
    tier: dict[str, object] = {"name": name.strip(), **size_of(size, f"--tier {name.strip()}")}
    for extra in extras:
        key, _, value = extra.partition("=")
        match key, value:
            case "public", "":
                tier["public"] = True
            case "double" | "nodouble", "":
                tier["double"] = key == "double"
            case "growth", _:
                tier["growth"] = value
            case "zones", _:
                tier["zones"] = _zones(value, "+")
            case _:
                raise InputError(
                    f"The tier {name.strip()} says something unknown",
                    f"It is {extra!r}.",
                    "Known are public, double, nodouble, growth=1.5 and zones=a+b.",
                )
    return tier


def _peer(text: str) -> dict[str, str] | str:
    name, equals, block = text.rpartition("=")
    return {"name": name, "cidr": block} if equals else block
