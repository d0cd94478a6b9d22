"""A login on an instance by SSH, as far as the sandbox can have one: nothing runs on an instance here.

Whether the login succeeds is decided as for a real one: each machine on the way must run and know a key, and
the packets must arrive and be answered. What then runs is a program on the learner's own machine, which finds
around it what it would find on the instance: its role by way of its metadata service, and no keys.

Source: EC2 User Guide, "Connect to your Linux instance using SSH" and "Troubleshoot connecting to your Amazon
EC2 Linux instance".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from labs.aws.network.paths import Network, Ports, Question, Verdict, trace
from labs.aws.network.paths import Path as Way
from labs.sandbox.aws_command import first_on_path, put_command
from labs.sandbox.described import network_of

if TYPE_CHECKING:
    from labs.sandbox.world import World

__all__ = ["INTERNET", "PORT", "Barrier", "barrier", "command_line", "surroundings"]

INTERNET: Final = "internet"
PORT: Final = 22
USER: Final = "ec2-user"
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What a program on Windows cannot do without.
_OF_THE_SYSTEM: Final = ("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "TEMP", "TMP")
_OF_THE_TERMINAL: Final = ("TERM", "COLORTERM", "COLUMNS", "LINES", "LANG", "LC_ALL", "LC_CTYPE", "TZ")


@dataclass(frozen=True, slots=True)
class Barrier:
    """Why a login fails: what SSH would say, the reason, what to do, and the path where packets are lost."""

    said: str
    reason: str
    hint: str
    way: Way | None = None
    network: Network | None = None


def barrier(
    world: World, instance_id: str, source: str = INTERNET, jumps: Sequence[str] = ()
) -> Barrier | None:
    """What stands in the way of a login; None when nothing does.

    Args:
        source: where the first packet comes from, as a path's question names it.
        jumps: the instances that the connection goes through, in order (`ssh -J`).

    Raises:
        InputError: there is no such instance, or no such source.
    """
    machines = (*jumps, instance_id)
    for machine in machines:
        world.metadata_endpoint(machine)  # one that has only just been launched is waited for
    found = _described(world, machines)
    for machine in machines:
        if (closed := _not_running(machine, found[machine])) is not None:
            return closed
    network = network_of(world)
    for one, other in pairwise((source, *machines)):
        way = trace(network, Question(one, other, ports=Ports.of(PORT)))
        if way.verdict is not Verdict.REACHABLE:
            return _lost(one, other, way, network)
        if not found[other].get("KeyName"):
            return _without_key(other)
    return None


def _described(world: World, machines: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    told = world.client("ec2").describe_instances(InstanceIds=sorted(set(machines)))
    return {each["InstanceId"]: each for group in told["Reservations"] for each in group["Instances"]}


def _not_running(machine: str, described: Mapping[str, Any]) -> Barrier | None:
    state = described["State"]["Name"]
    if state == "running":
        return None
    hint = "A terminated instance does not come back: launch another one."
    if state in ("stopping", "stopped"):
        hint = f"Start it: aws ec2 start-instances --instance-ids {machine}"
    return Barrier(_timeout(machine), f"{machine} is {state}, and only one that is running answers.", hint)


def _lost(source: str, machine: str, way: Way, network: Network) -> Barrier:
    cause = f"Packets from {source} to port {PORT} of {machine} do not arrive"
    if way.verdict is Verdict.PARTIAL:
        cause = f"Packets from {source} to port {PORT} of {machine}, or their answers, arrive only in part"
    elif way.blockers and way.blockers[0].direction.value == "reply":
        cause = f"Packets from {source} reach port {PORT} of {machine}, but its answers are lost"
    hint = f"What blocks is below. Ask again with: skylab reach --from {source} --to {machine} --port {PORT}"
    if source == INTERNET:
        hint += ". If a rule lets in one address only, say that you have it: --from ADDRESS"
    return Barrier(_timeout(machine), f"{cause}.", hint, way, network)


def _timeout(machine: str) -> str:
    return f"ssh: connect to host {machine} port {PORT}: Connection timed out"


def _without_key(machine: str) -> Barrier:
    return Barrier(
        f"{USER}@{machine}: Permission denied (publickey).",
        f"{machine} was launched without a key pair, so it knows nobody's public key.",
        "A key pair is named at the launch and cannot be added later: run_instances(KeyName=…).",
    )


def surroundings(
    world: World, instance_id: str, present: Mapping[str, str], *, hops: int = 1
) -> dict[str, str]:
    """The whole environment of a program on an instance, or in a container there when `hops` is 2.

    Of the environment at hand only what describes the terminal comes along: no keys, no home, no settings.
    Whatever asks plain HTTP for 169.254.169.254 gets the instance's metadata service, by way of a proxy.

    Raises:
        InputError: there is no such instance.
    """
    home, reach = world.home(instance_id), world.instance_environment(instance_id, hops=hops)
    kept = (*_OF_THE_TERMINAL, *(_OF_THE_SYSTEM if os.name == "nt" else ()))
    own = str(Path(sys.executable).parent)  # boto3 and the AWS CLI are there
    system = present.get("PATH", "") if os.name == "nt" else _PATH
    told = _described(world, [instance_id])[instance_id]
    host = str(told.get("PrivateDnsName") or instance_id).partition(".")[0]
    return {
        **{name: present[name] for name in kept if name in present},
        "PATH": first_on_path(put_command(home.parent / "bin"), f"{own}{os.pathsep}{system}"),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "USER": USER,
        "LOGNAME": USER,
        "PS1": f"[{USER}@{host} \\W]$ ",
        **reach,
        "http_proxy": reach["AWS_EC2_METADATA_SERVICE_ENDPOINT"],
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
    }


def command_line(words: Sequence[str]) -> list[str]:
    """What to run: a shell, a line of shell, or a program with its arguments.

    SSH hands a single line to the shell of the other side; several words are one program here, so that none
    of them needs to be quoted twice.
    """
    if len(words) > 1:
        return list(words)
    if os.name == "nt":
        return [os.environ.get("COMSPEC", "cmd.exe"), *(("/c", words[0]) if words else ())]
    shell = next((each for each in ("/bin/bash", "/usr/bin/bash") if Path(each).exists()), "/bin/sh")
    bare = ["--noprofile", "--norc"] if shell.endswith("bash") else []
    return [shell, *bare, *(("-c", words[0]) if words else ())]
