"""What moto does again at each call though it never changes, done once; what it answers stays the same.

A world is forked from a warm process, and copies each page of memory that it touches: looking through all
of AWS's 1,500 managed policies costs it more than the call itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from types import SimpleNamespace
from typing import Any

from labs.sandbox import quick_xml

__all__ = ["quicken"]


def quicken() -> None:
    """Change moto in this process. Call it once."""
    from moto.core import errors, responses, serialize
    from moto.iam.models import IAMBackend

    serialize.xmltodict = quick_xml
    serialize.ResponseSerializer.get_value = _found_by_name(serialize)
    errors.ErrorLookupFactory = cache(errors.ErrorLookupFactory)  # which keeps what it has found
    responses.method_names_from_class = cache(responses.method_names_from_class)
    responses.BaseResponse._enrich_response = staticmethod(_as_it_is)
    for verb in ("attach", "detach"):
        for kind in ("user", "group", "role"):
            name = f"{verb}_{kind}_policy"
            setattr(IAMBackend, name, _on_one_policy(getattr(IAMBackend, name)))
    details = IAMBackend.get_account_authorization_details
    IAMBackend.get_account_authorization_details = _without_managed_policies(details)


def _as_it_is(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
    """An answer without the request id that moto draws, letter by letter: it gets the gate's own."""
    if "status" in headers:
        headers["status"] = str(headers["status"])
    return headers, body


def _on_one_policy(change: Callable[[Any, str, str], None]) -> Callable[[Any, str, str], None]:
    """Show moto only the policy that it is to attach or detach: it asks every one for its ARN first."""

    @wraps(change)
    def changed(backend: Any, policy_arn: str, name: str) -> None:
        every = backend.managed_policies
        backend.managed_policies = {policy_arn: every[policy_arn]} if policy_arn in every else {}
        try:
            change(backend, policy_arn, name)
        finally:
            backend.managed_policies = every

    return changed


def _found_by_name(serialize: Any) -> Callable[[Any, Any, str, Any], Any]:
    """Remember under which names moto looks for a member of a shape in an object of a class.

    It also asks of each member whether it is one of the twenty of a service that are changed on their way.
    """
    from moto.core.utils import MISSING
    from moto.core.utils import get_value as look

    thorough, picks = serialize.ResponseSerializer.get_value, serialize.XFormedAttributePicker
    known: dict[tuple[type, str, Any], tuple[str, ...]] = {}

    @wraps(thorough)
    def get_value(serializer: Any, value: Any, key: str, shape: Any) -> Any:
        picker = serializer._value_picker
        if type(picker) is not picks or _may_be_changed(picker, key):
            return thorough(serializer, value, key, shape)
        asked = type(value), key, shape
        names = known.get(asked)
        if names is None:
            context = serialize.AttributePickerContext(obj=value, key=key, shape=shape)
            names = known[asked] = tuple(dict.fromkeys(picker.get_possible_keys(context)))
        for name in names:
            found = look(value, name, MISSING)
            if found is not MISSING:
                return found
        return None

    return get_value


def _may_be_changed(picker: Any, key: str) -> bool:
    """Whether a member of this name is perhaps one that is changed, where the path to it ends as these do."""
    kept = vars(picker)
    if "skylab_ends" not in kept:
        paths = picker.response_transformers
        whole = all("." in path for path in paths)  # else one may end in the middle of a name
        kept["skylab_ends"] = frozenset(path.rpartition(".")[2] for path in paths) if whole else None
    return kept["skylab_ends"] is None or key in kept["skylab_ends"]


def _without_managed_policies(tell: Callable[[Any, list[str]], Any]) -> Callable[[Any, list[str]], Any]:
    """Show moto only an account's own policies, where AWS's are not asked for: it would compare each."""

    @wraps(tell)
    def told(backend: Any, policy_filter: list[str]) -> Any:
        if not policy_filter or "AWSManagedPolicy" in policy_filter:
            return tell(backend, policy_filter)
        few = SimpleNamespace(
            managed_policies=backend.managed_policies.own(),
            aws_managed_policies=[],
            instance_profiles=backend.instance_profiles,
            roles=backend.roles,
            groups=backend.groups,
            users=backend.users,
        )
        return tell(few, policy_filter)

    return told
