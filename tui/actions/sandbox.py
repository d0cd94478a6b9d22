"""What can be done with the world: its requests and their decisions."""

from __future__ import annotations

from tui.actions.action import Action

__all__ = ["SANDBOX"]

# fmt: off
SANDBOX: tuple[Action, ...] = (
    Action("requests.open", ("enter",), "whole decision", "Show the whole decision",
           "Shows every step of the marked request's decision.", 0),
    Action("requests.follow", ("f",), "follow", "Follow the newest request",
           "Marks the newest request again, and stays with it.", 0),
    Action("requests.denied", ("d",), "only denied", "Show only what was denied",
           "Shows only denied requests, or all again.", 0),
    Action("decision.fold", ("space",), "all or short", "Show every policy, or only what matters",
           "Shows every policy and statement, or only those that matter.", 10),
    Action("decision.close", ("escape", "q"), "close", "Close the decision",
           "Goes back to where you were.", 20),
)
# fmt: on
