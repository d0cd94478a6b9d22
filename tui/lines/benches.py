"""The instruments that can do more than answer: what their keys do in the app, words do here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labs.errors import InputError
from tui.lines.shelf import InstrumentRoom
from tui.lines.words import Word, number_in

if TYPE_CHECKING:
    from labs.aws.network.addresses import Plan
    from tui.instruments.page import Answer, Instrument
    from tui.lines.desk import Desk

__all__ = ["ROOMS"]


class EvaluatorRoom(InstrumentRoom):
    """The policy evaluator."""

    page: Any

    def deeds(self) -> tuple[Word, ...]:
        return (Word("all", "", "Say every statement, or again only what matters.", self.all),)

    def all(self, _: str = "") -> None:
        self.page.everything = not self.page.everything
        self.ask()


class ProofRoom(InstrumentRoom):
    """The proof."""

    def deeds(self) -> tuple[Word, ...]:
        return (Word("send", "", "Send the witness to the sandbox.", self.send),)

    def send(self, _: str = "") -> None:
        """Make the witness's call in the sandbox under each of the policies."""
        from labs.aws.iam.prover import Comparison
        from tui.instruments.proof import sent

        comparison = self.shown.result if self.shown else None
        witness = (comparison.wider or comparison.narrower) if isinstance(comparison, Comparison) else None
        if witness is None or not isinstance(comparison, Comparison):
            raise InputError("There is no witness", "No request shows that the policies differ.")
        world = self.desk.world()
        for name in ("reference", "candidate"):
            self.talk.tell(*sent(world, name, self.values[name], comparison.kind, witness))


class TracerRoom(InstrumentRoom):
    """The packet tracer, which reads the network of the sandbox."""

    page: Any

    def deeds(self) -> tuple[Word, ...]:
        return (
            Word("apply", "", "Make the first repair in the sandbox.", self.apply),
            Word("refresh", "", "Read the network again.", self.refresh),
        )

    def ask(self) -> None:
        world = self.desk.world()
        if not self.page.networks:
            self.page.networks.append(self.session.network(world))
        super().ask()

    def refresh(self, _: str = "") -> None:
        self.page.networks = []
        self.ask()

    def apply(self, _: str = "") -> None:
        """Make the calls of the whole repair, and trace again."""
        from labs.aws.network.paths import Path
        from labs.sandbox.repairing import carry_out
        from tui.draw.words import counted
        from tui.instruments.tracer import repairs_of

        path = self.shown.result if self.shown else None
        repairs = repairs_of(path) if isinstance(path, Path) else ()
        if not repairs:
            raise InputError("There is nothing to repair", "Nothing is blocked, or no call repairs it.")
        made = carry_out(repairs, self.desk.world())
        self.talk.tell(*(each.sentence for each in repairs), counted(made, "call"))
        self.refresh()


class BillRoom(InstrumentRoom):
    """The bill explorer."""

    page: Any

    def deeds(self) -> tuple[Word, ...]:
        return (Word("line", "N", "Line N of the bill, with its rule, price and source.", self.line),)

    def line(self, text: str) -> None:
        from labs.aws.billing import Bill
        from tui.draw.bill import line_explained

        bill = self.shown.result if self.shown else None
        lines = bill.lines if isinstance(bill, Bill) else ()
        place = number_in(text, len(lines), "line") - 1
        self.talk.say(line_explained(lines[place], place))

    def ask(self) -> None:
        if self.values["source"] == "sandbox":
            self.desk.world()
        super().ask()


class PlannerRoom(InstrumentRoom):
    """The CIDR planner: a plan is proposed, then changed by words that name a subnet."""

    def __init__(self, desk: Desk, page: Instrument) -> None:
        super().__init__(desk, page)
        self.plan: Plan | None = None
        self.past: list[Plan] = []

    @property
    def prompt(self) -> str:
        return "CIDR planner: vpc …, tiers …, split NAME, move NAME, back or ?> "

    def deeds(self) -> tuple[Word, ...]:
        from labs.aws.network.addresses import edits

        def word(name: str, edit: Callable[[Plan, str], Plan], help: str) -> Word:
            return Word(
                name, "NAME", help, lambda text: self.change(lambda plan: edit(plan, named(plan, text)))
            )

        return (
            word("split", edits.halved, "Cut a subnet in two halves."),
            word("join", edits.joined, "Join a subnet with its other half."),
            word("move", edits.moved, "Move a subnet to the next free place."),
            word("zone", edits.rezoned, "Put a subnet into the next zone."),
            word("tier", edits.retiered, "Make a subnet one of the next tier."),
            word("drop", edits.dropped, "Give a subnet's addresses back."),
            Word("take", "BLOCK", "Make a subnet of a free block.", self.take_block),
            Word("repair", "", "Make the first repair that the judge proposes.", self.repair),
            Word("undo", "", "Take back the last change.", self.undo),
        )

    def say_answer(self, answer: Answer) -> None:
        from labs.aws.network.addresses import Plan

        self.past = []
        self.plan = answer.result if isinstance(answer.result, Plan) else None
        if self.plan is None:
            super().say_answer(answer)
        else:
            self.say_plan()

    def say_plan(self) -> None:
        from labs.aws.network.addresses import judge
        from tui.draw.plans import judgement_drawn

        if self.plan is not None:
            self.talk.say(judgement_drawn(judge(self.plan), plain=True))

    def change(self, edit: Callable[[Plan], Plan]) -> None:
        """Put a changed plan in place of this one.

        Raises:
            InputError: there is no plan, or the change makes no sense.
        """
        if self.plan is None:
            raise InputError("There is no plan to change", "The planner found none.", "Ask for less.")
        changed = edit(self.plan)
        self.past.append(self.plan)
        self.plan = changed
        self.say_plan()

    def take_block(self, text: str) -> None:
        from labs.aws.network.addresses.edits import taken

        def take(plan: Plan) -> Plan:
            block = next((each for each in plan.free if str(each) == text.strip()), None)
            if block is None:
                free = ", ".join(map(str, plan.free)) or "nothing"
                raise InputError("This is no free block", f"It is {text.strip()!r}.", f"Free is: {free}.")
            return taken(plan, block)

        self.change(take)

    def repair(self, _: str = "") -> None:
        from labs.aws.network.addresses import judge, repaired

        def repair(plan: Plan) -> Plan:
            repairs = [each.repair for each in judge(plan).violations if each.repair.changes]
            if not repairs:
                raise InputError("There is nothing to repair", "The plan holds, or no change would help.")
            return repaired(plan, repairs[0])

        self.change(repair)

    def undo(self, _: str = "") -> None:
        if not self.past:
            raise InputError("There is nothing to take back", "This is the plan as it was proposed.")
        self.plan = self.past.pop()
        self.say_plan()


def named(plan: Plan, text: str) -> str:
    """The name of a subnet of a plan.

    Raises:
        InputError: no subnet is called so.
    """
    asked = text.strip().casefold()
    names = [each.name for each in plan.subnets]
    found = next((name for name in names if name.casefold() == asked), None)
    if found is None:
        raise InputError(
            "There is no such subnet", f"It is {text.strip()!r}.", f"There are: {', '.join(names)}."
        )
    return found


ROOMS: dict[str, type[InstrumentRoom]] = {
    "Policy evaluator": EvaluatorRoom,
    "Proof": ProofRoom,
    "Packet tracer": TracerRoom,
    "Bill explorer": BillRoom,
    "CIDR planner": PlannerRoom,
}
