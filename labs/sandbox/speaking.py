"""Speaking to a world: the keys of its principals, and sessions, clients and programs that use them."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labs.sandbox.handle import Handle
from labs.sandbox.values import CONFIG_FILE, OBSERVER, Connection, Credentials

if TYPE_CHECKING:
    import boto3

__all__ = ["ADMIN", "Speaking"]

ADMIN = "admin"
ANONYMOUS = "anonymous"


class Speaking(Handle):
    """A handle that speaks to its world as anyone; clients and sessions are made once and kept."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._sessions: dict[tuple[str, str], Any] = {}
        self._making = threading.RLock()

    # What it is

    @property
    def endpoint(self) -> str:
        return self.connection.endpoint

    @property
    def region(self) -> str:
        return self.connection.region

    @property
    def account(self) -> str:
        return self.connection.account

    @property
    def seed(self) -> int:
        return self.connection.seed

    # Speaking to it

    def credentials(self, name: str = "admin") -> Credentials:
        """Credentials of `admin`, `root`, `user/NAME` (or only NAME) or `role/NAME`.

        A user without a key gets one; a role's are those of a session.

        Raises:
            SandboxError: there is no such user or role.
        """
        return Credentials.from_json(self._call("credentials", name=name))

    def session(self, as_: str = "admin", region: str | None = None) -> boto3.Session:
        """A boto3 session of a principal, or of "anonymous"; its clients all go to this world."""
        from labs.sandbox.clients import make_session

        key = as_, region or self.region
        with self._making:
            if key not in self._sessions:
                fetch = None if as_ == ANONYMOUS else lambda: self.credentials(as_)
                self._sessions[key] = make_session(self.endpoint, key[1], fetch)
            return self._sessions[key]

    def client(self, service: str, as_: str = "admin", region: str | None = None) -> Any:
        """A boto3 client of a principal; asked again, the same one."""
        key = service, as_, region or self.region
        with self._making:
            if key not in self._clients:
                # One session for all Regions: the keys are the same, and are asked for once.
                self._clients[key] = self.session(as_).client(service, region_name=key[2])
            return self._clients[key]

    def observer(self, service: str) -> Any:
        """A client of the owner that only looks on: what it reads leaves no event in the ledger."""
        key = service, OBSERVER, self.region
        with self._making:
            if key in self._clients:
                return self._clients[key]
        client, token = self.session().client(service), self.connection.control.token
        client.meta.events.register(
            f"before-sign.{client.meta.service_model.service_id.hyphenize()}",
            lambda request, **_: request.headers.add_header(OBSERVER, token),
        )
        with self._making:
            return self._clients.setdefault(key, client)

    def environment(self, as_: str = "admin") -> dict[str, str]:
        """The variables with which a shell or a program speaks to this world as a principal."""
        return {**self._surroundings(), **self.credentials(as_).as_env(), "AWS_EC2_METADATA_DISABLED": "true"}

    def instance_environment(self, instance_id: str, *, hops: int = 1) -> dict[str, str]:
        """The variables of a program "on" an instance: no keys, but the way to its metadata service.

        Raises:
            InputError: there is no such instance.
        """
        metadata = self.metadata_endpoint(instance_id, hops=hops)
        return {**self._surroundings(), "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata}

    def metadata_endpoint(self, instance_id: str, *, hops: int = 1) -> str:
        """Where the metadata service of an instance answers; each has a port of its own.

        Args:
            hops: how far the program is away: 1 on the instance, 2 in a container behind a bridge there.

        Raises:
            InputError: there is no such instance.
        """
        return str(self._call("metadata", instance=instance_id, hops=hops)["endpoint"])

    def home(self, instance_id: str) -> Path:
        """The home folder of whoever is on an instance, kept for as long as the world's process runs.

        Raises:
            InputError: there is no such instance.
        """
        return Path(self._call("home", instance=instance_id)["path"])

    def _surroundings(self) -> dict[str, str]:
        names = [name for name in os.environ if name.lower() in ("http_proxy", "all_proxy", "no_proxy")]
        spared = {os.environ[name] for name in names if name.lower() == "no_proxy"}
        direct = ",".join(sorted({*spared, urlsplit(self.endpoint).hostname or ""}))
        return {
            **(dict.fromkeys(("NO_PROXY", "no_proxy"), direct) if names else {}),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            # The user's own profiles would add settings of theirs to what is said here.
            "AWS_CONFIG_FILE": CONFIG_FILE,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def _forget_keys(self) -> None:
        with self._making:  # keys that were made since then are gone
            self._clients.clear()
            self._sessions.clear()
