"""What moto does again at each call though it never changes, done once; what it answers stays the same.

A world is forked from a warm process, and copies each page of memory that it touches: looking through all
of AWS's 1,500 managed policies costs it more than the call itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

__all__ = ["quicken"]


def quicken() -> None:
    """Change moto in this process. Call it once."""
    from moto.core import responses
    from moto.iam.models import IAMBackend

    responses.method_names_from_class = cache(responses.method_names_from_class)
    responses.BaseResponse._enrich_response = staticmethod(_as_it_is)
    for verb in ("attach", "detach"):
        for kind in ("user", "group", "role"):
            name = f"{verb}_{kind}_policy"
            setattr(IAMBackend, name, _on_one_policy(getattr(IAMBackend, name)))


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
