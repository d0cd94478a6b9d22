"""Questions about addresses as JSON: the forms that `skylab cidr --jsonl` reads.

A question names its form; what else it holds is the form's own. Without a form it is `dissect`.

    {"form": "overlap", "cidrs": ["10.0.0.0/24", "10.0.0.128/25"]}
    {"ok": false, "overlap": true, "pairs": [{"first", "second", "relation", "shared", "sentence"}]}

Each answer has `ok`, its verdict. Blocks are texts, counts are numbers, shares are decimals in texts. The
help of the command lists the keys of every form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from labs.aws.network.addresses.answers import (
    Answer,
    Computed,
    Join,
    overlaps_among,
    secondary,
    size_for,
    split_of,
)
from labs.aws.network.addresses.arithmetic import exclude, summarise
from labs.aws.network.addresses.block import Block
from labs.aws.network.addresses.description import describe
from labs.aws.network.addresses.documents import (
    block_at,
    number_at,
    plan_from_document,
    requirements_from_document,
    shown_value,
    texts_at,
)
from labs.aws.network.addresses.judging import judge
from labs.aws.network.addresses.planner import make_plan
from labs.aws.network.addresses.terraform import cidrhost, cidrnetmask, cidrsubnet, cidrsubnets
from labs.errors import InputError

__all__ = ["FORMS", "answer_question", "host", "netmask", "subnet", "subnets"]

Asked: TypeAlias = Mapping[str, object]


def answer_question(asked: Asked) -> Answer:
    """Answer a question.

    Raises:
        InputError: the form is not known, or a part of the question is missing or of the wrong kind.
        AddressError: a block is none, or has not what is asked of it.
    """
    form = asked.get("form", "dissect")
    answer = FORMS.get(form) if isinstance(form, str) else None
    if answer is None:
        raise InputError(
            "There is no such form", f"It is {shown_value(form)}.", f"The forms are {', '.join(FORMS)}."
        )
    return answer(asked)


def _cidr(asked: Asked, key: str = "cidr") -> Block:
    return block_at(asked.get(key), key)


def _cidrs(asked: Asked, key: str = "cidrs") -> tuple[Block, ...]:
    return tuple(
        block_at(each, f"{key}[{place}]") for place, each in enumerate(texts_at(asked.get(key), key))
    )


def _prefix(asked: Asked) -> str:
    """The text of a block, for the functions that read it in their own way."""
    text = asked.get("cidr")
    if not isinstance(text, str):
        raise InputError("The question has no block", '"cidr" must be a text.', 'Add "cidr": "10.0.0.0/16".')
    return text


def _optional(asked: Asked, key: str) -> int | None:
    return number_at(asked[key], key) if asked.get(key) is not None else None


def subnet(prefix: str, newbits: int, netnum: int) -> Computed:
    """Terraform's cidrsubnet, with its call."""
    call = f'cidrsubnet("{prefix}", {newbits}, {netnum})'
    return Computed(call, (cidrsubnet(prefix, newbits, netnum),))


def subnets(prefix: str, newbits: tuple[int, ...]) -> Computed:
    """Terraform's cidrsubnets, with its call."""
    call = f"cidrsubnets({', '.join((f'{chr(34)}{prefix}{chr(34)}', *map(str, newbits)))})"
    return Computed(call, cidrsubnets(prefix, newbits))


def host(prefix: str, number: int) -> Computed:
    """Terraform's cidrhost, with its call."""
    return Computed(f'cidrhost("{prefix}", {number})', text=cidrhost(prefix, number))


def netmask(prefix: str) -> Computed:
    """Terraform's cidrnetmask, with its call."""
    return Computed(f'cidrnetmask("{prefix}")', text=cidrnetmask(prefix))


def _subnets(asked: Asked) -> Answer:
    newbits = asked.get("newbits")
    if not isinstance(newbits, list):
        raise InputError(
            "The question has no list of new bits",
            f"newbits is {shown_value(newbits)}.",
            '"newbits": [4, 4, 8]',
        )
    return subnets(
        _prefix(asked), tuple(number_at(each, f"newbits[{place}]") for place, each in enumerate(newbits))
    )


FORMS: Final[Mapping[str, Callable[[Asked], Answer]]] = MappingProxyType(
    {
        "dissect": lambda asked: describe(_cidr(asked)),
        "split": lambda asked: split_of(
            _cidr(asked), prefix=_optional(asked, "prefix"), parts=_optional(asked, "parts")
        ),
        "join": lambda asked: Join(summarise(_cidrs(asked)), asked=True),
        "summarise": lambda asked: Join(summarise(_cidrs(asked)), asked=False),
        "exclude": lambda asked: exclude(_cidr(asked), _cidrs(asked, "holes")),
        "overlap": lambda asked: overlaps_among(_cidrs(asked)),
        "subnet": lambda asked: subnet(
            _prefix(asked),
            number_at(asked.get("newbits"), "newbits"),
            number_at(asked.get("netnum"), "netnum"),
        ),
        "subnets": _subnets,
        "host": lambda asked: host(_prefix(asked), number_at(asked.get("number"), "number")),
        "netmask": lambda asked: netmask(_prefix(asked)),
        "hosts": lambda asked: size_for(number_at(asked.get("hosts"), "hosts")),
        "secondary": lambda asked: secondary(_cidrs(asked, "vpc"), _cidr(asked)),
        "plan": lambda asked: make_plan(requirements_from_document(asked)),
        "judge": lambda asked: judge(plan_from_document(asked)),
    }
)
"""What can be asked, by its name."""
