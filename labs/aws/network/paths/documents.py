"""Describe documents, read with care: every value is looked at, and an error says which file, key and id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final, NoReturn, TypeVar

from labs.aws.network.paths.values import Address, Cidr
from labs.errors import InputError

__all__ = ["KEYS", "Item", "collect"]

KEYS: Final = (
    "Vpcs",
    "VpcAttributes",
    "Subnets",
    "RouteTables",
    "InternetGateways",
    "EgressOnlyInternetGateways",
    "NatGateways",
    "SecurityGroups",
    "NetworkAcls",
    "NetworkInterfaces",
    "Reservations",
    "Instances",
    "Addresses",
    "VpcPeeringConnections",
    "VpcEndpoints",
    "PrefixLists",
)
"""The keys of the documents that are read; others are passed over."""

AddressT = TypeVar("AddressT", IPv4Address, IPv6Address)


@dataclass(frozen=True, slots=True)
class Item:
    """A JSON object in a document, with the words for its place: `vpc.json: Subnets[3] (subnet-1)`."""

    place: str
    value: Mapping[str, Any]

    def identified(self, key: str) -> tuple[str, Item]:
        """The id that stands under a key, and the same object with that id in the words for its place."""
        id = self.text(key)
        return id, Item(f"{self.place} ({id[:80]})", self.value)

    def has(self, key: str) -> bool:
        """Whether there is a value under the key."""
        return self.value.get(key) is not None

    def text(self, key: str) -> str:
        """The text under a key, which must be there."""
        if not (found := self.maybe(key)):
            self.refuse(
                key, "is missing", f'AWS writes "{key}" here. Give the output of describe-* unchanged.'
            )
        return found

    def maybe(self, key: str) -> str:
        """The text under a key; empty when there is none."""
        found = self.value.get(key)
        if found is None:
            return ""
        if not isinstance(found, str):
            self._of_wrong_kind(key, found, "a text")
        return found

    def flag(self, key: str, default: bool = False) -> bool:
        """The truth value under a key."""
        found = self.value.get(key)
        if found is None:
            return default
        if not isinstance(found, bool):
            self._of_wrong_kind(key, found, "true or false")
        return found

    def number(self, key: str, default: int | None = None) -> int:
        """The whole number under a key, also when it is written as a text."""
        found = self.value.get(key)
        if found is None and default is not None:
            return default
        if isinstance(found, str) and found.removeprefix("-").isdecimal() and len(found) < 10:
            found = int(found)
        if not isinstance(found, int) or isinstance(found, bool):
            self._of_wrong_kind(key, found, "a whole number")
        return found

    def item(self, key: str) -> Item:
        """The object under a key; an empty one when there is none."""
        found = self.value.get(key)
        if found is None:
            return Item(f"{self.place}.{key}", {})
        if not isinstance(found, Mapping):
            self._of_wrong_kind(key, found, "an object")
        return Item(f"{self.place}.{key}", found)

    def items(self, key: str) -> tuple[Item, ...]:
        """The objects in the list under a key; none when there is no such key."""
        found = self._list(key)
        for place, each in enumerate(found):
            if not isinstance(each, Mapping):
                self._of_wrong_kind(f"{key}[{place}]", each, "an object")
        return tuple(Item(f"{self.place}.{key}[{place}]", each) for place, each in enumerate(found))

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts in the list under a key."""
        found = self._list(key)
        for place, each in enumerate(found):
            if not isinstance(each, str):
                self._of_wrong_kind(f"{key}[{place}]", each, "a text")
        return tuple(found)

    def name(self) -> str:
        """The value of the Name tag."""
        tags = (*self.items("Tags"), *self.items("TagSet"))
        return next((each.maybe("Value") for each in tags if each.maybe("Key") == "Name"), "")

    def cidr(self, key: str) -> Cidr:
        """The address block under a key; host bits are dropped, as AWS drops them."""
        text = self.text(key)
        try:
            return ip_network(text, strict=False)
        except ValueError as error:
            self.refuse(key, f"is no address block: {error}", "A block is written as 10.0.1.0/24 or as ::/0.")

    def address(self, key: str, kind: type[AddressT]) -> AddressT | None:
        """The address of one family under a key; None when there is none."""
        text = self.maybe(key)
        if not text:
            return None
        try:
            found: Address = ip_address(text)
        except ValueError as error:
            self.refuse(key, f"is no address: {error}", "An address is written as 10.0.1.5 or 2001:db8::5.")
        if not isinstance(found, kind):
            wanted = "IPv4" if kind is IPv4Address else "IPv6"
            self.refuse(
                key, f"is {text}, and that is no {wanted} address", "The family follows from the key."
            )
        return found

    def refuse(self, key: str, fault: str, hint: str) -> NoReturn:
        """Say that what stands under a key cannot be read."""
        raise InputError("A describe document is damaged", f"{self.place}: {key} {fault}.", hint)

    def dangling(self, key: str, id: str, wanted: str) -> NoReturn:
        """Say that an id leads to nothing in the documents."""
        raise InputError(
            "A describe document points to something that is not there",
            f"{self.place}: {key} is {id[:80]}, and that id is nowhere in {wanted}.",
            f"Give all of {wanted}, from the same account, region and time.",
        )

    def _list(self, key: str) -> list[Any]:
        found = self.value.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            self._of_wrong_kind(key, found, "a list")
        return found

    def _of_wrong_kind(self, key: str, found: object, wanted: str) -> NoReturn:
        shown = repr(found)
        self.refuse(
            key,
            f"is {shown if len(shown) <= 60 else shown[:57] + '…'}, and not {wanted}",
            "Give the output of describe-* unchanged.",
        )


def collect(documents: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Item, ...]]:
    """The objects of all documents by key; a document's name leads the words for its places.

    Raises:
        InputError: a key holds no list of objects, or no document has any key that is known.
    """
    found: dict[str, tuple[Item, ...]] = {}
    for name, document in documents.items():
        whole = Item(name, document)
        for key in KEYS:
            if document.get(key) is not None:
                lead = f"{name}: " if name else ""
                items = [
                    Item(f"{lead}{key}[{place}]", each.value) for place, each in enumerate(whole.items(key))
                ]
                found[key] = (*found.get(key, ()), *items)
    if not found:
        seen = sorted({key[:40] for document in documents.values() for key in document})
        raise InputError(
            "The documents describe no network",
            f"They have {', '.join(seen[:8]) if seen else 'no keys at all'}.",
            f"Give the output of describe-vpcs and its like: {', '.join(KEYS[:4])}, …",
        )
    return found
