"""Making the repairs of a packet's path in a world: calls, each filled with what those before it answered.

network = network_of(world)
path = trace(network, question)
carry_out([path.blockers[0].repair], world)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from labs.aws.network.paths.hops import REFERENCE
from labs.errors import InputError

if TYPE_CHECKING:
    from labs.aws.network.paths import Repair
    from labs.sandbox.world import World

__all__ = ["carry_out"]


def carry_out(repairs: Iterable[Repair], world: World) -> int:
    """Make the calls of repairs of one path, in their order, as the administrator; returns how many.

    A later repair may use what an earlier one made.

    Raises:
        InputError: AWS refuses a call; the error tells why. What was made before it stays.
    """
    from botocore.exceptions import ClientError

    answers: dict[str, Any] = {}
    calls = [call for repair in repairs for call in repair.calls]
    for call in calls:
        method = getattr(world.client(call.service), call.operation)
        try:
            answers[call.label] = method(**_filled(dict(call.parameters), answers))
        except ClientError as refused:
            error = refused.response.get("Error", {})
            raise InputError(
                f"AWS refuses {call.operation}",
                f"{error.get('Code')}: {error.get('Message')}",
                "What was made before it stays; take it back with: skylab rewind",
            ) from None
    return len(calls)


def _filled(value: Any, answers: dict[str, Any]) -> Any:
    """Parameters in which what earlier calls answered stands in place of the references to it."""
    if isinstance(value, dict):
        return {key: _filled(each, answers) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, answers) for each in value]
    if isinstance(value, str):
        return REFERENCE.sub(lambda found: str(_part(answers[found[1]], found[2])), value)
    return value


def _part(answer: Any, path: str) -> Any:
    """A part of an answer by its path, as `InternetGateway.InternetGatewayId`."""
    for key in path.split("."):
        answer = answer[int(key)] if isinstance(answer, list) else answer[key]
    return answer
