"""What the tests of the sandbox share: requests as real clients send them, captured before they leave."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from labs.sandbox import Nursery, World, moto_setup
from labs.sandbox.gate import Gate
from labs.sandbox.raw import RawRequest
from labs.sandbox.state import WorldState
from tests.labs.sandbox.houses import House

ENDPOINT = "http://127.0.0.1:4566"
ACCESS_KEY_ID = "AKIAEXAMPLEEXAMPLE12"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


class Captured(Exception):
    """Thrown out of a client in place of sending, so that nothing needs to parse an answer."""


class Recorder:
    """Real boto3 clients whose requests are caught, signed and complete, instead of being sent."""

    access_key_id = ACCESS_KEY_ID
    secret = SECRET
    endpoint = ENDPOINT

    def __init__(self) -> None:
        self.session = boto3.Session(region_name="us-east-1")

    def client(
        self,
        service: str,
        *,
        token: str | None = None,
        secret: str = SECRET,
        endpoint: str = ENDPOINT,
        **config: Any,
    ) -> Any:
        return self.session.client(
            service,
            endpoint_url=endpoint,
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

    def request(self, client: Any, operation: str, **params: Any) -> RawRequest:
        """The request that `client.operation(**params)` would send."""
        caught: list[Any] = []

        def catch(request: Any, **_: Any) -> AWSResponse:
            caught.append(request)
            raise Captured

        client.meta.events.register("before-send", catch)
        try:
            with pytest.raises(Captured):
                getattr(client, operation)(**params)
        finally:
            client.meta.events.unregister("before-send", catch)
        return self.as_raw(caught[0])

    @staticmethod
    def as_raw(prepared: Any) -> RawRequest:
        """A prepared botocore request as the server would see it."""
        url = urlsplit(prepared.url)
        body = prepared.body
        if body is None:
            body = b""
        elif hasattr(body, "read"):
            body = body.read()
        elif isinstance(body, str):
            body = body.encode()
        headers = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in prepared.headers.items()
        }
        headers.setdefault("Host", url.netloc)
        return RawRequest(
            prepared.method,
            url.path + (f"?{url.query}" if url.query else ""),
            tuple(headers.items()),
            body,
            datetime.now(UTC),
        )


class _Stream(io.BytesIO):
    """The body of an answer, as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class InProcess:
    """Real boto3 clients wired to a gate in this process."""

    def __init__(self, gate: Any, recorder: Recorder) -> None:
        self.gate = gate
        self._recorder = recorder

    def client(
        self,
        service: str,
        access_key_id: str | None = None,
        secret: str | None = None,
        token: str | None = None,
        *,
        bend: Callable[[RawRequest], RawRequest] = lambda raw: raw,
        region: str = "us-east-1",
        **config: Any,
    ) -> Any:
        """A client that signs with these keys, or not at all; `bend` changes each request after signing."""
        if access_key_id is None:
            config["signature_version"] = UNSIGNED
        # One session for all: a new one reads the service models again.
        client = self._recorder.session.client(
            service,
            region_name=region,
            endpoint_url=ENDPOINT,
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}, **config),
        )

        def send(request: Any, **_: Any) -> AWSResponse:
            status, headers, body = self.send(bend(self._recorder.as_raw(request)))
            return AWSResponse(request.url, status, headers, _Stream(body))

        client.meta.events.register("before-send", send)
        return client

    def send(self, raw: RawRequest) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to one request."""
        answer = self.gate.handle(raw)
        return answer.status, {name.lower(): value for name, value in answer.headers}, answer.body


@pytest.fixture(scope="session")
def in_process(recorder: Recorder) -> Callable[[Any], InProcess]:
    return lambda gate: InProcess(gate, recorder)


@pytest.fixture
def house(in_process: Callable[[Any], InProcess]) -> Iterator[House]:
    """A fresh world in this process, for whoever is named."""
    moto_setup.reset_state(1, b"test")
    state = WorldState(seed=1)
    state.journal.mark()
    gate = Gate(state)
    yield House(gate, state, in_process(gate))
    moto_setup.reset_state(1, b"test")


@pytest.fixture(scope="session")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="session")
def presigned() -> Callable[..., RawRequest]:
    """The request that following a presigned URL makes."""

    def follow(
        url: str, method: str = "GET", body: bytes = b"", headers: dict[str, str] | None = None
    ) -> RawRequest:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        pairs = (("Host", parts.netloc), *(headers or {}).items())
        return RawRequest(method, target, pairs, body, datetime.now(UTC))

    return follow


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """One warm parent for all the worlds of this test run."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def world(nursery: Nursery) -> Iterator[World]:
    """A fresh world; what it logged is shown when the test fails."""
    before = len(nursery.log())
    with nursery.world(seed=1) as world:
        yield world
    print(nursery.log()[before:])


@pytest.fixture(autouse=True)
def _no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own AWS configuration must not reach a test."""
    for name in (
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL",
    ):
        monkeypatch.delenv(name, raising=False)
