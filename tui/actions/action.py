"""One action: its id, its keys, and the words that say what it does."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Action"]


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
