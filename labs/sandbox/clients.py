"""boto3 sessions for a world, which see nothing of the machine they run on.

No variable, profile or file of the user's own AWS set-up has a say in them, and no proxy stands between: what
such a client reaches is this world and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore import UNSIGNED
from botocore.client import Config
from botocore.credentials import CredentialProvider, CredentialResolver, RefreshableCredentials
from botocore.loaders import Loader

from labs.sandbox.values import CONFIG_FILE, REGION, Credentials

__all__ = ["load", "make_session", "rekey"]

# Loopback answers at once or not at all; 20 seconds is the longest that SQS holds a call.
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    # With one attempt only, botocore would add "(reached max retries: 0)" to each of AWS's sentences.
    retries={"mode": "standard", "total_max_attempts": 2},
    s3={"addressing_style": "path"},
    proxies={},
)
_FILES = {"config_file": CONFIG_FILE, "credentials_file": os.devnull}
_VARIABLES = {
    name: (None, None, _FILES.get(name, default), convert)
    for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
}


@cache
def _loader() -> Loader:
    """The service models, read once for all sessions: a client costs 10 ms then, and not 150."""
    return Loader()


class _Session(botocore.session.Session):  # type: ignore[misc]  # botocore publishes no types
    """A botocore session whose clients go to one endpoint, unless they are told otherwise."""

    def __init__(self, endpoint: str, config: Config) -> None:
        super().__init__(session_vars=_VARIABLES)
        self.register_component("data_loader", _loader())
        self._endpoint = endpoint
        self.set_default_client_config(config)

    def create_client(self, service_name: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("endpoint_url") is None:
            kwargs["endpoint_url"] = self._endpoint
        return super().create_client(service_name, *args, **kwargs)


class _Provider(CredentialProvider):  # type: ignore[misc]  # botocore publishes no types
    """Asks the world for credentials, and for new ones when temporary ones run out."""

    METHOD = "skylab"

    def __init__(self, fetch: Callable[[], Credentials]) -> None:
        super().__init__()
        self._fetch = fetch

    def load(self) -> Any:
        found = self._fetch()
        if found.expires is None:
            return botocore.credentials.Credentials(
                found.access_key_id, found.secret_access_key, found.session_token, self.METHOD
            )
        return RefreshableCredentials.create_from_metadata(
            _metadata(found), lambda: _metadata(self._fetch()), self.METHOD
        )


def _metadata(found: Credentials) -> dict[str, str | None]:
    return {
        "access_key": found.access_key_id,
        "secret_key": found.secret_access_key,
        "token": found.session_token,
        "expiry_time": found.expires,
    }


def make_session(endpoint: str, region: str, fetch: Callable[[], Credentials] | None) -> boto3.Session:
    """A session at an endpoint, signing with what `fetch` returns, or not at all without it."""
    config = _CONFIG if fetch else _CONFIG.merge(Config(signature_version=UNSIGNED))
    session = _Session(endpoint, config)
    providers = [_Provider(fetch)] if fetch else []
    session.register_component("credential_provider", CredentialResolver(providers))
    return boto3.Session(botocore_session=session, region_name=region)


def load(services: Iterable[str]) -> None:
    """Read what clients of these services are made from, so that the first of each is made at once."""
    session = make_session("http://127.0.0.1", REGION, None)
    for service in services:
        session.client(service)


def rekey(session: boto3.Session, given: Credentials) -> None:
    """Let a session whose keys last, and all its clients, sign with others from now on."""
    held = session.get_credentials()
    held.access_key, held.secret_key = given.access_key_id, given.secret_access_key
