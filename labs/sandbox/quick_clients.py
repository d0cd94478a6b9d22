"""boto3 clients that cost 2 ms instead of 10, for processes that make one for every world or every program.

For each session, each client and each request botocore works out anew what never changes: which handlers take
keyword arguments, how an event is called now, a service's model and its methods, the rules of its endpoints,
the parts of its own name. Here it works these out once a process, and reads a time as AWS writes it without
trying all other ways first. It is for processes that speak plain HTTP to this machine and to nobody else:
their clients share one TLS context, which none of them uses.
"""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import cache, cached_property, lru_cache, wraps
from types import FunctionType
from typing import Any

__all__ = ["quicken"]


def quicken() -> None:
    """Have botocore remember, from now on, in this whole process. Calling it again changes nothing."""
    import botocore.session
    from botocore import client, credentials, hooks, httpsession, parsers, regions, useragent, utils
    from botocore.loaders import JSONFileLoader, Loader

    from labs.sandbox import quick_http, quick_sending, quick_start

    if hooks.accepts_kwargs is _accepts_kwargs:
        return
    hooks.accepts_kwargs = _accepts_kwargs
    quick_http.quicken()
    JSONFileLoader._load_file = quick_start.read_model
    Loader.load_service_model = quick_start.of_one_service(Loader.load_service_model)
    loader = Loader()
    botocore.session.create_loader = lambda search_path=None: loader
    _remember_names(hooks)
    _environment_first(credentials)
    creator = client.ClientCreator
    creator._load_service_model = _once_per(creator._load_service_model, _model_key)
    creator._create_methods = _copied(_once_per(creator._create_methods, _service_key))
    creator._create_name_mapping = _once_per(creator._create_name_mapping, _service_key)
    regions.EndpointProvider = _once_per_rules(regions.EndpointProvider)
    useragent.sanitize_user_agent_string_component = cache(useragent.sanitize_user_agent_string_component)
    useragent.UserAgentComponent.to_string = lru_cache(512)(useragent.UserAgentComponent.to_string)
    utils.parse_timestamp = parsers.DEFAULT_TIMESTAMP_PARSER = _usual_times_first(utils.parse_timestamp)
    quick_sending.quicken(httpsession.URLLib3Session)
    unused = httpsession.create_urllib3_context()
    httpsession.URLLib3Session._get_ssl_context = lambda _: unused


def _accepts_kwargs(function: Any) -> bool:
    """Whether a handler takes any keyword argument, told by its code where it has one."""
    plain = getattr(function, "__func__", function)
    if not isinstance(plain, FunctionType | type):
        plain = type(plain).__call__
    if isinstance(plain, FunctionType):
        return bool(plain.__code__.co_flags & inspect.CO_VARKEYWORDS)
    return inspect.getfullargspec(function).varkw is not None


def _remember_names(hooks: Any) -> None:
    """Let all emitters with the usual aliases keep what they found in one place; each client has a copy."""
    begin = hooks.EventAliaser.__init__
    found: dict[str, str] = {}

    @wraps(begin)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        if self._event_aliases == hooks.EVENT_ALIASES:
            self._alias_name_cache = found

    hooks.EventAliaser.__init__ = __init__


def _environment_first(credentials: Any) -> None:
    """Let a session whose keys are in its environment build no other places where keys may be.

    Botocore asks the environment first of all, unless a profile was named; most of what it makes for the
    places after it, such as a client of the metadata service, is never asked.
    """
    build_all = credentials.create_credential_resolver

    class Chain(credentials.CredentialResolver):  # type: ignore[misc]  # botocore publishes no types
        def __init__(self, session: Any, *args: Any, **kwargs: Any) -> None:
            self._build: Callable[[], Any] = lambda: build_all(session, *args, **kwargs).providers
            self._named = session.instance_variables().get("profile") is not None

        @cached_property
        def providers(self) -> Any:
            return self._build()

        def load_credentials(self) -> Any:
            untouched = "providers" not in vars(self)
            found = credentials.EnvProvider().load() if untouched and not self._named else None
            whole: Callable[[], Any] = super().load_credentials
            return whole() if found is None else found

    credentials.create_credential_resolver = Chain


def _usual_times_first(parse: Callable[[Any], datetime]) -> Callable[[Any], datetime]:
    """Read what is written as AWS writes times without the reader of times of any kind."""
    from dateutil.tz import tzlocal, tzutc

    usual = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")

    @wraps(parse)
    def parse_timestamp(value: Any) -> datetime:
        if isinstance(value, str) and usual.fullmatch(value):
            with suppress(ValueError):  # there is no such day, as the other one says too
                # dateutil calls it local time where that is UTC.
                zone = tzlocal() if "UTC" in time.tzname else tzutc()
                return datetime.fromisoformat(value).replace(tzinfo=zone)
        return parse(value)

    return parse_timestamp


def _model_key(creator: Any, service_name: str, api_version: str | None = None) -> tuple[Any, ...]:
    return creator._loader, service_name, api_version


def _service_key(creator: Any, service_model: Any) -> tuple[Any, ...]:
    return (service_model,)


def _once_per(method: Callable[..., Any], key_of: Callable[..., tuple[Any, ...]]) -> Callable[..., Any]:
    """The method with its results kept under a key that holds on to what it was made of."""
    known: dict[tuple[Any, ...], Any] = {}

    def remembering(*args: Any, **kwargs: Any) -> Any:
        key = key_of(*args, **kwargs)
        if key not in known:
            known[key] = method(*args, **kwargs)
        return known[key]

    return remembering


def _copied(method: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The method with a dictionary of each caller's own, since handlers add to it."""
    return lambda *args: dict(method(*args))


def _once_per_rules(provider: Callable[..., Any]) -> Callable[..., Any]:
    """Endpoint providers by the objects that hold their rules, which the loader keeps."""
    known: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def remembering(ruleset_data: Any, partition_data: Any, excluded_params: Any = None) -> Any:
        key = id(ruleset_data), id(partition_data), excluded_params and frozenset(excluded_params)
        if key not in known:  # the data are kept too, so that their ids stay theirs
            known[key] = provider(ruleset_data, partition_data, excluded_params), ruleset_data, partition_data
        return known[key][0]

    return remembering
