"""Instance type names: what each part says, and what was probably meant by a wrong one.

    m7gd.2xlarge    family m, generation 7, attributes g and d, size 2xlarge
    c7i-flex.large  an extension after a hyphen: -flex, -12tb, -b200, -m2pro
    u-6tb1.metal    the older high memory form: memory first, then the generation
    mac-m4.metal    a Mac that is named by its chip alone

A name that fits the grammar need not exist; `DescribeInstanceTypes` knows which do.
Source: EC2 Instance Types, "Amazon EC2 instance type naming conventions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias

from labs.aws.ec2.type_repair import diagnose
from labs.aws.ec2.type_words import FAMILIES, attribute_meaning, extension_meaning, size_meaning
from labs.errors import Ec2Error

__all__ = ["Architecture", "InstanceType", "TypePart", "course_grammar_parses"]

Architecture: TypeAlias = Literal["x86_64", "arm64", "x86_64_mac", "arm64_mac"]

_CLASS = re.compile(r"([a-z]+)([1-9][0-9]?)([a-z]*)(?:-([a-z0-9]+))?")
_HIGH_MEMORY = re.compile(r"u-([1-9][0-9]?tb)([1-9])")
_CHIP_ONLY = re.compile(r"mac-(m[0-9]+[a-z]*)")
_COURSE = re.compile(r"[a-z]+[0-9]+\.[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class TypePart:
    """One part of a type name as it is written, and what it means in words."""

    name: Literal["family", "generation", "attribute", "extension", "size"]
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class InstanceType:
    """An instance type name, taken apart; `str()` gives back the name.

    `generation` is None for a Mac that is named by its chip. `attributes` holds the letters in order,
    `extension` what follows the hyphen of the class, empty where there is none.

    >>> InstanceType.parse("m7gd.2xlarge").architecture
    'arm64'
    """

    name: str
    family: str
    generation: int | None
    attributes: str
    extension: str
    size: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a type name.

        Raises:
            Ec2Error: no type is named so; the hint says what was probably meant. AWS answers RunInstances
                with InvalidParameterValue.
        """
        class_name, _, size = text.partition(".")
        fields = _class_fields(class_name) if size_meaning(size) else None
        if fields is not None:
            return cls(text, *fields, size)
        problem = diagnose(text, _fits)
        raise Ec2Error(problem.title, problem.detail, problem.hint, code="InvalidParameterValue")

    def __str__(self) -> str:
        return self.name

    @property
    def instance_class(self) -> str:
        """What stands before the dot, which AWS calls the instance family in its API: `m7gd`."""
        return self.name.partition(".")[0]

    @property
    def parts(self) -> tuple[TypePart, ...]:
        """Every part with its meaning, in the order in which the name gives them."""
        return tuple(self._parts())

    def _parts(self) -> Iterator[TypePart]:
        yield TypePart("family", self.family, FAMILIES[self.family])
        if _HIGH_MEMORY.fullmatch(self.instance_class):
            yield TypePart("extension", self.extension, extension_meaning(self.extension) or "")
        if self.generation is not None:
            yield TypePart("generation", str(self.generation), f"generation {self.generation}")
        for letter in self.attributes:
            yield TypePart("attribute", letter, attribute_meaning(letter, self.family) or "")
        if self.extension and not _HIGH_MEMORY.fullmatch(self.instance_class):
            yield TypePart("extension", self.extension, extension_meaning(self.extension) or "")
        yield TypePart("size", self.size, size_meaning(self.size) or "")

    @property
    def architecture(self) -> Architecture:
        """The architecture that an AMI must have to run on this type."""
        if self.family == "mac":
            return "x86_64_mac" if self.instance_class == "mac1" else "arm64_mac"
        arm = self.family == "a" or "g" in self.attributes or self.extension.startswith("gb")
        return "arm64" if arm else "x86_64"

    @property
    def bare_metal(self) -> bool:
        """Whether the instance is a whole server without a hypervisor."""
        return self.size.startswith("metal")

    @property
    def says_instance_store(self) -> bool:
        """Whether the name promises instance store volumes; some families have them without saying so."""
        return "d" in self.attributes


def course_grammar_parses(name: str) -> bool:
    """Whether the course text's grammar, `{family}{generation}.{size}` of letters, digits, a dot and a size,
    reads a type name. It reads no attribute letters and no hyphens."""
    return _COURSE.fullmatch(name) is not None


def _fits(text: str) -> bool:
    class_name, _, size = text.partition(".")
    return size_meaning(size) is not None and _class_fields(class_name) is not None


def _class_fields(text: str) -> tuple[str, int | None, str, str] | None:
    """Family, generation, attributes and extension of a class; None when it is none."""
    if memory := _HIGH_MEMORY.fullmatch(text):
        return "u", int(memory[2]), "", memory[1]
    if chip := _CHIP_ONLY.fullmatch(text):
        return ("mac", None, "", chip[1]) if extension_meaning(chip[1]) else None
    found = _CLASS.fullmatch(text)
    if found is None or found[1] not in FAMILIES:
        return None
    family, generation, attributes, extension = found[1], int(found[2]), found[3], found[4] or ""
    if any(attribute_meaning(letter, family) is None for letter in attributes):
        return None
    if len(set(attributes)) < len(attributes) or (extension and extension_meaning(extension) is None):
        return None
    return family, generation, attributes, extension
