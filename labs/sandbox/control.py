"""The control endpoint of a world: what its owner may do and no signature can.

It has a port and a bearer token of its own. The gate knows nothing of it, so no credentials of the world, not
even root's, reach it.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from labs.aws.iam import PolicySet, Principal, Request, evaluate
from labs.errors import InputError, JournalError, SandboxError, SkylabError
from labs.sandbox import moto_setup, principals
from labs.sandbox.ending import Ending
from labs.sandbox.gate import Gate
from labs.sandbox.inventory import inventory
from labs.sandbox.journal import JournalEntry, Mint, read_journal
from labs.sandbox.loopback import LoopbackServer, QuietHandler
from labs.sandbox.metadata import STAMP, Lease, Metadata, MetadataServer
from labs.sandbox.replay import replay
from labs.sandbox.resource_policies import resource_policy
from labs.sandbox.state import WorldState
from labs.sandbox.values import Credentials, Json, ReplayResult

__all__ = ["Control", "ControlServer", "credentials_of"]

LONGEST_WAIT = 60.0  # seconds that one long poll may last
LONGEST_BODY = 1 << 30  # bytes: entries to replay come in one body
INSTANCE_LIFETIME = timedelta(hours=6)
ROLE_LIFETIME = timedelta(hours=1)
ROLE_RENEWAL = timedelta(minutes=10)
SESSION_NAME = "skylab"
FOUNDED = datetime(2026, 1, 1, tzinfo=UTC)  # every account, so that equal worlds tell equal dates


@dataclass
class Control:
    """What can be done to a world from outside the gate. Each public method is one call of the endpoint."""

    state: WorldState
    gate: Gate
    ending: Ending
    _instances: dict[str, Metadata] = field(default_factory=dict, repr=False)
    _ports: dict[str, MetadataServer] = field(default_factory=dict, repr=False)
    _sessions: dict[str, principals.Credential] = field(default_factory=dict, repr=False)
    _opening: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @cached_property
    def hub(self) -> MetadataServer:
        """The metadata service of all instances, each under its id."""
        return _started(MetadataServer(self._find_metadata))

    # Looking

    def status(self) -> dict[str, Json]:
        """Where the world stands."""
        journal = self.state.journal
        return {
            "seed": self.state.seed,
            "journal": str(journal.path) if journal.path else None,
            "label": journal.label,
            "dropped": self.state.ledger.dropped,
        }

    def events(self, after: int = 0, wait: float = 0.0) -> list[Json]:
        """The events after a sequence number; wait up to so many seconds for one."""
        found = self.state.ledger.since(after, min(max(wait, 0.0), LONGEST_WAIT))
        return [event.to_json() for event in found]

    def case(self, check: str) -> dict[str, Json]:
        """The case behind a check, as `skylab explain` reads it."""
        case = self.state.ledger.case(check)
        if case is None:
            raise InputError(
                "No such check",
                f"The ledger holds no check {check!r}.",
                "It keeps the last 10,000 events, and forgets them when the world is reset.",
            )
        return case

    def resources(self) -> list[Json]:
        """What exists in the world now."""
        with self.state.lock:
            return [each.to_json() for each in inventory(self.state.account)]

    # Credentials

    def credentials(self, name: str) -> dict[str, Json]:
        """Credentials of `admin`, `root`, `user/NAME` (or only NAME) or `role/NAME`."""
        with self.state.lock:
            return credentials_of(self._credential(name)).to_json()

    def _credential(self, name: str) -> principals.Credential:
        kind, _, rest = name.rpartition("/")
        if name == "root":
            return principals.root_credential()
        if kind == "role":
            session = self._sessions.get(rest)
            if session is None or not self._is_fresh(session):
                session = self._sessions[rest] = self._journaled(Mint("principal", name))
            return session
        if kind not in ("", "user"):
            raise InputError(
                "No such kind of principal",
                f"{name!r} is neither a user nor a role.",
                "Say admin, root, user/NAME or role/NAME.",
            )
        if _has_active_key(rest, self.state.account):
            return principals.user_credential(rest)
        return self._journaled(Mint("principal", f"user/{rest}"))

    def _is_fresh(self, session: principals.Credential) -> bool:
        known = principals.find_credential(session.access_key_id)
        left = session.expires - self.state.clock.now() if session.expires else timedelta()
        return known is not None and left > ROLE_RENEWAL

    def _journaled(self, mint: Mint) -> principals.Credential:
        """Make credentials as one change of the world. The caller holds the lock."""
        journal, now = self.state.journal, self.state.clock.now()
        number = journal.next_number()
        with self.state.clock.at(now), moto_setup.randomness(self.state.seed, number):
            credential = self._make(mint)
        journal.append(JournalEntry(number, now, mint))
        return credential

    def _make(self, mint: Mint) -> principals.Credential:
        kind, _, name = mint.subject.partition("/")
        match mint.kind, kind:
            case "principal", "user":
                return principals.user_credential(name)
            case "principal", "role":
                return principals.session_for_role(name, SESSION_NAME, lifetime=ROLE_LIFETIME)
            case "instance", instance_id:
                role = _role_of(self._instance(instance_id))
                if role is None:
                    raise SandboxError("The instance has no role", f"{instance_id} has no instance profile.")
                session = principals.session_for_role(role.name, instance_id, lifetime=INSTANCE_LIFETIME)
                self.state.on_instance[session.access_key_id] = instance_id
                return session
        raise JournalError("Unknown journal entry", f"Nothing is known about {mint}.")

    # Instances

    def metadata(self, instance: str) -> dict[str, Json]:
        """The port of an instance's metadata service, opened when it is first asked for."""
        with self.state.lock:
            self._instance(instance)
        with self._opening:
            if instance not in self._ports:
                self._ports[instance] = _started(MetadataServer(self._find_metadata, instance))
            return {"endpoint": self._ports[instance].url}

    def _find_metadata(self, instance_id: str) -> Metadata | None:
        with self.state.lock:
            try:
                instance = self._instance(instance_id)
            except InputError:
                return None
            known = self._instances.get(instance_id)
            if known is None or known.instance is not instance:
                known = self._instances[instance_id] = Metadata(instance, self.state.clock, self._lease)
        return known

    def _instance(self, instance_id: str) -> Any:
        from moto.ec2.models import ec2_backends

        for backend in list(ec2_backends[self.state.account].values()):
            for reservation in backend.reservations.values():
                for instance in reservation.instances:
                    if instance.id == instance_id:
                        return instance
        raise InputError(
            "No such instance",
            f"This world has no instance {instance_id!r}.",
            "`aws ec2 describe-instances` lists those that it has.",
        )

    def _lease(self, instance_id: str) -> Lease:
        """Credentials of an instance's role, when the role lets EC2 take it on."""
        now = self.state.clock.now()
        with self.state.lock:
            role = _role_of(self._instance(instance_id))
            if not _trusts_ec2(role, self.state):
                return Lease(
                    None, now, now, "AssumeRoleUnauthorizedAccess", _UNTRUSTED.format(role=role.name)
                )
            credential = self._journaled(Mint("instance", instance_id))
        return Lease(credentials_of(credential), now, credential.expires or now + INSTANCE_LIFETIME)

    # Journal

    def mark(self) -> None:
        """Preparation is over: events and the journal start here."""
        with self.state.lock:
            self.state.journal.mark()
            self.state.ledger.clear()

    def open_journal(self, path: str, label: str) -> dict[str, Json]:
        """Replay what a journal file holds, then write every later change to it."""
        file = Path(path)
        with self.state.lock:
            self.state.journal.mark()
            result, torn = ReplayResult(), 0
            if file.exists() and file.stat().st_size:
                held = read_journal(file)
                _must_match(file, "label", held.label, label)
                _must_match(file, "seed", held.seed, self.state.seed)
                result, torn = self._replay(held.entries), held.torn
            self.state.journal.open(file, label, version("moto"), torn=torn)
        return result.to_json()

    def replay(self, entries: list[Mapping[str, Json]]) -> dict[str, Json]:
        """Apply entries of another world's journal."""
        try:
            read = [JournalEntry.from_json(entry) for entry in entries]
        except ValueError as broken:
            raise JournalError("An entry of the journal is damaged", f"{broken}.") from broken
        with self.state.lock:
            return self._replay(read).to_json()

    def _replay(self, entries: Iterable[JournalEntry]) -> ReplayResult:
        return replay(entries, self.state, self.gate, self._journaled)

    def reset(self) -> dict[str, Json]:
        """Back to where preparation ended; the journal's file is set aside, and a new one begun."""
        state = self.state
        with state.lock:
            preparation = tuple(state.journal.preparation)
            was_marked = state.journal.marked
            state.journal.rewind(version("moto"))
            self.found()
            result = self._replay(preparation)
            if was_marked:
                state.journal.mark()
            state.ledger.clear()
        return result.to_json()

    def found(self) -> None:
        """Begin the world anew: nothing but what every account has."""
        with self.state.clock.at(FOUNDED):
            moto_setup.reset_state(self.state.seed, self.state.secret)
        self._instances.clear()
        self._sessions.clear()
        self.state.on_instance.clear()

    def shutdown(self) -> None:
        """End the world."""
        self.ending.announce()


def credentials_of(credential: principals.Credential) -> Credentials:
    expires = credential.expires.strftime(STAMP) if credential.expires else None
    arn = credential.principal.arn
    return Credentials(credential.access_key_id, credential.secret, credential.session_token, arn, expires)


def _has_active_key(user_name: str, account: str) -> bool:
    from moto.iam.models import iam_backends

    user = iam_backends[account]["aws"].users.get(user_name)
    return user is not None and any(key.status == "Active" for key in user.access_keys)


def _role_of(instance: Any) -> Any:
    """The role of an instance, or None."""
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    roles = association.iam_instance_profile.roles if association else ()
    return roles[0] if roles else None


def _trusts_ec2(role: Any, state: WorldState) -> bool:
    """Whether the role's trust policy lets the EC2 service take the role on."""
    service = Principal.parse("ec2.amazonaws.com")
    trust = resource_policy("sts:AssumeRole", role.arn, state.region)
    request = Request(service, "sts:AssumeRole", role.arn, resource_account=state.account)
    return evaluate(request, PolicySet(resource=trust)).allowed


def _must_match(path: Path, what: str, held: object, wanted: object) -> None:
    if held != wanted:
        raise JournalError(
            "The journal belongs to another world",
            f"{path} has the {what} {held!r}, and this world the {what} {wanted!r}.",
            "Open it in the world that it was written in, or take another file.",
        )


def _started(server: MetadataServer) -> MetadataServer:
    server.start()
    return server


_UNTRUSTED = (
    "EC2 cannot assume the role {role}. Please see documentation at https://docs.aws.amazon.com/IAM/latest/"
    "UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc."
)


# Over HTTP


class _Handler(QuietHandler):
    server: ControlServer

    def do_POST(self) -> None:
        body = self.read_body(LONGEST_BODY)
        if body is None:
            return self._reply(413, _error("BadRequest", "The body has no length, or is too long"))
        if not self._is_owner():
            return self._reply(401, _error("Unauthorized", "The control token is missing or wrong"))
        call = self.server.calls.get(self.path.removeprefix("/"))
        if call is None:
            return self._reply(404, _error("NotFound", f"There is no {self.path}"))
        try:
            return self._reply(200, call(**json.loads(body or b"{}")))
        except SkylabError as fault:
            return self._reply(400, {"kind": type(fault).__name__, **fault.as_json()})
        except (TypeError, ValueError) as fault:
            return self._reply(400, _error("InputError", f"{self.path} cannot be called like this: {fault}"))
        except Exception as fault:
            traceback.print_exc()
            title = f"The sandbox failed at {self.path}: {type(fault).__name__}: {fault}"
            return self._reply(500, _error("SandboxError", title))

    def _is_owner(self) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self.server.token}".encode())

    def _reply(self, status: int, answer: Json) -> None:
        self.answer(status, json.dumps(answer).encode(), "application/json")


def _error(kind: str, title: str) -> dict[str, Json]:
    return {"kind": kind, "title": title, "detail": "", "hint": ""}


class ControlServer(LoopbackServer):
    """The endpoint: `POST /NAME` with the arguments as a JSON object calls that method of `Control`."""

    def __init__(self, control: Control) -> None:
        self.token = secrets.token_urlsafe(32)
        self.calls: Mapping[str, Callable[..., Json]] = {
            "status": control.status,
            "events": control.events,
            "case": control.case,
            "resources": control.resources,
            "credentials": control.credentials,
            "metadata": control.metadata,
            "mark": control.mark,
            "open-journal": control.open_journal,
            "replay": control.replay,
            "reset": control.reset,
            "shutdown": control.shutdown,
        }
        super().__init__(_Handler)
