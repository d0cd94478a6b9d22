"""What is wrong with a text that is no instance type name, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NamedTuple

from labs.aws.ec2.type_words import (
    FAMILIES,
    SIZES,
    attribute_meaning,
    extension_meaning,
    size_meaning,
)

__all__ = ["FORM", "TypeProblem", "diagnose"]

FORM: Final = (
    "A type is written family, generation, attribute letters, a dot and a size: t3.micro, m7gd.2xlarge."
)

_LONGEST: Final = 60
_OTHER_SERVICES: Final = {
    "cache": "ElastiCache",
    "dax": "DynamoDB Accelerator",
    "db": "RDS",
    "kafka": "MSK",
    "ml": "SageMaker AI",
    "mq": "Amazon MQ",
}
_SHORT_SIZES: Final = {
    "lg": "large",
    "med": "medium",
    "md": "medium",
    "sm": "small",
    "xl": "xlarge",
}
_SIZE_AT_END = re.compile(
    r"(?P<klass>.*?[0-9a-z])[-_:/, ]?(?P<size>metal(?:-[0-9]+xl)?|[0-9]*xlarge|nano|micro|small|medium|large)"
)


@dataclass(frozen=True, slots=True)
class TypeProblem:
    """The first thing that is wrong, in a title and a sentence, with the name that was probably meant."""

    title: str
    detail: str
    suggestion: str | None

    @property
    def hint(self) -> str:
        """What to write: the guess, or the form where there is no good guess."""
        return f"Did you mean {self.suggestion}?" if self.suggestion else FORM


class _Fault(NamedTuple):
    title: str
    detail: str
    repaired: str


def diagnose(text: str, fits: Callable[[str], bool]) -> TypeProblem:
    """Say what is wrong with a text that is no type name; `fits` tells whether a guess is one."""
    if not text.strip():
        return TypeProblem("The instance type is empty", "There is nothing to read.", None)
    if len(text) > _LONGEST:
        detail = f"It has {len(text)} characters, and starts {text[:20]!r}."
        return TypeProblem("This is too long for an instance type", detail, None)
    faults: list[_Fault] = []
    guess = text
    for check in (_outside, _case, _service, _dot, _family_first, _class, _size):
        for fault in check(guess):
            faults.append(fault)
            guess = fault.repaired
    if not faults:
        return TypeProblem("This is not an instance type", f"It is {text!r}.", None)
    return TypeProblem(faults[0].title, faults[0].detail, guess if fits(guess) else None)


def _outside(text: str) -> Iterator[_Fault]:
    bare = text.strip(" \t\r\n\"'`,;")
    if bare != text:
        yield _Fault("Something stands around the instance type", f"It is {text!r}.", bare)


def _case(text: str) -> Iterator[_Fault]:
    if text != text.lower():
        yield _Fault("Instance types are lower case", f"This is {text}.", text.lower())


def _service(text: str) -> Iterator[_Fault]:
    prefix, dot, rest = text.partition(".")
    if dot and prefix in _OTHER_SERVICES:
        detail = f"{prefix}. starts the name of a node of {_OTHER_SERVICES[prefix]}."
        yield _Fault("This is another service's name for an instance class", detail, rest)
    elif rest.endswith(".search"):
        detail = "It ends in .search, as OpenSearch writes it."
        yield _Fault("This is another service's name for an instance class", detail, text[: -len(".search")])


def _dot(text: str) -> Iterator[_Fault]:
    if text.count(".") == 1 and not text.startswith("."):
        return
    if "." in text:
        detail = f"This has {text.count('.')}, and starts {text[:20]!r}."
        yield _Fault("One dot stands between the class and the size", detail, re.sub(r"\.+", ".", text))
        return
    found = _SIZE_AT_END.fullmatch(text)
    if found is None:
        yield _Fault("The size is missing", f"{text} has no dot with a size after it.", text)
        return
    repaired = _split_multiple(found["klass"], found["size"])
    yield _Fault("A dot stands between the class and the size", f"This is {text}.", repaired)


def _split_multiple(class_name: str, size: str) -> str:
    """The class and size with a dot between them; digits that the class lacks are taken from the size."""
    if class_name.isalpha() and (digits := re.match(r"[0-9]+", size)):
        class_name, size = class_name + digits[0][0], size[1:]
    return f"{class_name}.{size}"


def _family_first(text: str) -> Iterator[_Fault]:
    found = re.fullmatch(r"([0-9]+)([a-z]+)(\..*)?", text)
    if found is None:
        return
    letters = found[2]
    for cut in range(len(letters), 0, -1):
        family, attributes = letters[:cut], letters[cut:]
        if family in FAMILIES and all(attribute_meaning(letter, family) for letter in attributes):
            detail = f"This starts with {found[1]}."
            repaired = f"{family}{found[1]}{attributes}{found[3] or ''}"
            yield _Fault("The family comes before the generation", detail, repaired)
            return


def _class(text: str) -> Iterator[_Fault]:
    class_name, dot, size = text.partition(".")
    stem, hyphen, extension = class_name.partition("-")
    found = re.fullmatch(r"([a-z]+)([0-9]*)([a-z]*)", stem)
    if not dot or found is None or stem in ("u", "mac") or not class_name.isascii():
        return
    family, generation, attributes = found.groups()
    if not generation:
        detail = f"After the family {family} comes a number, as in {family if family in FAMILIES else 't'}3."
        yield _Fault("The generation is missing", detail, text)
    elif family not in FAMILIES:
        near = get_close_matches(family, FAMILIES, n=1, cutoff=0.6)
        repaired = text.replace(family, near[0], 1) if near else text
        yield _Fault("There is no such family", f"No family is called {family}.", repaired)
    elif not re.fullmatch(r"[1-9][0-9]?", generation):
        detail = f"This is {generation}; generations are counted from 1."
        yield _Fault("There is no such generation", detail, text)
    elif strangers := [letter for letter in attributes if not attribute_meaning(letter, family)]:
        yield _Fault("This attribute letter has no meaning", f"It is {strangers[0]} in {class_name}.", text)
    elif repeated := [letter for letter in attributes if attributes.count(letter) > 1]:
        once = "".join(dict.fromkeys(attributes))
        detail = f"{repeated[0]} stands there more than once."
        yield _Fault(
            "An attribute letter stands once", detail, f"{family}{generation}{once}{text[len(stem) :]}"
        )
    elif hyphen and extension_meaning(extension) is None:
        near = get_close_matches(extension, ("flex",), n=1, cutoff=0.5)
        repaired = f"{stem}-{near[0]}.{size}" if near else text
        yield _Fault("This extension has no meaning", f"It is -{extension}.", repaired)


def _size(text: str) -> Iterator[_Fault]:
    class_name, dot, size = text.partition(".")
    if not dot or size_meaning(size) is not None:
        return
    guess = _near_size(size)
    detail = f"It is {size!r}. Sizes are nano to xlarge, then 2xlarge and so on, and metal."
    yield _Fault("There is no such size", detail, f"{class_name}.{guess}" if guess else text)


def _near_size(size: str) -> str | None:
    if size in _SHORT_SIZES:
        return _SHORT_SIZES[size]
    if metal := re.fullmatch(r"metal-?([1-9][0-9]*)x?(?:l|large)", size):
        return f"metal-{metal[1]}xl"
    number = re.search(r"[1-9][0-9]*", size)
    if number and re.fullmatch(r"[0-9x]*x?-?l(?:arge)?", size):
        return "xlarge" if number[0] == "1" else f"{number[0]}xlarge"
    near = get_close_matches(size, (*SIZES, "metal"), n=1, cutoff=0.6)
    return near[0] if near else None
