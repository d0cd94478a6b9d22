"""The contents of S3 objects: in memory while they are small, and freed when nobody refers to them.

moto closes them as soon as an object is deleted or replaced, but a checkpoint may still refer to them.
"""

from __future__ import annotations

import tempfile
from tempfile import SpooledTemporaryFile

from labs.sandbox.moto_ids import replace_in
from labs.sandbox.stand_ins import StandIn

__all__ = ["Contents", "keep_contents"]

IN_MEMORY = 1 << 24  # bytes; moto's own measure for what goes to a file


class Contents(SpooledTemporaryFile[bytes]):
    """A file in memory, or on disk when it is large, that closes itself."""

    def __init__(self, max_size: int = IN_MEMORY) -> None:
        super().__init__(max_size)

    def __del__(self) -> None:
        self.close()


def keep_contents() -> None:
    """Leave it to Python when the contents of S3 objects are freed; call this once."""
    from moto.s3.models import FakeKey, FakeMultipart

    replace_in("moto.s3.models", "tempfile", StandIn(tempfile, SpooledTemporaryFile=Contents))
    FakeKey.dispose = FakeMultipart.dispose = lambda *_, **__: None
