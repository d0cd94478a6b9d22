"""The learner's settings: one TOML file, which the app reads when it opens and never writes.

`$SKYLAB_SETTINGS` names it; else it is `skylab/settings.toml` in `$XDG_CONFIG_HOME` or in `~/.config`:

    theme = "skylab-light"
    compact = true

    [keys]
    "exercise.check" = "f10"
    "map.instruments" = "o,i"

`documented` is such a file with every setting and every action in it, which `skylab settings` prints.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labs.errors import InputError
from tui.actions import ACTIONS, Action, in_scope, shown_key

__all__ = ["ABOUT", "Settings", "documented", "own_key", "read_settings", "settings_file"]

THEME = "skylab-dark"
ABOUT = {
    "theme": (
        "The colours: skylab-dark or skylab-light; ansi-dark or ansi-light for the terminal's own;",
        "or any of those that Ctrl+P lists under app: themes. Where NO_COLOR is set there are none.",
    ),
    "compact": ("Whether there are no empty lines between entries.",),
    "keys": (
        "Which keys do what: the id of an action, and its keys with commas between them, as in f10, ctrl+k,",
        "slash or alt+x. The keys that it had do it no more. F1 says what each action does.",
    ),
}
"""What each setting is for, in lines of the documented file."""
KNOWN = tuple(ABOUT)
KEY_COLUMN = 44


@dataclass(frozen=True, slots=True)
class Settings:
    """What a learner has set; `keys` goes from an action's id to keys with commas between them."""

    theme: str = THEME
    compact: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)


def own_key(settings: Settings, action: Action) -> str:
    """The key of an action as it is shown: the learner's own where there is one."""
    own = settings.keys.get(action.id)
    return shown_key(own.split(",")[0] if own else action.keys[0])


def settings_file() -> Path:
    """Where the settings lie, whether they are there or not."""
    if named := os.environ.get("SKYLAB_SETTINGS"):
        return Path(named)
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "skylab" / "settings.toml"


def read_settings(file: Path) -> Settings:
    """The settings in a file; without one, those that Skylab comes with.

    Raises:
        InputError: the file cannot be read, or says something that Skylab does not know.
    """
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise _wrong(file, f"{error}.", "Look at that place; or take the file away for a moment.") from None
    for name in held:
        if name not in KNOWN:
            raise _wrong(file, f"It sets {name!r}.", f"It may set {', '.join(KNOWN)}.")
    theme, compact = held.get("theme", THEME), held.get("compact", False)
    if not isinstance(theme, str) or not isinstance(compact, bool):
        raise _wrong(file, "theme is no text, or compact neither true nor false.", 'theme = "skylab-light"')
    return Settings(theme, compact, _keys(file, held.get("keys", {})))


def documented() -> str:
    """A settings file with everything that can be set, as it is without one; each line is commented out."""
    plain = Settings()
    values = {"theme": json.dumps(plain.theme), "compact": json.dumps(plain.compact)}
    lines = [
        "# Skylab's settings. Take the # off a line to set it; without the file all is as it stands here."
    ]
    for name, about in ABOUT.items():
        lines += ["", *(f"# {each}" for each in about)]
        lines.append(f"# {name} = {values[name]}" if name in values else f"[{name}]")
    for scope in dict.fromkeys(each.scope for each in ACTIONS):
        lines += ["", f"# {scope}", *map(_documented, in_scope(scope))]
    return "\n".join(lines) + "\n"


def _documented(action: Action) -> str:
    setting = f'# "{action.id}" = "{",".join(action.keys)}"'
    return f"{setting:<{KEY_COLUMN}}  # {action.tooltip}"


def _keys(file: Path, keys: Any) -> Mapping[str, str]:
    known = {each.id for each in ACTIONS}
    for action, pressed in keys.items() if isinstance(keys, dict) else [("keys", None)]:
        if action not in known:
            raise _wrong(
                file,
                f"There is no action {action!r}.",
                "skylab settings lists all of them.",
            )
        if not isinstance(pressed, str) or not pressed.strip():
            raise _wrong(file, f"{action} has no keys.", f'"{action}" = "ctrl+g"')
    return dict(keys)


def _wrong(file: Path, detail: str, hint: str) -> InputError:
    return InputError("The settings cannot be used", f"{file}: {detail}", hint)
