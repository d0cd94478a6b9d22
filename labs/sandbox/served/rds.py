"""RDS: DB instances of PostgreSQL that can be connected to, and that take their time.

Source: Amazon RDS API Reference, "CreateDBInstance", "DBInstance" and "Endpoint" (an instance has its
endpoint once it is available); Amazon RDS User Guide, "Viewing Amazon RDS DB instance status", "Settings for
DB instances".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from labs.errors import SandboxError
from labs.sandbox.answers import output_of, render
from labs.sandbox.carrier import Answer
from labs.sandbox.databases.keeper import HOST
from labs.sandbox.databases.server import Wanted
from labs.sandbox.databases.states import AVAILABLE, depart, find, is_real, name_user, wanted_of
from labs.sandbox.served.ask import Ask, Declined, Guard, Handler, Key, Later
from labs.sandbox.values import Explanation

__all__ = ["GUARDS", "HANDLERS"]

ENGINE: Final = "postgres"
_RESERVED_USERS: Final = frozenset(("admin", "rdsadmin", "rds_superuser"))
_PASSWORD: Final = re.compile(r"[!-~]{8,128}")
_FORBIDDEN: Final = frozenset("/\"@'")
# moto's default for PostgreSQL is older than any that runs today.
_ANY_VERSION: Final = "9.3.3"


# -- what is checked before IAM is asked -------------------------------------------------------------------


def _check_new(ask: Ask) -> None:
    """A new instance of PostgreSQL needs one on this machine, and a user whom that takes.

    Raises:
        Declined: there is none, or the user's name or password will not do.
    """
    if ask.text("Engine") != ENGINE or ask.params.get("DBClusterIdentifier"):
        return
    if not ask.params.get("ManageMasterUserPassword"):
        _check_password(ask.text("MasterUserPassword"))
    user = ask.text("MasterUsername")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}", user):
        raise _invalid(f"The parameter MasterUsername is not a valid identifier: {user!r}.")
    if user.lower() in _RESERVED_USERS or user.lower().startswith("pg_"):
        message = f"MasterUsername {user} cannot be used as it is a reserved word used by the engine"
        raise _invalid(message)
    if (name := ask.text("DBName")) and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", name):
        raise _invalid("DBName must begin with a letter and contain only alphanumeric characters.")
    try:
        ask.state.servers.installed()
    except SandboxError as missing:
        raise Declined("InsufficientDBInstanceCapacity", str(missing)) from missing


def _check_password(password: str) -> None:
    if not password:
        raise _invalid("The parameter MasterUserPassword must be provided and must not be blank.")
    if len(password) < 8:
        why = "because it is shorter than 8 characters."
        raise _invalid(f"The parameter MasterUserPassword is not a valid password {why}")
    if not _PASSWORD.fullmatch(password) or _FORBIDDEN & set(password):
        what = "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."
        raise _invalid(f"The parameter MasterUserPassword is not a valid password. {what}")


def _invalid(message: str) -> Declined:
    return Declined("InvalidParameterValue", message)


def _check_copy(ask: Ask) -> None:
    """A copy of an instance would be empty, and not what was asked for.

    Raises:
        Declined: it is of an engine that really runs.
    """
    rds = ask.params
    source = str(rds.get("DBSnapshotIdentifier") or "").rpartition(":")[2]
    backend = _backend(ask)
    snapshot = backend.database_snapshots.get(source) if backend is not None and source else None
    original = snapshot.database if snapshot is not None else _named(ask, "SourceDBInstanceIdentifier")
    if original is not None and is_real(original):
        message = (
            "The sandbox keeps what is in a database of PostgreSQL only in the database itself, so it "
            "restores none from a snapshot or a point in time. pg_dump and pg_restore do."
        )
        raise Declined("InvalidRestoreFault", message)


def _backend(ask: Ask) -> Any:
    from labs.sandbox.live import live

    return live("rds", ask.account, ask.call.region)


def _named(ask: Ask, parameter: str = "DBInstanceIdentifier") -> Any:
    return find(ask.account, ask.call.region, ask.text(parameter).rpartition(":")[2])


# -- changes -----------------------------------------------------------------------------------------------


def _change(
    via: str | None, to: str = AVAILABLE, *, needs: str | None = AVAILABLE
) -> Callable[[Callable[[Ask, Any], None]], Handler]:
    """A handler that lets moto make a change, and then leads the instance through a state to another.

    Args:
        needs: the state in which the instance has to be; None for any.
    """

    def decorate(then: Callable[[Ask, Any], None]) -> Handler:
        def handle(ask: Ask) -> Mapping[str, Any] | Answer:
            database = _named(ask)
            real = database is not None and is_real(database)
            if real and needs is not None and database.status != needs:
                message = f"Instance {database.db_instance_identifier} is not in {needs} state."
                raise Declined("InvalidDBInstanceState", message)
            answer = ask.forward()
            database = database if database is not None else _named(ask)
            if answer.status >= 400 or database is None or not is_real(database):
                return answer
            if via is not None:
                depart(database, via, to, ask.now)
            then(ask, database)
            output = output_of(ask.call, answer)
            known = ask.state.servers.known(wanted_of(database))
            return {**output, "DBInstance": _told(ask, output["DBInstance"], database, known)}

        return handle

    return decorate


@_change("creating", needs=None)
def _create(ask: Ask, database: Any) -> None:
    name_user(database)


@_change("stopping", "stopped")
def _stop(ask: Ask, database: Any) -> None:
    ask.state.servers.rest(wanted_of(database))


@_change("starting", needs="stopped")
def _start(ask: Ask, database: Any) -> None:
    pass


@_change("rebooting")
def _reboot(ask: Ask, database: Any) -> None:
    ask.state.servers.rest(wanted_of(database))
    if database.status == AVAILABLE:
        ask.state.servers.wake(wanted_of(database))


@_change(None, needs=None)
def _delete(ask: Ask, database: Any) -> None:
    database.status = "deleting"
    ask.state.servers.forget(wanted_of(database))


@_change(None)
def _modify(ask: Ask, database: Any) -> None:
    if ask.text("MasterUserPassword"):
        depart(database, "resetting-master-credentials", AVAILABLE, ask.now)
        wanted = wanted_of(database)
        if ask.state.servers.known(wanted) is not None:
            ask.state.servers.serve(wanted)


def _check_modified(ask: Ask) -> None:
    database = _named(ask)
    if database is not None and is_real(database) and "MasterUserPassword" in ask.params:
        _check_password(ask.text("MasterUserPassword"))


# -- looking -----------------------------------------------------------------------------------------------


def _describe(ask: Ask) -> Answer | Later:
    """The instances. Whoever is told an endpoint can connect to it: its server runs then."""
    answer = ask.forward()
    if answer.status >= 400:
        return answer
    output = output_of(ask.call, answer)
    found = [(each, _found(ask, each)) for each in output.get("DBInstances", ())]
    real = {id(told): database for told, database in found if database is not None and is_real(database)}
    if not real:
        return answer
    up = [wanted_of(each) for each in real.values() if each.status == AVAILABLE]

    def finish(request_id: str) -> tuple[Answer, tuple[Explanation, ...]]:
        ports = _serve(ask, up)
        told = [
            _told(ask, each, real[id(each)], ports.get(wanted_of(real[id(each)]).key))
            if id(each) in real
            else each
            for each, _ in found
        ]
        return render(ask.call, {**output, "DBInstances": told}, request_id), ()

    return Later(finish)


def _found(ask: Ask, told: Mapping[str, Any]) -> Any:
    return find(ask.account, ask.call.region, str(told["DBInstanceIdentifier"]))


def _serve(ask: Ask, instances: Iterable[Wanted]) -> dict[str, int]:
    try:
        return {each.key: ask.state.servers.serve(each) for each in instances}
    except SandboxError as failed:
        # A client would ask again and again after an answer that says that AWS has failed.
        raise Declined("InvalidDBInstanceState", str(failed)) from failed


def _told(ask: Ask, instance: Mapping[str, Any], database: Any, port: int | None) -> dict[str, Any]:
    """An instance as it is told: in the state that it is in, and with an endpoint once it has one."""
    told = {**instance, "DBInstanceStatus": database.status}
    told.pop("Endpoint", None)
    if port is not None and database.status != "creating":
        told["Endpoint"] = {"Address": HOST, "Port": port}
    if told.get("EngineVersion") == _ANY_VERSION:
        told["EngineVersion"] = ask.state.servers.installed().version
    return told


HANDLERS: Mapping[Key, Handler] = {
    ("rds", "CreateDBInstance"): _create,
    ("rds", "DeleteDBInstance"): _delete,
    ("rds", "DescribeDBInstances"): _describe,
    ("rds", "ModifyDBInstance"): _modify,
    ("rds", "RebootDBInstance"): _reboot,
    ("rds", "StartDBInstance"): _start,
    ("rds", "StopDBInstance"): _stop,
}
GUARDS: Mapping[Key, Guard] = {
    ("rds", "CreateDBInstance"): _check_new,
    ("rds", "ModifyDBInstance"): _check_modified,
    ("rds", "RestoreDBInstanceFromDBSnapshot"): _check_copy,
    ("rds", "RestoreDBInstanceToPointInTime"): _check_copy,
}
