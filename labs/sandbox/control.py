"""What the owner of a world may do and no signature can: the calls of its control endpoint."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labs.aws.iam import PolicySet, Principal, Request, evaluate
from labs.errors import InputError, JournalError, SandboxError
from labs.sandbox import moto_setup, principals
from labs.sandbox.clock import Timeline
from labs.sandbox.copies import Copies, moto_version
from labs.sandbox.databases import states as databases
from labs.sandbox.ending import Ending
from labs.sandbox.functions.roles import session_of
from labs.sandbox.gate import Gate
from labs.sandbox.inventory import inventory
from labs.sandbox.journal import JournalEntry, Mint, read_journal
from labs.sandbox.lives import find_instance
from labs.sandbox.metadata import Lease, Metadata, lease_of
from labs.sandbox.metadata_server import MetadataServer
from labs.sandbox.metadata_tree import STAMP
from labs.sandbox.outcomes import ClockReading
from labs.sandbox.resource_policies import resource_policy
from labs.sandbox.state import Table, WorldState
from labs.sandbox.steering import Steering
from labs.sandbox.values import Credentials, Json, ReplayResult

if TYPE_CHECKING:
    from labs.aws.billing.account import FreeTier

__all__ = ["Control", "credentials_of"]

LONGEST_WAIT = 60.0  # seconds that one long poll may last
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
    _ports: dict[tuple[str, int], MetadataServer] = field(default_factory=dict, repr=False)
    _idle_ports: list[MetadataServer] = field(default_factory=list, repr=False)
    _opening: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self.steering = Steering(self.state, self.gate, self._journaled, self.found)
        self.copies = Copies(self.steering, self.state.clock.timeline.first)

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
            **ClockReading(self.state.clock.now(), self.state.clock.timeline.offset).to_json(),
        }

    def events(self, after: int = 0, wait: float = 0.0, newest: int = 0) -> list[Json]:
        """The events after a sequence number; wait up to so many seconds for one. 0 `newest` gives all."""
        found = self.state.ledger.since(after, min(max(wait, 0.0), LONGEST_WAIT))
        return [event.to_json() for event in found[-newest:]]

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
            self.state.settle()
            return [each.to_json() for each in inventory(self.state.account)]

    def bill(
        self, start: str | None = None, end: str | None = None, free_tier: FreeTier = "none"
    ) -> dict[str, Json]:
        """What the world's account has used so far and what that costs, or in another time before now."""
        # Most worlds are never asked for a bill, and begin sooner without what works one out.
        from labs.aws.billing.account import Account
        from labs.sandbox.metering.sending import sent
        from labs.sandbox.metering.spending import spending

        with self.state.lock:
            now = self.state.settle()
            spent = spending(
                self.state.metering,
                self.state.account,
                now,
                start=datetime.fromisoformat(start) if start else None,
                end=datetime.fromisoformat(end) if end else None,
                owner=Account(free_tier=free_tier, created=FOUNDED),
            )
        return sent(spent)

    # Credentials

    def credentials(self, name: str) -> dict[str, Json]:
        """Credentials of `admin`, `root`, `user/NAME` (or only NAME) or `role/NAME`."""
        with self.state.lock:
            self.state.settle()
            return self._given(self._credential(name)).to_json()

    def _credential(self, name: str) -> principals.Credential:
        kind, _, rest = name.rpartition("/")
        if name == "root":
            return principals.root_credential()
        if kind == "role":
            session: principals.Credential | None = self.state.sessions.get(rest)
            if session is None or not self._is_fresh(session):
                return self._journaled(Mint("principal", name))
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
        now, number = self.state.settle(), self.state.journal.next_number()
        with self.state.change(number, now):
            credential = self._make(mint)
        self.state.accept(JournalEntry(number, now, mint), str(mint))
        return credential

    def _make(self, mint: Mint) -> principals.Credential:
        kind, _, name = mint.subject.partition("/")
        match mint.kind, kind:
            case "principal", "user":
                return principals.user_credential(name)
            case "principal", "role":
                session = principals.session_for_role(name, SESSION_NAME, lifetime=ROLE_LIFETIME)
                self.state.sessions[name] = session
                return session
            case "instance", instance_id:
                role = _role_of(self._instance(instance_id))
                if role is None:
                    raise SandboxError("The instance has no role", f"{instance_id} has no instance profile.")
                session = principals.session_for_role(role.name, instance_id, lifetime=INSTANCE_LIFETIME)
                now = self.state.clock.now()
                lease = Lease(self._given(session), now, session.expires or now + INSTANCE_LIFETIME)
                self.state.on_instance[session.access_key_id] = instance_id
                self.state.leases[lease_of(instance_id, role.id)] = lease
                return session
            case "function", _:
                session = session_of(mint.subject)
                self.state.on_function[session.access_key_id] = mint.subject
                return session
        raise JournalError("Unknown journal entry", f"Nothing is known about {mint}.")

    # Instances

    def metadata(self, instance: str, hops: int = 1) -> dict[str, Json]:
        """The port of an instance's metadata service, opened when it is first asked for.

        Nobody is on an instance before it runs: the clock moves on to then.
        """
        with self.state.lock:
            self._instance(instance)
            self.steering.wait_for(instance)
        with self._opening:
            if (instance, hops) not in self._ports:
                self._ports[instance, hops] = self._port(instance, hops)
            return {"endpoint": self._ports[instance, hops].url}

    def home(self, instance: str) -> dict[str, Json]:
        """The home folder of whoever is on an instance; it lasts as long as this process."""
        with self.state.lock:
            return {"path": str(self.state.scratch.place("homes", str(self._instance(instance).id)))}

    def _port(self, instance: str, hops: int) -> MetadataServer:
        """A metadata service of an instance of its own; one that an earlier world had serves again."""
        if not self._idle_ports:
            return _started(MetadataServer(self._find_metadata, instance, hops))
        port = self._idle_ports.pop()
        port.instance_id, port.hops = instance, hops
        return port

    def _find_metadata(self, instance_id: str) -> Metadata | None:
        with self.state.lock:
            self.state.settle()
            try:
                instance = self._instance(instance_id)
            except InputError:
                return None
            known = self._instances.get(instance_id)
            if known is None:
                known = Metadata(instance, self.state.clock, self._lease, leases=self.state.leases)
                self._instances[instance_id] = known
            known.instance = instance  # another object after a rewind
        return known

    def _instance(self, instance_id: str) -> Any:
        instance = find_instance(self.state.account, None, instance_id)
        if instance is None:
            raise InputError(
                "No such instance",
                f"This world has no instance {instance_id!r}.",
                "`aws ec2 describe-instances` lists those that it has.",
            )
        return instance

    def _lease(self, instance_id: str) -> Lease:
        """Credentials of an instance's role, when the role lets EC2 take it on."""
        with self.state.lock:
            now = self.state.settle()
            role = _role_of(self._instance(instance_id))
            if not _trusts_ec2(role, self.state):
                return Lease(
                    None, now, now, "AssumeRoleUnauthorizedAccess", _UNTRUSTED.format(role=role.name)
                )
            self._journaled(Mint("instance", instance_id))
            lease: Lease = self.state.leases[lease_of(instance_id, role.id)]
        return lease

    def _given(self, credential: principals.Credential) -> Credentials:
        return credentials_of(credential, self.state.clock.timeline)

    # Journal

    def mark(self) -> None:
        """Preparation is over: events and the journal start here."""
        with self.state.lock:
            self.state.ledger.clear()
            if not self.state.journal.marked:
                self.steering.begin()

    def open_journal(self, path: str, label: str) -> dict[str, Json]:
        """Replay what a journal file holds, then write every later change to it."""
        file, state = Path(path), self.state
        with state.lock:
            self.mark()
            if not (file.exists() and file.stat().st_size):
                state.journal.open(file, label, moto_version())
                return ReplayResult().to_json()
            held = read_journal(file)
            _must_match(file, "label", held.label, label)
            _must_match(file, "seed", held.seed, state.seed)
            if state.journal.last:
                raise JournalError(
                    "The journal holds a session already",
                    f"This world has gone a way of its own, and {file} holds another one.",
                    "Take a new file, or open this one in a fresh world.",
                )
            state.journal.open(file, label, moto_version(), torn=held.torn)
            state.journal.offset = held.offset
            state.clock.restore(Timeline(held.offset))
            state.forget_time()
            self.steering.memory.begin()
            result = self.steering.replay(zip(held.entries, held.places, strict=True))
            self.steering.memory.names |= held.names
            state.metering.counts.wait(held.usage)
        return result.to_json()

    def replay(self, entries: list[Mapping[str, Json]], offset: float = 0.0) -> dict[str, Json]:
        """Apply entries of another world's journal, which began with its clock so many seconds ahead."""
        try:
            read = [JournalEntry.from_json(entry) for entry in entries]
        except ValueError as broken:
            raise JournalError("An entry of the journal is damaged", f"{broken}.") from broken
        with self.state.lock:
            if offset:
                self.state.clock.restore(Timeline(timedelta(seconds=offset)))
                self.state.forget_time()
            return self.steering.replay((entry, None) for entry in read).to_json()

    def reset(self) -> None:
        """Back to where preparation ended; the journal's file is set aside, and a new one begun."""
        with self.state.lock:
            if self.state.journal.marked:
                self.steering.functions.put_back()
                self.steering.memory.start_over()
                databases.agree(self.state)
                self.state.journal.begin_again()
            self.state.ledger.clear()

    def found(self) -> None:
        """Begin the world anew: nothing but what every account has."""
        state = self.state
        self.steering.functions.put_back()
        with state.clock.at(min(FOUNDED, state.clock.now())):
            moto_setup.reset_state(state.seed, state.secret)
        self._instances.clear()
        state.servers.close()
        state.scratch.clear()
        state.agenda.clear()
        state.metering.clear()
        for part in state.kept.values():
            if isinstance(part, Table):
                part.clear()

    def found_anew(self, seed: int, secret: str, offset: float = 0.0) -> dict[str, Json]:
        """Become the world of a seed and a secret, while nobody has used this one; tells the admin's keys."""
        state = self.state
        with state.lock:
            if state.journal.marked or state.journal.preparation:
                raise SandboxError("The world is in use", "Only a fresh one can become another.")
            state.seed, state.secret = seed, secret.encode()
            state.journal.seed = seed
            self.copies.first_offset = timedelta(seconds=offset)
            state.clock.restore(Timeline(self.copies.first_offset))
            self.found()
            return self._given(principals.admin_credential()).to_json()

    def metadata_servers(self) -> list[MetadataServer]:
        """Every server of metadata that there is."""
        with self._opening:
            return [self.hub, *self._ports.values(), *self._idle_ports]

    def free_ports(self) -> None:
        """No instance has a port any more: the instances are gone."""
        with self._opening:
            self._idle_ports += self._ports.values()
            self._ports.clear()

    def shutdown(self) -> None:
        """End the world."""
        self.ending.announce()


def credentials_of(credential: principals.Credential, timeline: Timeline) -> Credentials:
    """Credentials as they are handed out: a client must know by its own clock when they end."""
    expires = timeline.client(credential.expires).strftime(STAMP) if credential.expires else None
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
