"""One registry of actions: every action has a key, a help line and a method, and F1 lists it."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from tui.actions import ACTIONS, Action, bindings, in_footer, in_scope, keys_of, shown_key
from tui.app import SkylabApp
from tui.help import scope_section
from tui.instruments import Instrument
from tui.instruments.bill import BillExplorer
from tui.instruments.credentials import CredentialChain
from tui.instruments.evaluator import PolicyEvaluator
from tui.instruments.planner import CidrPlanner
from tui.instruments.proof import Proof
from tui.instruments.tracer import PacketTracer
from tui.screens.ask import AskPanel
from tui.screens.code import CodePanel
from tui.screens.decision import DecisionPanel
from tui.screens.diff import DiffPanel, SolutionPanel
from tui.screens.exercise import ExerciseScreen
from tui.screens.failure import FailurePanel
from tui.screens.help import HelpPanel
from tui.screens.jump import Jump
from tui.screens.lesson import Lesson
from tui.screens.map import CourseMap
from tui.screens.output import OutputPanel
from tui.screens.practice import Practice
from tui.screens.present import Presenter
from tui.screens.shelf import Shelf
from tui.screens.world import WorldScreen
from tui.screens.world.rewinding import RewindPanel
from tui.screens.world.time import Past
from tui.widgets.board import PlanBoard
from tui.widgets.requests import FilterLine, RequestsPanel

OWNERS: dict[str, type[DOMNode]] = {
    "app": SkylabApp,
    "shelf": Shelf,
    "world": WorldScreen,
    "present": Presenter,
    "practice": Practice,
    "ask": AskPanel,
    "jump": Jump,
    "diff": DiffPanel,
    "solution": SolutionPanel,
    "code": CodePanel,
    "instrument": Instrument,
    "evaluator": PolicyEvaluator,
    "proof": Proof,
    "credentials": CredentialChain,
    "tracer": PacketTracer,
    "bill": BillExplorer,
    "planner": CidrPlanner,
    "map": CourseMap,
    "lesson": Lesson,
    "exercise": ExerciseScreen,
    "requests": RequestsPanel,
    "filter": FilterLine,
    "timeline": Past,
    "rewind": RewindPanel,
    "board": PlanBoard,
    "decision": DecisionPanel,
    "output": OutputPanel,
    "help": HelpPanel,
    "failure": FailurePanel,
}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.id)
def test_an_action_has_a_key_a_label_a_tooltip_and_a_help_line(action: Action) -> None:
    assert action.keys
    assert all(action.keys)
    assert action.label
    assert action.label == action.label.lower()
    assert action.tooltip
    assert not action.tooltip.endswith(".")
    assert action.help.endswith(".")


def test_ids_are_unique() -> None:
    ids = [each.id for each in ACTIONS]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.id)
def test_an_action_is_done_by_the_method_of_its_verb(action: Action) -> None:
    assert callable(getattr(OWNERS[action.scope], f"action_{action.verb}"))


@pytest.mark.parametrize(("scope", "owner"), OWNERS.items(), ids=OWNERS.keys())
def test_a_scope_binds_its_keys_with_the_ids_of_its_actions(scope: str, owner: type[DOMNode]) -> None:
    bound = {binding.id: binding for binding in owner.BINDINGS if isinstance(binding, Binding)}

    assert list(bound) == [each.id for each in in_scope(scope)]
    for each in in_scope(scope):
        assert bound[each.id].key == ",".join(each.keys)
        assert bound[each.id].tooltip == each.tooltip


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.id)
def test_the_help_lists_the_action_with_its_keys(action: Action) -> None:
    rows = {row.line: row.keys for row in scope_section(action.scope, "").rows}

    assert rows[action.help] == keys_of(action)


@pytest.mark.parametrize("scope", [each for each, owner in OWNERS.items() if issubclass(owner, Screen)])
def test_the_footer_shows_at_most_six_keys_and_always_help(scope: str) -> None:
    shown = in_footer(scope, *getattr(OWNERS[scope], "ALSO", ()), "app")

    assert 2 <= len(shown) <= 6
    assert shown[-1].id == "app.help"


@pytest.mark.parametrize("scope", OWNERS)
def test_no_key_means_two_things_in_one_place(scope: str) -> None:
    scopes = dict.fromkeys((scope, *getattr(OWNERS[scope], "ALSO", ()), "app"))
    here = [each for one in scopes for each in in_scope(one)]
    both = [(a.id, b.id, set(a.keys) & set(b.keys)) for a, b in combinations(here, 2)]
    clashes = [each for each in both if each[2]]

    # Ctrl+Z is for undoing first; the way back to the shell has another key.
    assert [each for each in clashes if each[1:] != ("app.suspend", {"ctrl+z"})] == []
    assert all(a.endswith(".undo") for a, *_ in clashes)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("ctrl+s", "^s"),
        ("f1", "F1"),
        ("escape", "Esc"),
        ("slash", "/"),
        ("right", "→"),
        ("c", "c"),
        ("f", "f"),
    ],
)
def test_a_key_is_shown_short(key: str, shown: str) -> None:
    assert shown_key(key) == shown


def test_keys_that_must_work_while_typing_have_priority() -> None:
    exercise = {each.id: each for each in bindings("exercise") if isinstance(each, Binding)}

    assert exercise["exercise.check"].priority
    assert exercise["exercise.hint"].priority
