"""The instance metadata service over HTTP: one loopback port for each instance, and one for all of them.

On an instance the service is at 169.254.169.254, where nothing of ours can listen. A program that takes the
port for its HTTP proxy finds it there all the same; for any other host the port is no proxy.
"""

from __future__ import annotations

import select
import time
import traceback
from collections.abc import Callable
from urllib.parse import urlsplit

from labs.sandbox.loopback import LoopbackServer, QuietHandler
from labs.sandbox.metadata import TTL_HEADER, Metadata, problem

__all__ = ["LINK_LOCAL", "MetadataServer"]

LINK_LOCAL = "169.254.169.254"
LONGEST_SILENCE = 60.0  # seconds for which somebody waits for an answer that does not come


class _Handler(QuietHandler):
    server: MetadataServer
    server_version = "EC2ws"
    sys_version = ""

    def _serve(self) -> None:
        if self.read_body(65_536) is None:
            return None
        asked = urlsplit(self.path)
        if asked.scheme and asked.hostname != LINK_LOCAL:
            return self._refuse_to_forward()
        own = self.path if not asked.scheme else self.path.partition("://")[2].partition("/")[2]
        path, metadata = self.server.address(f"/{own.removeprefix('/')}")
        if metadata is None or not metadata.running:
            self.close_connection = True  # an instance that does not run does not answer
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = metadata.answer(self.command, path, headers, hops=self.server.hops)
        except Exception:
            traceback.print_exc()
            answer = problem(500, "Internal Server Error")
        if answer is None:
            return self._be_silent()
        extra = {TTL_HEADER: str(answer.ttl)} if answer.ttl is not None else {}
        body = answer.text.encode(errors="surrogateescape")
        return self.answer(answer.status, body, answer.content_type, **extra)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = _serve

    def _refuse_to_forward(self) -> None:
        said = f"This is the metadata service of an instance: {LINK_LOCAL} is its only host.\n"
        self.answer(502, said.encode(), "text/plain")

    def _be_silent(self) -> None:
        """Give no answer, until whoever asked has enough of waiting."""
        self.close_connection = True
        deadline = time.monotonic() + LONGEST_SILENCE
        while (left := deadline - time.monotonic()) > 0:
            if select.select([self.connection], [], [], left)[0] and not self.connection.recv(4096):
                return


class MetadataServer(LoopbackServer):
    """Answers for one instance; or, without one, for the instance that the first part of the path names.

    Args:
        hops: how far the programs are away that ask here.
    """

    def __init__(
        self, find: Callable[[str], Metadata | None], instance_id: str | None = None, hops: int = 1
    ) -> None:
        self.find = find
        self.instance_id = instance_id
        self.hops = hops
        super().__init__(_Handler)

    def address(self, path: str) -> tuple[str, Metadata | None]:
        """Which path of which instance a request is for."""
        if self.instance_id is not None:
            return path, self.find(self.instance_id)
        instance_id, _, rest = path.removeprefix("/").partition("/")
        return f"/{rest}", self.find(instance_id)
