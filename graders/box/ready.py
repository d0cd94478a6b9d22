"""Clients of AWS that a box finds ready.

To make a client takes a box as long as its fork: it uses things all over the memory that it shares with its
parent, Python counts each use, and to write there copies a page. So the parent makes a client of each service
and rehearses with it. In a box `boto3.client` gives that one where it would make the same: the first time,
from the default session as it was, with the environment as it was. The box tells it only for whom it speaks,
and where.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.regions import EndpointResolverBuiltins

from labs.sandbox.values import CONFIG_FILE, REGION

__all__ = ["ReadyClients", "tell"]

MADE_WITH = {
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_CONFIG_FILE": CONFIG_FILE,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""The variables of a world, but with keys and an address that are nobody's."""
TOLD_LATER = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL")
ALL_THE_SAME = ("HOME", "LANG", "NO_PROXY", "PATH", "TMPDIR", "TZ", "no_proxy")
"""Variables that change nothing about a client, as long as no other one names a file or a proxy."""
FOR_KEYS = ("AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT")
"""Variables that only the session looks at, when it looks for keys."""


class ReadyClients:
    """Clients that the parent made, each for the first call of `boto3.client` that asks for it."""

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}

    def make(self, service: str) -> Any:
        """The client of this service; it is made when it is first asked for."""
        if service not in self._clients:
            with _environment(MADE_WITH):
                self._clients[service] = boto3.Session().client(service)
        return self._clients[service]

    def offer(self, environment: Mapping[str, str]) -> None:
        """Have `boto3.client` give the clients in this process, whose environment is this one."""
        if boto3.DEFAULT_SESSION is None or _settings(environment) != _settings(MADE_WITH):
            return
        session: Any = boto3.DEFAULT_SESSION._session
        untouched, create = _state(session), session.create_client

        def create_client(service_name: str, region_name: str | None = None, **options: Any) -> Any:
            usual = region_name in (None, REGION) and _are_usual(options)
            if usual and os.environ == environment and _state(session) == untouched:
                client = self._clients.pop(service_name, None)
                if client is not None:
                    tell(client, environment["AWS_ENDPOINT_URL"], session.get_credentials())
                    return client
            return create(service_name, region_name, **options)

        session.create_client = create_client


def _are_usual(options: Mapping[str, Any]) -> bool:
    """Whether these arguments of `create_client` are those of `boto3.client(service)`."""
    return all(value is (True if name == "use_ssl" else None) for name, value in options.items())


def _settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What a client that was made in this environment would keep of it."""
    others = (*TOLD_LATER, *ALL_THE_SAME, *FOR_KEYS)
    return {name: value for name, value in environment.items() if name not in others}


def _state(session: Any) -> tuple[object, ...]:
    """What a program can change of a session, so that its next client is another one."""
    # Whoever registers a handler at an emitter has it begin this cache anew.
    handlers = id(session.get_component("event_emitter")._emitter._lookup_cache)
    agent = session.user_agent_name, session.user_agent_version, session.user_agent_extra
    return handlers, agent, session.instance_variables(), session.get_default_client_config()


def tell(client: Any, endpoint: str, credentials: Any) -> None:
    """Have a client speak to this endpoint, with these credentials; botocore keeps each in a few places."""
    client.meta._endpoint_url = client._endpoint.host = endpoint
    client._request_signer._credentials = credentials
    builtins = client._ruleset_resolver._builtins
    builtins[EndpointResolverBuiltins.SDK_ENDPOINT] = endpoint
    builtins[EndpointResolverBuiltins.ACCOUNT_ID] = credentials and credentials.get_deferred_property(
        "account_id"
    )


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """These are the only variables in this block."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
