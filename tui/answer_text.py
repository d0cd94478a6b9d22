"""The text of an `answer.toml`: its answers read, and one of them changed."""

from __future__ import annotations

import json
import re
import tomllib

__all__ = ["values_of", "with_value"]


def values_of(text: str) -> dict[str, str]:
    """The answers that an `answer.toml` holds, as text; empty when it cannot be read."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    return {
        name: value if isinstance(value, str) else json.dumps(value, default=str)
        for name, value in document.items()
    }


def with_value(text: str, name: str, value: str) -> str:
    """The `answer.toml` with one answer changed, or added at its end; comments and order stay."""
    # A JSON string is a TOML string but for DEL, which TOML wants escaped.
    line = f"{name} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
    pattern = re.compile(rf"^{re.escape(name)}[ \t]*=.*$", re.MULTILINE)
    if pattern.search(text):
        return pattern.sub(lambda _: line, text, count=1)
    return text + ("" if not text or text.endswith("\n") else "\n") + line + "\n"
