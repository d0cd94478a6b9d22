"""How many bytes a request adds to a bucket: what its keys held before and after, all versions and parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from labs.sandbox.live import live_bucket
from labs.sandbox.metering.periods import Thing

__all__ = ["ObjectsBefore", "objects_before"]

STANDARD: Final = "STANDARD"
_WRITES: Final = frozenset(
    (
        "PutObject",
        "CopyObject",
        "DeleteObject",
        "DeleteObjects",
        "CompleteMultipartUpload",
        "UploadPart",
        "UploadPartCopy",
        "AbortMultipartUpload",
    )
)


class ObjectsBefore:
    """What the keys of a request held before it."""

    __slots__ = ("_bucket", "_keys", "_sizes", "_upload", "name")

    def __init__(self, bucket: Any, keys: tuple[str, ...], upload: str) -> None:
        self.name: str = bucket.name
        self._bucket, self._keys, self._upload = bucket, keys, upload
        self._sizes = self._now()

    def _now(self) -> dict[str, int]:
        """The bytes of all versions of the keys, and of the parts of the upload, by storage class."""
        sizes: dict[str, int] = {}
        versions = [each for key in self._keys for each in self._bucket.keys.getlist(key) or ()]
        upload = self._bucket.multiparts.get(self._upload) if self._upload else None
        for each in (*versions, *(upload.parts.values() if upload is not None else ())):
            if size := getattr(each, "contentsize", 0):  # a delete marker has none
                kind = each.storage_class or STANDARD
                sizes[kind] = sizes.get(kind, 0) + size
        return sizes

    def added(self) -> Iterator[tuple[Thing, int]]:
        """The bucket, and how many bytes it holds more by now, for each storage class."""
        after = self._now()
        for kind in {**self._sizes, **after}:
            by = after.get(kind, 0) - self._sizes.get(kind, 0)
            if by:
                meter = "s3.storage" if kind == STANDARD else f"s3.storage:{kind}"
                yield Thing(meter, self._bucket.account_id, self._bucket.region_name, self.name), by


def objects_before(operation: str, params: Mapping[str, Any]) -> ObjectsBefore | None:
    """What is to be remembered before a request of S3; None when it stores nothing."""
    if operation not in _WRITES:
        return None
    bucket = live_bucket(str(params.get("Bucket") or ""))
    if bucket is None:
        return None
    return ObjectsBefore(bucket, tuple(dict.fromkeys(_keys(params))), str(params.get("UploadId") or ""))


def _keys(params: Mapping[str, Any]) -> Iterable[str]:
    if (key := params.get("Key")) is not None:
        yield str(key)
    for each in (params.get("Delete") or {}).get("Objects") or ():
        yield str(each.get("Key"))
