"""The packet tracer: from, to, port; every hop out and back in the running sandbox, and the repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import RenderableType
from textual import work

from labs.errors import SandboxError
from tui.actions import bindings
from tui.draw.words import counted
from tui.instruments.form import Entry
from tui.instruments.page import Answer, Instrument, Values, command_line
from tui.messages import Failed, Printed

if TYPE_CHECKING:
    from labs.aws.network.paths import Network, Path
    from labs.aws.network.paths import Repair as PathRepair
    from labs.sandbox import World

__all__ = ["PacketTracer"]


class PacketTracer(Instrument):
    """Does the packet arrive, and does the answer come back."""

    SCOPE = "tracer"
    ALSO = ("instrument",)
    NAME = "Packet tracer"
    READS_WORLD = True
    SUMMARY = "Does a packet arrive in the sandbox's VPCs, and the answer come back: hop by hop."
    HELP_LINE = (
        "Say where a packet starts and where it goes: an instance, an interface, an address, internet, or a "
        "service such as s3. Each hop says which rule let it pass; what blocks comes with its repair."
    )
    BINDINGS = bindings("tracer")
    ENTRIES = (
        Entry("from", "from", "internet", hint="internet, i-…, eni-…, an address, or s3"),
        Entry("to", "to", "", hint="i-…, eni-…, an address, or s3"),
        Entry("protocol", "protocol", "tcp", "choice", ("tcp", "udp", "icmp")),
        Entry("port", "port", "443", hint="443, 1024-65535, or nothing for all"),
        Entry("client", "client", "linux", "choice", ("linux", "windows")),
    )

    def __init__(self) -> None:
        super().__init__()
        self.networks: list[Network] = []
        """The network, once it is read. Whoever still reads an older one puts it into an older list."""

    def world_ready(self) -> None:
        self.networks = []
        super().world_ready()

    def answer(self, values: Values, world: World | None) -> Answer:
        from labs.aws.network.paths import question_from_json, trace
        from tui.draw.path import path_drawn

        if world is None:
            raise SandboxError("The sandbox is warming", "Its network can be read in a moment.")
        read = self.networks
        if not read:
            read.append(self.skylab.session.network(world))
        network = read[0]
        if not values["to"].strip():
            return Answer(inventory_drawn(network))
        asked = {name: values[name].strip() for name in ("from", "to", "protocol", "client")}
        port = values["port"].strip() or None
        question = question_from_json({**asked, "port": None if asked["protocol"] == "icmp" else port})
        path = trace(network, question)
        words = [f"--{name}={value}" for name, value in {**asked, "port": port or ""}.items() if value]
        return Answer(path_drawn(path, network), command_line("reach", *words), path)

    def action_refresh(self) -> None:
        self.networks = []
        self.ask()

    # The repair

    def action_apply(self) -> None:
        from labs.aws.network.paths import Path

        path = self.shown.result if self.shown else None
        if not isinstance(path, Path) or self.world is None:
            return
        repairs = repairs_of(path)
        if repairs:
            self.make(repairs, self.world)
        else:
            self.notify("There is nothing to repair here, or no repair helps.", timeout=4)

    @work(thread=True, exclusive=True, exit_on_error=False, group="apply")
    def make(self, repairs: tuple[PathRepair, ...], world: World) -> None:
        """Make the calls of the repairs in the sandbox."""
        from labs.sandbox.repairing import carry_out

        try:
            made = carry_out(repairs, world)
        except Exception as error:
            self.post_message(Failed(error, "making the repair"))
        else:
            said = " ".join(each.sentence for each in repairs)
            self.post_message(Printed(said, f"{counted(made, 'call')}; u in the world takes them back"))

    def on_printed(self, message: Printed) -> None:
        message.stop()
        self.notify(f"{message.line} ({message.text})", timeout=6)
        self.action_refresh()


def repairs_of(path: Path) -> tuple[PathRepair, ...]:
    """The repairs of all that blocks a path, as far as there are any, each once."""
    found: list[PathRepair] = []
    for each in path.blockers:
        if each.repair is not None and each.repair not in found:
            found.append(each.repair)
    return tuple(found)


def inventory_drawn(network: Network) -> RenderableType:
    """What a packet can start from or go to, while nothing is asked yet."""
    from rich.text import Text

    from tui.draw.layout import page, row, rule
    from tui.draw.words import shown

    interfaces = sorted(network.interfaces.values(), key=lambda each: each.id)
    if not interfaces:
        return page(
            Text("No instance runs in the sandbox yet.", "title"),
            Text("Start one, with boto3 or the aws command; then name it here.", "quiet"),
        )
    rows = [
        row(
            shown(each.instance or each.id, "accent"),
            shown(network.name(each.instance or each.id) or "", ""),
            shown(", ".join(str(one.private) for one in each.addresses), "quiet"),
            widths=(22, 20, None),
        )
        for each in interfaces
    ]
    return page(Text("Where a packet can go", "title"), rule(), *rows)
