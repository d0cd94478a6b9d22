"""What a world says about itself: values that travel between its process and whoever holds a handle on it.

Nothing here loads moto or boto3. Each value has `to_json`, and `from_json` reads that form back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Self

__all__ = [
    "ACCOUNT",
    "CONFIG_FILE",
    "OBSERVER",
    "REGION",
    "Check",
    "Connection",
    "ControlAddress",
    "Credentials",
    "Event",
    "Explanation",
    "Refusal",
    "ReplayResult",
    "Resource",
]

ACCOUNT = "123456789012"
REGION = "us-east-1"
# For an endpoint that is not AWS's own, boto3 presigns in a way that AWS has retired, and that does not say
# when the URL was made. AWS's settings file is the one place where every SDK can be told better.
OBSERVER = "x-skylab-observer"
"""The header with the control token in it, by which a read of the world's owner leaves no event."""
CONFIG_FILE = str(resources.files("labs.sandbox") / "data" / "aws_config")

Json = Any


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client signs with. `expires` is an ISO 8601 time; None for keys that last."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    principal_arn: str = ""
    expires: str | None = None

    def as_env(self) -> dict[str, str]:
        """The variables that every AWS SDK reads its keys from."""
        env = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        if self.session_token is not None:
            env["AWS_SESSION_TOKEN"] = self.session_token
        return env

    def to_json(self) -> dict[str, Json]:
        optional = {
            "SessionToken": self.session_token,
            "PrincipalArn": self.principal_arn,
            "Expiration": self.expires,
        }
        return {
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            **{name: value for name, value in optional.items() if value},
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(
            obj["AccessKeyId"],
            obj["SecretAccessKey"],
            obj.get("SessionToken"),
            obj.get("PrincipalArn", ""),
            obj.get("Expiration"),
        )


@dataclass(frozen=True, slots=True)
class ControlAddress:
    """Where a world is steered, and the bearer token that opens it."""

    endpoint: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Connection:
    """All that is needed to hold a running world.

    `metadata_endpoint` takes an instance id as the first part of the path; each instance also has a port of
    its own (`World.metadata_endpoint`). `credentials` are the admin's.
    """

    endpoint: str
    metadata_endpoint: str
    region: str
    account: str
    credentials: Credentials
    control: ControlAddress
    pid: int
    seed: int

    def to_json(self) -> dict[str, Json]:
        return {
            "endpoint": self.endpoint,
            "metadata_endpoint": self.metadata_endpoint,
            "region": self.region,
            "account": self.account,
            "credentials": self.credentials.to_json(),
            "control": {"endpoint": self.control.endpoint, "token": self.control.token},
            "pid": self.pid,
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(
            endpoint=obj["endpoint"],
            metadata_endpoint=obj["metadata_endpoint"],
            region=obj["region"],
            account=obj["account"],
            credentials=Credentials.from_json(obj["credentials"]),
            control=ControlAddress(obj["control"]["endpoint"], obj["control"]["token"]),
            pid=obj["pid"],
            seed=obj["seed"],
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One question that the gate put to IAM for a call, and the answer.

    `approximate` says that the resource or the context of the question was guessed from the names of the
    call's parameters, since nobody has written down how AWS asks it.
    """

    id: str
    action: str
    resource: str
    decision: str
    reason: str
    approximate: bool = False

    @property
    def allowed(self) -> bool:
        return self.decision == "Allowed"

    def to_json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "action": self.action,
            "resource": self.resource,
            "decision": self.decision,
            "reason": self.reason,
            "approximate": self.approximate,
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(
            obj["id"], obj["action"], obj["resource"], obj["decision"], obj["reason"], obj["approximate"]
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule of AWS, beside IAM's, that had a say in a call.

    `rule` is its id, as `skylab sandbox --rules` lists it. `effect` is "refused", "repaired" when the call
    was carried out otherwise than it was written, "dropped" when something that the call set off did not
    arrive, or "noted". `text` is a sentence, `hint` what to do, `source` and `url` AWS's page.
    """

    rule: str
    effect: str
    text: str
    hint: str = ""
    source: str = ""
    url: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "rule": self.rule,
            "effect": self.effect,
            "text": self.text,
            "hint": self.hint,
            "source": self.source,
            "url": self.url,
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(obj["rule"], obj["effect"], obj["text"], obj["hint"], obj["source"], obj["url"])


@dataclass(frozen=True, slots=True)
class Event:
    """One call that reached the gate, whatever became of it.

    `principal` is an ARN or "anonymous"; `error` is AWS's code and None when the call went through;
    `on_instance` is the instance whose credentials signed it. `explanations` are the rules of AWS beside
    IAM's that had a say. `sequence` counts a world's events from 1.
    """

    sequence: int
    id: str
    time: str
    principal: str
    service: str
    operation: str
    region: str
    checks: tuple[Check, ...]
    status: int
    error: str | None
    message: str | None
    source: str
    on_instance: str | None = None
    explanations: tuple[Explanation, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether IAM said no."""
        return any(not check.allowed for check in self.checks)

    def to_json(self) -> dict[str, Json]:
        return {
            "sequence": self.sequence,
            "time": self.time,
            "id": self.id,
            "principal": self.principal,
            "service": self.service,
            "operation": self.operation,
            "region": self.region,
            "checks": [check.to_json() for check in self.checks],
            "status": self.status,
            "error": self.error,
            "message": self.message,
            "source": self.source,
            "on_instance": self.on_instance,
            "explanations": [each.to_json() for each in self.explanations],
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        explanations = tuple(map(Explanation.from_json, obj.get("explanations", ())))
        checks = tuple(map(Check.from_json, obj["checks"]))
        return cls(**{**obj, "checks": checks, "explanations": explanations})


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that exists in the world: `kind` is AWS's noun, `summary` a line of what matters about it."""

    service: str
    kind: str
    id: str
    arn: str
    summary: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "service": self.service,
            "kind": self.kind,
            "id": self.id,
            "arn": self.arn,
            "summary": self.summary,
        }

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(obj["service"], obj["kind"], obj["id"], obj["arn"], obj["summary"])


@dataclass(frozen=True, slots=True)
class Refusal:
    """A journal entry that the world would not take again: its number, what it was, and why not."""

    number: int
    what: str
    why: str

    def to_json(self) -> dict[str, Json]:
        return {"number": self.number, "what": self.what, "why": self.why}

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(obj["number"], obj["what"], obj["why"])


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """How a replay went: how many entries were applied, and which were refused."""

    applied: int = 0
    refused: tuple[Refusal, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {"applied": self.applied, "refused": [each.to_json() for each in self.refused]}

    @classmethod
    def from_json(cls, obj: Mapping[str, Json]) -> Self:
        return cls(obj["applied"], tuple(Refusal.from_json(each) for each in obj["refused"]))
