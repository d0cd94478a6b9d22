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
from labs.sandbox.databases.states import (
    AVAILABLE,
    RESETTING,
    agree,
    copy_of,
    depart,
    find,
    is_real,
    name_user,
    wanted_of,
)
from labs.sandbox.live import live
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


def _check_restored(ask: Ask) -> None:
    """An instance from a snapshot has in it what was there then, or is not made.

    Raises:
        Declined: the snapshot was of another world, or of an earlier run of this one.
    """
    snapshot = _snapshot(ask, ask.text("DBSnapshotIdentifier"))
    if snapshot is None or not vars(snapshot).get("_held") or ask.state.servers.holds(copy_of(snapshot)):
        return
    message = (
        "What was in this snapshot is gone: it lasts as long as the sandbox runs, and a copy of a sandbox "
        "does not have it."
    )
    raise Declined("InvalidRestoreFault", message)


def _check_point_in_time(ask: Ask) -> None:
    """The sandbox does not know what was in a database at another time.

    Raises:
        Declined: the instance is of an engine that really runs.
    """
    original = _named(ask, "SourceDBInstanceIdentifier")
    if original is not None and is_real(original):
        message = "The sandbox restores no DB instance of PostgreSQL to a point in time; take a snapshot."
        raise Declined("InvalidRestoreFault", message)


def _snapshot(ask: Ask, name: str) -> Any:
    rds = live("rds", ask.account, ask.call.region)
    return rds.database_snapshots.get(name.rpartition(":")[2]) if rds is not None else None


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


@_change("creating", needs=None)
def _restore(ask: Ask, database: Any) -> None:
    snapshot = _snapshot(ask, ask.text("DBSnapshotIdentifier"))
    if snapshot is not None and vars(snapshot).get("_held"):
        vars(database)["_from"] = copy_of(snapshot)


@_change("stopping", "stopped")
def _stop(ask: Ask, database: Any) -> None:
    _keep(ask, ask.text("DBSnapshotIdentifier"), database)
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
    _keep(ask, ask.text("FinalDBSnapshotIdentifier"), database)
    database.status = "deleting"
    ask.state.servers.forget(wanted_of(database))


@_change(None)
def _modify(ask: Ask, database: Any) -> None:
    if ask.text("MasterUserPassword"):
        depart(database, RESETTING, AVAILABLE, ask.now)
        wanted = wanted_of(database)
        if ask.state.servers.known(wanted) is not None:
            ask.state.servers.serve(wanted)


def _check_modified(ask: Ask) -> None:
    database = _named(ask)
    if database is not None and is_real(database) and "MasterUserPassword" in ask.params:
        _check_password(ask.text("MasterUserPassword"))


# -- snapshots ---------------------------------------------------------------------------------------------


def _keep(ask: Ask, name: str, database: Any) -> None:
    """Keep what is in an instance with its snapshot of that name, where one was made."""
    snapshot = _snapshot(ask, name) if name else None
    if snapshot is not None and database is not None and is_real(database):
        vars(snapshot)["_held"] = ask.state.servers.keep(copy_of(snapshot), wanted_of(database))


def _take(ask: Ask) -> Answer:
    answer = ask.forward()
    if answer.status < 400:
        _keep(ask, ask.text("DBSnapshotIdentifier"), _named(ask))
    return answer


def _drop(ask: Ask) -> Answer:
    answer = ask.forward()
    if answer.status < 400:
        agree(ask.state)
    return answer


def _copy(ask: Ask) -> Answer:
    """A copy of a snapshot stands for the same copy of the files."""
    answer = ask.forward()
    source = _snapshot(ask, ask.text("SourceDBSnapshotIdentifier"))
    target = _snapshot(ask, ask.text("TargetDBSnapshotIdentifier"))
    if answer.status < 400 and source is not None and target is not None:
        vars(target).update(_kept_as=copy_of(source), _held=vars(source).get("_held", False))
    return answer


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
    ("rds", "CopyDBSnapshot"): _copy,
    ("rds", "CreateDBInstance"): _create,
    ("rds", "CreateDBSnapshot"): _take,
    ("rds", "DeleteDBInstance"): _delete,
    ("rds", "DeleteDBSnapshot"): _drop,
    ("rds", "DescribeDBInstances"): _describe,
    ("rds", "ModifyDBInstance"): _modify,
    ("rds", "RebootDBInstance"): _reboot,
    ("rds", "RestoreDBInstanceFromDBSnapshot"): _restore,
    ("rds", "StartDBInstance"): _start,
    ("rds", "StopDBInstance"): _stop,
}
GUARDS: Mapping[Key, Guard] = {
    ("rds", "CreateDBInstance"): _check_new,
    ("rds", "ModifyDBInstance"): _check_modified,
    ("rds", "RestoreDBInstanceFromDBSnapshot"): _check_restored,
    ("rds", "RestoreDBInstanceToPointInTime"): _check_point_in_time,
}
