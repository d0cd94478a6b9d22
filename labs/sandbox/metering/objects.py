"""How many bytes a request adds to a bucket: what its keys held before and after, all versions and parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from labs.sandbox.live import live_bucket
from labs.sandbox.metering.periods import Thing

__all__ = ["ObjectsBefore", "objects_before"]

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

    __slots__ = ("_bucket", "_keys", "_size", "_upload", "name")

    def __init__(self, bucket: Any, keys: tuple[str, ...], upload: str) -> None:
        self.name: str = bucket.name
        self._bucket, self._keys, self._upload = bucket, keys, upload
        self._size = self._now()

    def _now(self) -> int:
        """The bytes of all versions of the keys, and of the parts of the upload."""
        held: Any = self._bucket.keys
        size = sum(getattr(each, "contentsize", 0) for key in self._keys for each in held.getlist(key) or ())
        upload = self._bucket.multiparts.get(self._upload) if self._upload else None
        return size + (sum(part.contentsize for part in upload.parts.values()) if upload is not None else 0)

    def added(self) -> tuple[Thing, int]:
        """The bucket, and how many bytes it holds more by now."""
        thing = Thing("s3.storage", self._bucket.account_id, self._bucket.region_name, self.name)
        return thing, self._now() - self._size


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
