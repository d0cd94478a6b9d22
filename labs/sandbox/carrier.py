"""Hand an authorised call to moto, and let moto act on that call and on nothing else.

moto finds out by itself which operation, region and account a request means: from the body's text, from the
client's name, from any `amazonaws.com` in the URL. Each is a way to have one thing authorised and another one
done. `pin` replaces these guesses, for requests that a carrier brings, by what the gate has decided.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from labs.sandbox.quick_forms import read_form
from labs.sandbox.wire import Routed

__all__ = ["Answer", "Carrier", "NotServed"]

_KEY = "skylab.pinned"
# S3 finds its operation from method, path and query, which the clean request has fixed, not from a name.
_BY_PATH = frozenset({"s3"})
_PINNED = threading.Event()
_ADDRESS = ("wsgi.url_scheme", "HTTP_HOST", "SERVER_NAME", "SERVER_PORT")


class NotServed(Exception):
    """moto does not have this service or this operation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What moto answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True)
class _Pinned:
    service: str
    operation: str
    labels: Mapping[str, str]
    region: str
    account: str
    access_key_id: str


class Carrier:
    """Carries calls to moto's own WSGI applications, one for each service."""

    def __init__(self, dispatcher: Any) -> None:
        pin()
        self._dispatcher = dispatcher
        self._backends: dict[str, str | None] = {}
        self._endpoints: dict[tuple[Any, str], str] = {}
        self._making = threading.Lock()

    def send(self, routed: Routed, *, account: str, access_key_id: str) -> Answer:
        """Carry out a call on behalf of an account.

        Raises:
            NotServed: moto lacks the service or the operation.
        """
        call = routed.call
        scope = f"20000101/{call.region}/{routed.signing_name}/aws4_request"
        environ = routed.request.environ(access_key_id, scope)
        environ[_KEY] = _Pinned(
            call.service, call.operation, routed.labels, call.region, account, access_key_id
        )
        try:
            return self._answered(self._application(environ), environ)
        except NotImplementedError as error:
            raise NotServed(f"{call.service}:{call.operation}") from error

    def _application(self, environ: dict[str, Any]) -> Any:
        """The application that moto's dispatcher would choose, were it not led astray by paths of its own."""
        host = self._dispatcher.infer_service_region_host(environ, environ["PATH_INFO"])
        backend = self._backend(host or "")
        if backend is None:
            raise NotServed(host)
        apps = self._dispatcher.app_instances
        with self._making:
            if backend not in apps:
                apps[backend] = self._dispatcher.create_app(backend)
        return apps[backend]

    def _answered(self, app: Any, environ: dict[str, Any]) -> Answer:
        """What the view of moto answers that Flask would choose, without what Flask does around it.

        That is a third of moto's time: contexts, sessions, headers for browsers, help with debugging.
        Werkzeug routes the request, makes it and the response, and answers for errors, as it does for Flask.
        """
        from botocore.exceptions import ClientError
        from werkzeug.exceptions import HTTPException

        request = app.request_class(environ)
        read_form(request)
        try:
            vars(request)["url_root"] = _root(*(environ.get(name) for name in _ADDRESS))
            view = app.view_functions[self._endpoint(app, environ)].callback
            told = view(request, request.raw_url, dict(request.headers))
            status, headers, content = told if len(told) == 3 else (200, {}, told)
            response = app.response_class(response=content, status=status, headers=headers)
            if request.method == "HEAD" and "content-length" in headers:
                response.headers["Content-Length"] = headers["content-length"]
        except ClientError as error:
            response = app.response_class(response=error.response["Error"]["Message"], status=400)
        except HTTPException as error:
            response = error.get_response(environ)
        with response:
            chunks, line, pairs = response.get_wsgi_response(environ)
            return Answer(int(line.split(" ", 1)[0]), tuple(pairs), b"".join(chunks))

    def _endpoint(self, app: Any, environ: dict[str, Any]) -> str:
        """Which view the request is for; what is sent to the root of a service is for the same one each time.

        Raises:
            HTTPException: there is none.
        """
        root = app, environ["REQUEST_METHOD"]
        if environ["PATH_INFO"] == "/" and root in self._endpoints:
            return self._endpoints[root]
        found: str = app.url_map.bind_to_environ(environ).match()[0]
        if environ["PATH_INFO"] == "/":
            self._endpoints[root] = found
        return found

    def _backend(self, host: str) -> str | None:
        if host not in self._backends:
            from moto import backends

            patterns = self._dispatcher.backend_url_patterns
            known = host in backends.list_of_moto_modules()
            found = host if known else next((b for b, p in patterns if p.match(f"http://{host}")), None)
            self._backends[host] = found
        return self._backends[host]


@lru_cache(maxsize=64)
def _root(scheme: str, host: str | None, name: str, port: str) -> str:
    """The URL of a server's root, as Werkzeug says it."""
    from werkzeug.sansio.utils import get_current_url, get_host

    return get_current_url(scheme, get_host(scheme, host, (name, int(port))), "")


def pin() -> None:
    """Make moto take operation, region, account and caller from the carrier that brought the request.

    Patches moto once; requests that come another way are handled as moto always does.
    """
    from moto.core.responses import BaseResponse
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    if _PINNED.is_set():
        return
    _PINNED.set()

    def pinned(self: Any) -> _Pinned | None:
        request = getattr(self, "normalized_request", None)
        return request.environ.get(_KEY) if request is not None else None

    def instead(name: str, choose: Callable[[Any, _Pinned], Any]) -> None:
        original = getattr(BaseResponse, name)

        @wraps(original)
        def replaced(self: Any, *args: Any, **kwargs: Any) -> Any:
            fixed = pinned(self)
            return original(self, *args, **kwargs) if fixed is None else choose(self, fixed)

        setattr(BaseResponse, name, replaced)

    own_action = BaseResponse._get_action

    def action(self: Any, fixed: _Pinned) -> Any:
        if fixed.service in _BY_PATH:
            return own_action(self)
        self.uri_match = dict(fixed.labels)
        return fixed.operation

    instead("_get_action", action)
    instead("get_region_from_url", lambda _, fixed: fixed.region)
    instead("get_current_account", lambda _, fixed: fixed.account)
    instead("get_access_key", lambda _, fixed: fixed.access_key_id)
    # moto has an opinion on bucket policies that leaves out principals and conditions. The gate has decided.
    FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL  # a patch
