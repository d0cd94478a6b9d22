"""Every program that tries to cheat, to break out or to break down gets its state, and never a pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graders.box import Boxes, Broken, Limits

QUESTIONS = (2, 21)


def verdict(boxes: Boxes, source: str, environment: dict[str, str], wall: float = 2.0) -> tuple[str, str]:
    """The state of a program that is to double numbers, and what its author is told."""
    try:
        with boxes.open(environment, Limits(wall=wall)) as box:
            loaded = box.load(source, "task.py")
            if loaded.fault:
                return "error", loaded.fault.sentence("task.py")
            replies = [box.call("double", [number]) for number in QUESTIONS]
            box.finish()
    except Broken as broken:
        return broken.state, broken.message
    said = " ".join(reply.fault.sentence("task.py") for reply in replies if reply.fault)
    right = [reply.value for reply in replies] == [2 * number for number in QUESTIONS]
    return "pass" if right and not said else "fail", said


def test_a_program_gets_its_state(attack: Any, boxes: Boxes) -> None:
    state, said = verdict(boxes, attack.source, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, attack.wall)
    assert (state, attack.says in said) == (attack.state, True), said


def test_nothing_is_left_behind(boxes: Boxes) -> None:
    with boxes.open({}) as box:
        folder = box.folder
        box.load("open('note', 'w').write('x')", "task.py")
        assert (folder / "note").exists()
    assert not folder.exists()
    assert not list(Path("/tmp").glob("skylab-escaped"))
