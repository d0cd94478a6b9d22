"""A path as JSON: the form that `skylab reach` writes."""

from __future__ import annotations

from typing import Any

from labs.aws.network.paths.hops import Blocker, End, Hop, Path

__all__ = ["path_to_json"]


def path_to_json(path: Path) -> dict[str, Any]:
    """The answer in the form of `skylab reach --jsonl`, without the id.

    `ports` are those that pass on the side where ports are lost; both sides stand beside it.
    """
    return {
        "verdict": path.verdict.value,
        "ports": path.ports.as_json(),
        "forward": [_hop(each) for each in path.forward],
        "reply": [_hop(each) for each in path.reply],
        "blockers": [_blocker(each, path) for each in path.blockers],
        "repairable": path.repairable,
        "source": _end(path.source),
        "destination": _end(path.destination),
        "protocol": path.protocol,
        "destination_ports": path.shown(path.destination_ports),
        "client_ports": path.shown(path.client_ports),
    }


def _hop(hop: Hop) -> dict[str, Any]:
    found: dict[str, Any] = {
        "component": hop.component,
        "kind": hop.kind.value,
        "passes": bool(hop.passed) and not hop.lost,
        "rule": hop.rule,
        "source": str(hop.packet.source),
        "destination": str(hop.packet.destination),
    }
    for key, value in (
        ("name", hop.name),
        ("side", hop.side),
        ("interface", hop.interface),
        ("code", hop.code),
    ):
        if value:
            found[key] = str(value)
    if hop.lost:
        found["passed"] = hop.passed.as_json()
    if hop.fields:
        found["fields"] = dict(hop.fields)
    return found


def _blocker(blocker: Blocker, path: Path) -> dict[str, Any]:
    return {
        "component": blocker.component,
        "code": blocker.code.value,
        "direction": blocker.direction.value,
        "detail": blocker.detail,
        "lost": path.shown(blocker.lost),
        "behind": blocker.behind,
        "repair": blocker.repair.as_json() if blocker.repair else None,
    }


def _end(end: End) -> dict[str, Any]:
    found = {"asked": end.asked, "kind": end.kind.value, "address": str(end.address)}
    if end.interface is not None:
        found["interface"] = end.interface.id
    if end.service:
        found["service"] = end.service
    return found
