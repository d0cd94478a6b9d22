"""Every action of the app, once: bindings, footer, command palette and F1 help are all read from here.

An action belongs to a scope: a screen ("map", "lesson", …), a panel ("requests") or the whole app ("app").
Its id is `scope.verb`, which is also the id that a keymap overrides and the name of the method that does it:
`exercise.check` is `action_check` on the exercise screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType

__all__ = ["ACTIONS", "Action", "action", "bindings", "in_footer", "in_scope", "shown_key"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that the learner can make the app do.

    `keys` are Textual's names for the keys, the first of them shown; `label` is the word beside the key in
    the footer; `tooltip` says in a few words what happens; `help` is the line in F1. `footer` orders the keys
    in the footer, nought keeps an action out. `priority` keys work even where a text field would take them.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    tooltip: str
    help: str
    footer: int = 0
    priority: bool = False

    @property
    def scope(self) -> str:
        return self.id.partition(".")[0]

    @property
    def verb(self) -> str:
        return self.id.partition(".")[2]

    @property
    def title(self) -> str:
        """How the command palette names it: the area, then the verb."""
        return f"{self.scope}: {self.verb.replace('_', ' ')}"


# fmt: off
ACTIONS: tuple[Action, ...] = (
    Action("app.help", ("f1",), "help", "What every key does here",
           "Shows this page, for the screen and the part that you are in.", 90, True),
    Action("app.commands", ("ctrl+p",), "commands", "Find anything by name",
           "Lists every command, lesson and exercise; type to find one.", 0, True),
    Action("app.theme", ("f8",), "light or dark", "Change between dark and light",
           "Changes between the dark and the light theme.", 0, True),
    Action("app.quit", ("ctrl+q",), "quit", "Leave Skylab",
           "Leaves Skylab. What you have written is already saved.", 0, True),
    Action("map.open", ("enter",), "open", "Open what is marked",
           "Opens the lesson or the exercise that is marked.", 10),
    Action("map.resume", ("c",), "continue", "Go on where you left off",
           "Opens the next exercise that is not done, starting from the marked unit.", 20),
    Action("map.lesson", ("l",), "lesson", "Read the unit's lesson",
           "Opens the marked unit's lesson at the first page that you have not read.", 30),
    Action("map.find", ("slash",), "find", "Find an exercise or a lesson",
           "Opens the list of everything; type part of a name.", 40),
    Action("map.quit", ("q",), "quit", "Leave Skylab",
           "Leaves Skylab. What you have written is already saved.", 50),
    Action("lesson.next", ("right", "n", "space"), "next page", "Turn the page",
           "Goes to the next page; after the last one, to the unit's first open exercise.", 10),
    Action("lesson.previous", ("left", "b"), "back", "Turn back a page",
           "Goes to the page before.", 20),
    Action("lesson.page", ("p", "f2"), "page", "Go to the page",
           "Goes to the page.", 0),
    Action("lesson.contents", ("t", "f3"), "contents", "The pages of this lesson",
           "Goes to the list of pages, or back to the page.", 30),
    Action("lesson.requests", ("w", "f4"), "requests", "What the sandbox is asked",
           "Goes to the requests of the sandbox, or back to the page.", 40),
    Action("lesson.practise", ("x",), "exercise", "Try it",
           "Opens the unit's first exercise that is not done.", 50),
    Action("lesson.close", ("escape",), "map", "Back to the course map",
           "Goes back to the course map.", 0),
    Action("exercise.check", ("ctrl+s",), "check", "Mark what you have written",
           "Saves and marks what you have written, and shows every criterion.", 10, True),
    Action("exercise.hint", ("ctrl+t",), "hint", "Show one more hint",
           "Shows one more hint: the idea, the place, a worked sibling, at last the solution.", 20, True),
    Action("exercise.undo", ("ctrl+z",), "undo", "Take back the last change",
           "Takes back your last change in the editor; Ctrl+Y brings it again.", 30),
    Action("exercise.why", ("ctrl+o",), "why", "Run the counter-example",
           "Runs the next counter-example of the results and shows how the decision falls.", 40, True),
    Action("exercise.task", ("f2",), "task", "Go to the task",
           "Goes to the task and what you write.", 0, True),
    Action("exercise.results", ("f3",), "results", "Go to the results",
           "Goes to the results and the hints.", 0, True),
    Action("exercise.requests", ("f4",), "requests", "Go to the live requests",
           "Goes to the requests that the sandbox has answered, newest last.", 50, True),
    Action("exercise.reset", ("ctrl+r",), "reset", "Start afresh",
           "Puts the starter back, or a fresh world. What you had is kept in .skylab/trash.", 0, True),
    Action("exercise.next", ("ctrl+n",), "next", "The next exercise",
           "Opens the next exercise of the course.", 0, True),
    Action("exercise.close", ("escape",), "map", "Back to the course map",
           "Goes back to the course map. What you have written is saved.", 0, True),
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
    Action("output.close", ("escape", "q"), "close", "Close the output",
           "Goes back to where you were.", 10),
    Action("help.close", ("escape", "q"), "close", "Close the help",
           "Goes back to where you were.", 10),
    Action("failure.close", ("escape", "enter"), "go on", "Go on",
           "Closes this panel and goes on.", 10),
    Action("failure.details", ("d",), "details", "Show the details",
           "Shows where in Skylab it happened, for a report.", 20),
)
# fmt: on

_BY_ID = {each.id: each for each in ACTIONS}

_SHOWN = {
    "slash": "/",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "tab": "Tab",
    "backspace": "Backspace",
    "delete": "Delete",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


def action(action_id: str) -> Action:
    """The action of that id; KeyError when there is none."""
    return _BY_ID[action_id]


def in_scope(scope: str) -> tuple[Action, ...]:
    """The actions of one screen, panel or of the app, in the order of the help."""
    return tuple(each for each in ACTIONS if each.scope == scope)


def in_footer(*scopes: str) -> tuple[Action, ...]:
    """The actions that the footer shows on a screen, at most six, in their order."""
    shown = [each for scope in scopes for each in in_scope(scope) if each.footer]
    return tuple(sorted(shown, key=lambda each: each.footer))[:6]


def bindings(scope: str) -> list[BindingType]:
    """The key bindings of a scope, each with its action's id and tooltip."""
    return [
        Binding(
            ",".join(each.keys),
            each.verb,
            each.label,
            show=bool(each.footer),
            key_display=shown_key(each.keys[0]),
            priority=each.priority,
            tooltip=each.tooltip,
            id=each.id,
        )
        for each in in_scope(scope)
    ]


def shown_key(key: str) -> str:
    """A key as the footer writes it: `ctrl+s` is `^s`, `f1` is `F1`."""
    *modifiers, name = key.split("+")
    shown = _SHOWN.get(name, name.upper() if name[:1] == "f" and name[1:].isdigit() else name)
    prefix = "".join("^" if each == "ctrl" else f"{each.capitalize()}+" for each in modifiers)
    return prefix + shown


def keys_of(each: Action) -> str:
    """All the keys of an action, as the help writes them."""
    return _join(shown_key(key) for key in each.keys)


def _join(words: Iterable[str]) -> str:
    return " ".join(words)
