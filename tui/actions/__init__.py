"""Every action of the app, once: bindings, footer, command palette and F1 help are all read from here.

An action belongs to a scope: a screen ("map", "lesson", …), a panel ("requests") or the whole app ("app").
Its id is `scope.verb`, which is also the id that a keymap overrides and the name of the method that does it:
`exercise.check` is `action_check` on the exercise screen. Each area of the app has a table of its own here.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from tui.actions.action import Action
from tui.actions.course import COURSE
from tui.actions.everywhere import EVERYWHERE
from tui.actions.instruments import INSTRUMENTS
from tui.actions.sandbox import SANDBOX

__all__ = ["ACTIONS", "Action", "action", "bindings", "in_footer", "in_scope", "keys_of", "shown_key"]

ACTIONS: tuple[Action, ...] = (*EVERYWHERE, *COURSE, *INSTRUMENTS, *SANDBOX)

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
    """The actions that the footer shows on a screen, at most six, in their order, the last one always."""
    shown = sorted(
        (each for scope in scopes for each in in_scope(scope) if each.footer), key=lambda each: each.footer
    )
    return (*shown[:-1][:5], *shown[-1:])


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
