"""The instance types of the sandbox: whole families out of moto's table, and those that moto lacks.

Of moto's table only those families are read, a sixth of it. Which of them a Region offers is read when it is
first asked for. moto reads that of every Region as it is imported, from ninety files: a tenth of the time
until a world can begin.
"""

from __future__ import annotations

import copy
import gzip
import json
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from typing import Any

from labs.sandbox.moto_ids import replace_in

__all__ = ["read_offers", "trim_instance_types"]

_TABLE = "moto.ec2.models.instance_types"
_TYPES = "ec2/resources/instance_types.json"
_OFFERS = "ec2/resources/instance_type_offerings"

Offer = dict[str, str]


def trim_instance_types() -> None:
    """Have moto know the types of `data/instance_types.toml` and no others; call this once."""
    text = (resources.files("labs.sandbox") / "data" / "instance_types.toml").read_text("utf-8")
    wanted = tomllib.loads(text)
    with _little_read(frozenset(wanted["families"])):
        from moto.ec2.models import instance_types as table

    # The dictionaries are changed in place: other modules of moto hold on to them.
    types = dict(table.INSTANCE_TYPES)
    for row in wanted["added"]:
        types[row["type"]] = _instance_type(row, types[row["like"]])
    table.INSTANCE_TYPES.clear()
    table.INSTANCE_TYPES.update(types)
    table.INSTANCE_FAMILIES[:] = sorted({name.partition(".")[0] for name in types})
    table.InstanceTypeBackend.instance_types[:] = map(table.InstanceType, types)
    likes = {row["type"]: row["like"] for row in wanted["added"]}
    for place in table.INSTANCE_TYPE_OFFERINGS:
        table.INSTANCE_TYPE_OFFERINGS[place] = _Offers(place, types, likes)
    replace_in("moto.ec2.models.instances", "InvalidInstanceTypeError", _no_such_type)


def read_offers(region: str) -> None:
    """Read what a Region offers now, for all that is forked from this process."""
    from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

    for offers in INSTANCE_TYPE_OFFERINGS.values():
        offers.get(region)


class _Offers(dict[str, list[Offer]]):
    """By Region, which types it offers where; a kind of place ("region", "availability-zone") has its own."""

    def __init__(self, place: str, types: Mapping[str, Any], likes: Mapping[str, str]) -> None:
        super().__init__()
        self._place, self._types, self._likes = place, types, likes

    def __missing__(self, region: str) -> list[Offer]:
        from moto.utilities.utils import load_resource

        try:
            offers = load_resource(f"{_OFFERS}/{self._place}/{region}.json")
        except FileNotFoundError:
            raise KeyError(region) from None
        offers = [offer | {"LocationType": self._place} for offer in offers]
        kept = [offer for offer in offers if offer["InstanceType"] in self._types]
        for name, like in self._likes.items():
            kept += [{**offer, "InstanceType": name} for offer in offers if offer["InstanceType"] == like]
        self[region] = kept
        return kept

    def get(self, region: str, default: Any = None) -> Any:
        try:
            return self[region]
        except KeyError:
            return default


@contextmanager
def _little_read(families: Collection[str]) -> Iterator[None]:
    """Import EC2 in this block: of the types it reads these families, and not what the Regions offer."""
    from moto.utilities import utils

    read: Callable[[str], Any] = utils.load_resource

    def little(name: str) -> Any:
        if name.startswith(_OFFERS):
            return []
        return _types_of(families) if name == _TYPES else read(name)

    utils.load_resource = little
    try:
        yield
        for module in (_TABLE, "moto.ec2.models.amis"):
            replace_in(module, "load_resource", read)
    finally:
        utils.load_resource = read


def _types_of(families: Collection[str]) -> dict[str, Any]:
    """The types of these families in moto's table: one JSON object, with each type on a line of its own."""
    from moto.utilities.utils import load_resource_as_bytes

    text = gzip.decompress(load_resource_as_bytes(f"{_TYPES}.gz")).decode()
    decoder, types = json.JSONDecoder(), {}
    for row in text.split('\n "')[1:]:
        name, _, rest = row.partition('": ')
        if name.partition(".")[0] in families:
            types[name] = decoder.raw_decode(rest)[0]
    return types


def _no_such_type(name: str) -> Exception:
    """AWS's answer to a launch of a type that there is not; moto's is that of describe-instance-types."""
    from moto.ec2.exceptions import EC2ClientError

    return EC2ClientError("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")  # type: ignore[no-any-return]  # moto is Any to us


def _instance_type(row: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(dict(like))
    gpus = row["gpus"]
    made.pop("InstanceStorageInfo", None)
    made |= {
        "InstanceType": row["type"],
        "InstanceStorageSupported": False,
        "MemoryInfo": {"SizeInMiB": row["memory_mib"]},
        "VCpuInfo": {
            "DefaultVCpus": row["vcpus"],
            "DefaultCores": row["vcpus"] // 2,
            "DefaultThreadsPerCore": 2,
        },
        "GpuInfo": {
            "Gpus": [
                {
                    "Name": gpus["name"],
                    "Manufacturer": gpus["manufacturer"],
                    "Count": gpus["count"],
                    "MemoryInfo": {"SizeInMiB": gpus["memory_mib"]},
                }
            ],
            "TotalGpuMemoryInMiB": gpus["count"] * gpus["memory_mib"],
        },
    }
    return made
