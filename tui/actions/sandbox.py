"""What can be done with the world: its requests and their decisions."""

from __future__ import annotations

from tui.actions.action import Action

__all__ = ["SANDBOX"]

# fmt: off
SANDBOX: tuple[Action, ...] = (
    Action("world.requests", ("f2",), "requests", "Go to the live requests",
           "Goes to the requests that the sandbox has answered, newest last.", 0),
    Action("world.resources", ("f3",), "resources", "What exists in the sandbox",
           "Shows all that exists, by service and kind.", 0),
    Action("world.network", ("f4",), "network", "The VPCs with what stands in them",
           "Draws each VPC: subnets by zone, where their routes lead, instances and security groups.", 0),
    Action("world.bill", ("f5",), "bill", "What it has cost so far",
           "Shows the bill up to now; it follows the clock.", 0),
    Action("world.time", ("f6",), "time", "The clock and the past",
           "Shows the clock, and every change that can be taken back.", 0),
    Action("world.advance", ("a",), "advance", "Move the clock ahead",
           "Asks by how much, and moves the clock; what falls due on the way happens.", 10),
    Action("world.undo", ("u", "ctrl+z"), "undo", "Take the last change back",
           "Says what the last change of the sandbox was, and takes it back if you confirm.", 20),
    Action("world.checkpoint", ("n",), "name", "Name this state",
           "Gives this state of the sandbox a name, under which you can come back to it.", 50),
    Action("world.start", ("r",), "start again", "Start a sandbox that has stopped",
           "Starts the sandbox again when it has stopped, as it was by its journal.", 0),
    Action("timeline.earlier", ("left",), "earlier", "The mark before on the timeline",
           "Moves the cursor to the mark before on the timeline.", 0),
    Action("timeline.later", ("right",), "later", "The next mark on the timeline",
           "Moves the cursor to the next mark on the timeline.", 0),
    Action("rewind.accept", ("enter",), "take back", "Take these changes back",
           "Takes the changes back: the sandbox is as it was before them.", 10),
    Action("rewind.close", ("escape", "q"), "cancel", "Leave the sandbox as it is",
           "Closes the panel; nothing changes.", 20),
    Action("world.close", ("escape", "q"), "back", "Go back",
           "Goes back to where you were. The sandbox runs on.", 40),
    Action("requests.open", ("enter",), "open", "Show the whole request",
           "Opens the marked request: who asked, what was answered, every step of its decision.", 12),
    Action("requests.follow", ("f",), "follow", "Follow the newest request",
           "Marks the newest request again, and stays with it.", 0),
    Action("requests.filter", ("slash",), "filter", "Show only requests with some words",
           "Asks for words that a request must have: denied, s3, alice; -word leaves those out.", 14),
    Action("requests.denied", ("d",), "only denied", "Show only what was denied",
           "Shows only denied requests, or all again.", 0),
    Action("requests.everything", ("backspace",), "all", "Show all requests again",
           "Takes the filter away.", 0),
    Action("filter.close", ("escape",), "all", "Show all requests again",
           "Takes the filter away and goes to the list.", 0),
    Action("decision.fold", ("space",), "all or short", "Show every policy, or only what matters",
           "Shows every policy and statement, or only those that matter.", 10),
    Action("decision.close", ("escape", "q"), "close", "Close the decision",
           "Goes back to where you were.", 20),
)
# fmt: on
