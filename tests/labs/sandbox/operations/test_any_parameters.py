"""Rules look at live state through whatever a call says, and must not stumble over any of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest

from labs.aws.iam import Principal
from labs.sandbox import moto_setup, principals
from labs.sandbox.gate import Gate
from labs.sandbox.state import WorldState
from tests.labs.sandbox.houses import ACCOUNT
from tests.labs.sandbox.test_operations import ADMIN, ask, furnish

SERVICES = ("s3", "ec2", "iam", "sts", "sqs", "sns", "dynamodb", "lambda", "rds", "kms", "secretsmanager")
CALLERS = (
    ADMIN,
    Principal.anonymous(),
    Principal.parse(f"arn:aws:iam::{ACCOUNT}:root"),
    Principal.session(f"arn:aws:iam::{ACCOUNT}:role/service/app", "one"),
)
WORDS = (
    "x", "*", "0", "é", "a/b", "${x}", "arn:aws:x", "#u = :u", "SELECT", "basket", "apple", "scores", "jobs",
    "user", "app", "box", "shop", "alias/main", "basket/apple", "http://127.0.0.1/123456789012/jobs",
    "arn:aws:s3:::basket/apple", "arn:aws:iam::123456789012:role/service/app",
    "arn:aws:dynamodb:us-east-1:123456789012:table/scores", "arn:aws:sns:us-east-1:123456789012:news",
    "arn:aws:lambda:us-east-1:123456789012:function:f:1",
)  # fmt: skip


@pytest.fixture(scope="module")
def words(in_process: Callable[[Any], Any]) -> Iterator[tuple[str, ...]]:
    """Texts that mean something in a furnished world, and others."""
    moto_setup.warm()
    wires, admin = in_process(Gate(WorldState())), principals.admin_credential()
    ids = furnish(lambda service: wires.client(service, admin.access_key_id, admin.secret))
    yield (*WORDS, *ids.values())
    moto_setup.reset_state(0)


def some(shape: Any, words: tuple[str, ...], draw: random.Random, depth: int = 0) -> Any:
    """A value of a shape, with no regard to what it says about lengths and patterns."""
    match shape.type_name:
        case "structure":
            return {
                name: some(member, words, draw, depth + 1)
                for name, member in shape.members.items()
                if depth < 6 and draw.random() < (0.7 if depth < 2 else 0.3)
            }
        case "list":
            return [some(shape.member, words, draw, depth + 1) for _ in range(draw.randrange(3)) if depth < 6]
        case "map":
            return {
                draw.choice(words): some(shape.value, words, draw, depth + 1)
                for _ in range(draw.randrange(3))
                if depth < 6
            }
        case "boolean":
            return draw.random() < 0.5
        case "integer" | "long":
            return draw.randrange(-5, 10**6)
        case "float" | "double":
            return draw.random()
        case "blob":
            return b"\0x"
        case _:
            return draw.choice(
                [*shape.enum] if getattr(shape, "enum", None) and draw.random() < 0.7 else words
            )


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_maps_whatever_it_is_called_with(words: tuple[str, ...], service: str) -> None:
    draw = random.Random(service)
    model = botocore.session.get_session().get_service_model(service)
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        for caller in CALLERS:
            params = some(shape, words, draw) if shape else {}
            for check in ask(service, name, params, caller):
                assert check.action.count(":") == 1
                for key, value in check.context.items():
                    values = value if isinstance(value, tuple) else (value,)
                    assert all(isinstance(each, str) for each in values), (name, key, value)
