"""What can be done with the instruments, which need no exercise."""

from __future__ import annotations

from tui.actions.action import Action

__all__ = ["INSTRUMENTS"]

# fmt: off
INSTRUMENTS: tuple[Action, ...] = (
    Action("shelf.open", ("enter",), "open", "Open the marked instrument",
           "Opens the instrument that is marked.", 10),
    Action("shelf.close", ("escape", "q"), "map", "Back to the course map",
           "Goes back to the course map.", 20),
    Action("instrument.question", ("f2",), "question", "Go to what is asked",
           "Goes to what is asked.", 0, True),
    Action("instrument.answer", ("f3",), "answer", "Go to the answer",
           "Goes to the answer; the arrow keys scroll it.", 0, True),
    Action("instrument.example", ("f5",), "example", "Try the next example",
           "Puts the next example in place of the question. After the last one yours comes back.", 70, True),
    Action("instrument.close", ("escape",), "back", "Go back",
           "Goes back to where you were. What you have typed is kept.", 60),
    Action("evaluator.step", ("f4",), "step", "Light the ladder's next stage",
           "Starts the ladder afresh at its first stage, then lights one stage more each time.", 20, True),
    Action("evaluator.fold", ("f6",), "all or short", "Show every statement, or only what matters",
           "Shows every policy and statement, or only those that matter.", 30, True),
    Action("proof.send", ("f4",), "ask the sandbox", "Ask the running sandbox about the witness",
           "Has the sandbox simulate the first witness with both policies; its call shows under Requests.",
           20, True),
    Action("tracer.apply", ("f4",), "apply repair", "Make the first repair in the sandbox",
           "Makes the calls of the first repair in the sandbox, and traces the path again.", 20, True),
    Action("tracer.refresh", ("ctrl+r",), "read again", "Read the network of the sandbox again",
           "Reads the network of the running sandbox again.", 30, True),
    Action("bill.refresh", ("ctrl+r",), "meter again", "Read the meters of the sandbox again",
           "Takes the usage that the running sandbox has metered up to now.", 30, True),
    Action("bill.lines", ("f4",), "lines", "Go to the lines of the bill",
           "Goes to the lines: Up and Down mark one, and the answer explains it.", 20, True),
    Action("planner.split", ("s",), "split", "Cut the marked block in two",
           "Cuts the marked subnet in two halves; the second one gets a name of its own.", 10),
    Action("planner.join", ("S",), "join", "Join the marked block with its other half",
           "Joins the marked block with its other half, if that is free or of the same tier.", 20),
    Action("planner.move", ("m",), "move", "Move the marked subnet to the next free place",
           "Moves the marked subnet to the next place where it fits; after the last, to the first.", 30),
    Action("planner.zone", ("z",), "zone", "Give the marked subnet the next zone",
           "Puts the marked subnet into the next Availability Zone.", 0),
    Action("planner.tier", ("t",), "tier", "Give the marked subnet the next tier",
           "Makes the marked subnet one of the next tier.", 0),
    Action("planner.take", ("a",), "take", "Make a subnet of the marked free block",
           "Makes a subnet of the marked free block.", 0),
    Action("planner.drop", ("delete", "x"), "drop", "Give the marked subnet's addresses back",
           "Takes the marked subnet away; its addresses are free again.", 0),
    Action("planner.repair", ("f4",), "repair", "Make the first repair",
           "Makes the repair of the first thing that the judge has found.", 50, True),
    Action("planner.undo", ("ctrl+z",), "undo", "Take back the last change of the plan",
           "Takes back the last change of the plan.", 0, True),
    Action("planner.blocks", ("f6",), "blocks", "Go to the blocks",
           "Goes to the blocks of the plan: Up and Down mark one, and keys change it.", 0, True),
)
# fmt: on
