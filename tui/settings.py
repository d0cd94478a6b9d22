"""The learner's settings: one TOML file, which the app reads when it opens and never writes.

`$SKYLAB_SETTINGS` names it; else it is `skylab/settings.toml` in `$XDG_CONFIG_HOME` or in `~/.config`:

    theme = "skylab-light"          # skylab-dark, skylab-light, ansi-dark, or any theme of Textual
    compact = true                  # no empty lines between entries

    [keys]                          # an action's id, and the keys that do it from now on
    "exercise.check" = "ctrl+g"
    "map.instruments" = "t,i"

The command palette names every action: `map: instruments` there is `map.instruments` here.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labs.errors import InputError
from tui.actions import ACTIONS

__all__ = ["Settings", "read_settings", "settings_file"]

THEME = "skylab-dark"
KNOWN = ("theme", "compact", "keys")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a learner has set; `keys` goes from an action's id to keys with commas between them."""

    theme: str = THEME
    compact: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)


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


def _keys(file: Path, keys: Any) -> Mapping[str, str]:
    known = {each.id for each in ACTIONS}
    for action, pressed in keys.items() if isinstance(keys, dict) else [("keys", None)]:
        if action not in known:
            raise _wrong(
                file,
                f"There is no action {action!r}.",
                "The palette (^p) names all: its `map: open` is map.open here.",
            )
        if not isinstance(pressed, str) or not pressed.strip():
            raise _wrong(file, f"{action} has no keys.", f'"{action}" = "ctrl+g"')
    return dict(keys)


def _wrong(file: Path, detail: str, hint: str) -> InputError:
    return InputError("The settings cannot be used", f"{file}: {detail}", hint)
