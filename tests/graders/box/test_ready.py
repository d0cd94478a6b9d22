"""The clients that a box finds ready: they ask as fresh ones do, and are given only where those would be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ProfileNotFound

from graders.box import Boxes
from graders.box.ready import MADE_WITH, ReadyClients, tell
from graders.box.rehearsal import OPERATIONS, rehearse
from graders.box.services import SERVICES
from labs.sandbox.quick_start import FEW

ENVIRONMENT = {
    **MADE_WITH,
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "of-this-box",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:5001",
    "HOME": "/nowhere",
}
OF_THE_MOMENT = {"X-Amz-Date", "Authorization", "amz-sdk-invocation-id"}
CALLS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "s3": ("put_object", {"Bucket": "notes", "Key": "a b", "Body": b"x"}),
    "iam": ("get_user", {"UserName": "ada"}),
    "sts": ("get_caller_identity", {}),
    "ec2": ("describe_instances", {}),
    "sqs": ("list_queues", {}),
    "sns": ("list_topics", {}),
    "dynamodb": ("get_item", {"TableName": "t", "Key": {"id": {"S": "1"}}}),
    "lambda": ("invoke", {"FunctionName": "f"}),
}


@pytest.fixture(autouse=True)
def _of_a_box(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session())
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def rehearsed() -> ReadyClients:
    clients = ReadyClients()
    for service in SERVICES:
        clients.make(service)
    rehearse(clients)
    return clients


def offer(clients: ReadyClients, environment: Mapping[str, str]) -> None:
    """As a box does, in whose environment pytest keeps no variable of its own."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    clients.offer(environment)


class _Sent(Exception):
    """What a client would have sent."""


def sent(client: Any, call: str, arguments: Mapping[str, Any]) -> Any:
    """The request that a client makes of a call, without what differs from one moment to the next."""

    def keep(request: Any, **_: object) -> None:
        raise _Sent(request)

    client.meta.events.register_first("before-send", keep)
    with pytest.raises(_Sent) as caught:
        getattr(client, call)(**arguments)
    request = caught.value.args[0]
    body = request.body.read() if hasattr(request.body, "read") else request.body
    headers = {name: value for name, value in request.headers.items() if name not in OF_THE_MOMENT}
    signer = request.headers["Authorization"].decode().partition("/")[0]
    return request.method, request.url, body, headers, signer


def test_they_are_for_the_services_of_the_course() -> None:
    assert tuple(CALLS) == SERVICES == tuple(OPERATIONS)


@pytest.mark.parametrize("service", SERVICES)
def test_a_rehearsed_client_that_was_told_asks_as_a_fresh_one_does(
    service: str, rehearsed: ReadyClients
) -> None:
    fresh = boto3.Session().client(service)
    ready = rehearsed.make(service)
    tell(ready, ENVIRONMENT["AWS_ENDPOINT_URL"], boto3.Session().get_credentials())

    assert ready.meta.endpoint_url == fresh.meta.endpoint_url
    assert ready.meta.region_name == fresh.meta.region_name
    asked = sent(ready, *CALLS[service])
    assert asked == sent(fresh, *CALLS[service])
    assert asked[1].startswith(ENVIRONMENT["AWS_ENDPOINT_URL"])
    assert asked[4].endswith(ENVIRONMENT["AWS_ACCESS_KEY_ID"])


def test_the_first_who_asks_gets_it() -> None:
    clients = ReadyClients()
    ready = clients.make("s3")
    offer(clients, ENVIRONMENT)

    assert boto3.client("s3") is ready
    assert boto3.client("s3") is not ready
    assert boto3.client("iam").meta.service_model.service_name == "iam", "nobody made that one before"


@pytest.mark.parametrize(
    "ask",
    [
        lambda: boto3.client("s3", region_name="us-east-1"),
        lambda: boto3.client("s3", "us-east-1"),
        lambda: boto3.client("s3", config=None),
    ],
)
def test_it_is_given_where_the_same_is_said_in_other_words(ask: Callable[[], Any]) -> None:
    clients = ReadyClients()
    ready = clients.make("s3")
    offer(clients, ENVIRONMENT)
    assert ask() is ready


def _with_a_handler() -> Any:
    boto3.DEFAULT_SESSION.events.register("before-send", lambda **_: None)
    return boto3.client("s3")


def _with_a_variable(name: str, value: str) -> Any:
    os.environ[name] = value
    return boto3.client("s3")


def _with_a_session() -> Any:
    boto3.setup_default_session(region_name="eu-west-1")
    return boto3.client("s3")


def _with_an_agent() -> Any:
    boto3.DEFAULT_SESSION._session.user_agent_extra = "mine"
    return boto3.client("s3")


def _with_settings() -> Any:
    boto3.DEFAULT_SESSION._session.set_default_client_config(Config(read_timeout=1))
    return boto3.client("s3")


@pytest.mark.parametrize(
    "ask",
    [
        lambda: boto3.client("s3", region_name="eu-west-1"),
        lambda: boto3.client("s3", config=Config(read_timeout=1)),
        lambda: boto3.client("s3", use_ssl=False),
        lambda: boto3.client("s3", endpoint_url="http://127.0.0.1:5002"),
        lambda: boto3.client("s3", aws_access_key_id="a", aws_secret_access_key="b"),
        lambda: boto3.Session().client("s3"),
        lambda: boto3.resource("s3").meta.client,
        lambda: _with_a_variable("AWS_ENDPOINT_URL", "http://127.0.0.1:5003"),
        lambda: _with_a_variable("AWS_MAX_ATTEMPTS", "9"),
        lambda: _with_a_variable("AWS_PROFILE", "default"),
        lambda: _with_a_variable("AWS_ACCESS_KEY_ID", "another"),
        _with_a_handler,
        _with_a_session,
        _with_an_agent,
        _with_settings,
    ],
)
def test_who_wants_another_one_gets_another_one(ask: Callable[[], Any]) -> None:
    clients = ReadyClients()
    ready = clients.make("s3")
    offer(clients, ENVIRONMENT)
    with suppress(ProfileNotFound):  # as without what was made ready
        assert ask() is not ready


@pytest.mark.parametrize(
    "environment",
    [
        {**ENVIRONMENT, "AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-1"},
        {**ENVIRONMENT, "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "legacy"},
        {name: value for name, value in ENVIRONMENT.items() if name != "AWS_CONFIG_FILE"},
        {},
    ],
)
def test_a_box_of_other_settings_is_offered_none(environment: dict[str, str]) -> None:
    clients = ReadyClients()
    ready = clients.make("s3")
    offer(clients, environment)
    assert boto3.client("s3", "us-east-1") is not ready


USES = """
import boto3

client = boto3.client("s3")
print(len(client.meta.events._emitter._lookup_cache) > 50, client._request_signer._credentials.access_key)
"""


def test_once_a_few_boxes_were_opened_each_finds_its_clients_rehearsed() -> None:
    with Boxes() as boxes:
        for number in range(FEW + 2):
            key = f"AKIAIOSFODNN7EXAMPL{number}"
            with boxes.open({**ENVIRONMENT, "AWS_ACCESS_KEY_ID": key}) as box:
                said = box.load(USES, "program.py")
                box.finish()
            assert said.output.split() == [str(number >= FEW), key], said
