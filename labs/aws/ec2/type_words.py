"""The vocabulary of instance type names: families, attribute letters, extensions and sizes in words.

Source: EC2 Instance Types, "Amazon EC2 instance type naming conventions"; EC2 User Guide, "Previous
generation instances", for families that are no longer offered to newcomers. AWS's table gives `e` a meaning
for storage, memory and accelerated families only, and says nothing of `f`, `h` and `u`; what stands here for
those is read off the types that have them.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "ATTRIBUTES",
    "FAMILIES",
    "SIZES",
    "attribute_meaning",
    "extension_meaning",
    "size_meaning",
]

FAMILIES: Final = {
    "a": "general purpose, on the first Arm processors",
    "c": "compute optimized",
    "cc": "cluster compute, a previous generation",
    "cg": "cluster GPU, a previous generation",
    "cr": "cluster memory, a previous generation",
    "d": "dense storage",
    "dl": "deep learning",
    "f": "FPGA",
    "g": "graphics intensive",
    "gr": "graphics intensive, with 8 GiB of memory for each vCPU",
    "h": "storage optimized, on hard disks",
    "hi": "high I/O, a previous generation",
    "hpc": "high performance computing",
    "hs": "high storage, a previous generation",
    "i": "storage optimized",
    "im": "storage optimized, with 4 GiB of memory for each vCPU",
    "inf": "AWS Inferentia, for inference",
    "is": "storage optimized, with 6 GiB of memory for each vCPU",
    "m": "general purpose",
    "mac": "macOS",
    "p": "GPU accelerated",
    "r": "memory optimized",
    "t": "burstable performance",
    "trn": "AWS Trainium, for training",
    "u": "high memory",
    "vt": "video transcoding",
    "x": "memory intensive",
    "z": "high CPU frequency and memory",
}

ATTRIBUTES: Final = {
    "a": "AMD processors",
    "b": "block storage (EBS) optimized",
    "d": "instance store volumes",
    "e": "extra capacity",
    "f": "a fraction of a GPU in the smaller sizes",
    "g": "AWS Graviton processors",
    "h": "the largest number of sockets",
    "i": "Intel processors",
    "n": "network and EBS optimized",
    "q": "Qualcomm inference accelerators",
    "u": "part of an UltraServer",
    "z": "high CPU frequency",
}

_EXTRA: Final = (
    (("d", "h", "i", "im", "is"), "extra storage"),
    (("dl", "f", "g", "gr", "inf", "p", "trn", "vt"), "extra GPU memory"),
    (("r", "u", "x", "z"), "extra memory"),
)

SIZES: Final = ("nano", "micro", "small", "medium", "large", "xlarge")

_APPLE = re.compile(r"m([1-9][0-9]?)(pro|max|ultra)?")
_MEMORY = re.compile(r"([1-9][0-9]?)tb")
_BLACKWELL = re.compile(r"(g?)b([1-9]00)")
_MULTIPLE = re.compile(r"(?:[2-9]|[1-9][0-9]{1,2})xlarge")
_METAL = re.compile(r"metal(?:-([1-9][0-9]{0,2})xl)?")


def attribute_meaning(letter: str, family: str) -> str | None:
    """What an attribute letter says of a family; `e` depends on it. None for a letter that has no meaning."""
    if letter == "e":
        for families, meaning in _EXTRA:
            if family in families:
                return meaning
    return ATTRIBUTES.get(letter)


def extension_meaning(text: str) -> str | None:
    """What stands after the hyphen of a class: `flex`, `12tb`, `b200`, `m2pro`; None for no meaning."""
    if text == "flex":
        return "a flex type: full CPU speed for most of the time, at a lower price"
    if memory := _MEMORY.fullmatch(text):
        return f"{memory[1]} TiB of memory"
    if chip := _BLACKWELL.fullmatch(text):
        return f"NVIDIA {'Grace ' if chip[1] else ''}Blackwell {text.upper()} GPUs"
    if apple := _APPLE.fullmatch(text):
        return f"Apple M{apple[1]}{' ' + apple[2].capitalize() if apple[2] else ''} chip"
    return None


def size_meaning(text: str) -> str | None:
    """What a size says: `nano` to `xlarge`, `2xlarge`, `metal`, `metal-24xl`; None when it is no size."""
    if text in SIZES:
        place = SIZES.index(text)
        return f"size {place + 1} of 6, from nano to xlarge"
    if _MULTIPLE.fullmatch(text):
        return f"{text.removesuffix('xlarge')} times the size xlarge"
    if metal := _METAL.fullmatch(text):
        whole = "the server itself, without a hypervisor"
        return f"{whole}; as large as {metal[1]}xlarge" if metal[1] else whole
    return None
