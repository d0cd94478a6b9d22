"""Exercises in lines: each kind is answered, nothing written is lost, help comes step by step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from labs.course import AnswerExercise, Exercise, OrderExercise, Workspace, WorldExercise, load_course
from labs.course.kinds.order import blocks_of
from tui.answer_text import values_of

Typed = Callable[..., Result]


def text_of(workspace: Workspace, name: str) -> str:
    return workspace.read(load_course().exercise(name)) or ""


def trashed(workspace: Workspace) -> list[str]:
    return [
        file.read_text() for file in (workspace.folder / ".skylab" / "trash").rglob("*") if file.is_file()
    ]


def test_every_exercise_of_the_course_is_answered_in_lines(
    typed: Typed, workspace: Workspace, answer_lines: Callable[[Exercise, str], list[str]]
) -> None:
    everything = [each for unit in load_course().units for each in unit.exercises]
    written = [each for each in everything if not isinstance(each, WorldExercise)]

    said = typed(
        *(line for each in written for line in (f"open {each.id}", *answer_lines(each, "alice")))
    ).stdout

    assert "Problem:" not in said
    for exercise in written:
        solution = exercise.solution(exercise.variant("alice"))
        held = workspace.read(exercise) or ""
        if isinstance(exercise, AnswerExercise):
            assert values_of(held) == values_of(solution), exercise.id
        elif not isinstance(exercise, OrderExercise):
            assert held.rstrip("\n") == solution.rstrip("\n"), exercise.id
        else:
            assert blocks_of(held)[0] == blocks_of(solution)[0], exercise.id


def test_a_question_is_answered_by_number_or_name_and_a_choice_by_its_number(
    typed: Typed, workspace: Workspace
) -> None:
    exercise = load_course().exercise("and-or")
    assert isinstance(exercise, AnswerExercise)
    first, second, third, *_ = exercise.fields(exercise.variant("alice"))

    typed("open and-or", f"1 {first.choices[0]}", "2 2", f"{third.name} = {third.choices[1]}", "4 77")

    held = values_of(text_of(workspace, "and-or"))
    assert (held[first.name], held[second.name]) == (first.choices[0], second.choices[1])
    assert held[third.name] == third.choices[1]


def test_a_number_alone_reads_its_question_and_an_equals_sign_needs_no_blanks(
    typed: Typed, workspace: Workspace
) -> None:
    said = typed("open read-a-statement", "4=arn:aws:s3:::a=b", "4", "99 x").stdout

    assert values_of(text_of(workspace, "read-a-statement"))["resource"] == "arn:aws:s3:::a=b"
    assert "Yours: arn:aws:s3:::a=b" in said
    assert "Problem: There is no such question." in said


def test_a_question_called_as_a_word_is_answered_and_the_word_alone_still_works(
    typed: Typed, workspace: Workspace
) -> None:
    exercise = load_course().exercise("which-decision")
    assert isinstance(exercise, AnswerExercise)
    assert "b" in {field.name for field in exercise.fields(exercise.variant("alice"))}

    said = typed("open which-decision", "b allowed", "b").stdout

    assert values_of(text_of(workspace, "which-decision"))["b"] == "allowed"
    assert said.count("Course map: ") == 2


def test_questions_are_asked_one_by_one(typed: Typed, workspace: Workspace) -> None:
    typed("open read-a-statement", "ask", "allowed", "", "denied", ".", "undo")

    held = values_of(text_of(workspace, "read-a-statement"))
    assert [held["read"], held["delete"], held["list"]] == ["allowed", "", ""]


def test_lines_are_put_in_order_by_their_numbers(
    typed: Typed, workspace: Workspace, answer_lines: Callable[[Exercise, str], list[str]]
) -> None:
    (order,) = answer_lines(load_course().exercise("in-what-order"), "alice")

    said = typed("open in-what-order", "order 2 2", order, "check", "blocks").stdout

    assert "Problem: This is no order." in said
    assert "all right, 6 of 6 points" in said
    assert f"Your order: {order.removeprefix('order ')}. Left out:" in said


def test_a_policy_is_written_changed_line_by_line_and_taken_back(typed: Typed, workspace: Workspace) -> None:
    said = typed(
        "open bucket-or-object",
        "write",
        "{",
        '  "Version": "2012-10-17"',
        "..",
        "}",
        ".",
        "line 3   // no",
        "remove 3",
        'insert 3   , "Statement": []',
        "remove 9",
        "text",
        "undo",
    ).stdout

    assert "It cannot be read yet: line 3" in said
    assert "Problem: There is no such line." in said
    assert '3   , "Statement": []' in said
    assert text_of(workspace, "bucket-or-object") == '{\n  "Version": "2012-10-17"\n}\n'


def test_what_is_written_when_the_input_ends_is_kept(typed: Typed, workspace: Workspace) -> None:
    typed("open bucket-or-object", "write", "first thought", ".", "write", "half a")

    assert text_of(workspace, "bucket-or-object") == "half a\n"
    assert "first thought\n" in trashed(workspace)


def test_writing_nothing_changes_nothing(typed: Typed, workspace: Workspace) -> None:
    typed("open bucket-or-object", "write", "mine", ".", "write", ".")

    assert text_of(workspace, "bucket-or-object") == "mine\n"


def test_a_reset_keeps_what_there_was(typed: Typed, workspace: Workspace) -> None:
    exercise = load_course().exercise("bucket-or-object")

    said = typed("open bucket-or-object", "write", "mine", ".", "reset", "file").stdout

    assert "mine\n" in trashed(workspace)
    assert text_of(workspace, exercise.name) == exercise.starter(exercise.variant("alice"))
    assert str(workspace.path(exercise)) in said


def test_an_editor_of_ones_own_is_opened_on_the_file(
    typed: Typed, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "by editor\\n" > "$1"\n')
    editor.chmod(0o700)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))

    typed("open bucket-or-object", "edit")

    assert text_of(workspace, "bucket-or-object") == "by editor\n"


def test_without_an_editor_one_is_told_what_else_to_do(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)

    assert "Or type write." in typed("open bucket-or-object", "edit").stdout


def test_a_check_numbers_what_can_be_run_and_why_runs_it(typed: Typed, workspace: Workspace) -> None:
    exercise = load_course().exercise("bucket-or-object")
    wrong = next(each for each in exercise.wrong(exercise.variant("alice")) if each.misconception == "S1")
    lines = wrong.text.splitlines()

    said = typed("open bucket-or-object", "write", *lines, ".", "check", "why 1", "why 9").stdout

    assert "why 1: " in said
    assert "1. Any explicit deny?" in said
    assert "Problem: There is no such item." in said
    assert "Next: change your answer and type check again; or type hint, or why." in said


def test_what_changed_since_the_last_check_is_said_line_by_line(typed: Typed) -> None:
    said = typed(
        "open bucket-or-object",
        "changes",
        "write",
        "{",
        "}",
        ".",
        "check",
        "line 1 [",
        "changes",
        "undo",
        "changes",
    ).stdout

    assert "Problem: There is nothing to compare with." in said
    assert "removed: 1. {" in said
    assert "added: 1. [" in said
    assert "Nothing has changed." in said


def test_hints_come_one_by_one_and_the_solution_after_the_last(typed: Typed, workspace: Workspace) -> None:
    exercise = load_course().exercise("bucket-or-object")
    hints = exercise.hints(exercise.variant("alice"))

    said = typed("open bucket-or-object", "solution", *["hint"] * len(hints), "solution", "hints").stdout

    assert "Problem: The solution is not told yet." in said
    assert [said.count(f"Hint {each.level} of {len(hints)}: {each.title}.") for each in hints] == [2] * len(
        hints
    )
    assert "That was the last one." in said
    assert workspace.progress.best(exercise).hints == len(hints)


def test_after_the_last_exercise_of_a_unit_the_next_unit_comes(
    typed: Typed, workspace: Workspace, answer_lines: Callable[[Exercise, str], list[str]]
) -> None:
    course = load_course()
    last = course.unit("arns").exercises[-1]

    said = typed(f"open {last.id}", "next").stdout

    assert f"Unit {course.units[1].number}, {course.units[1].title}." in said.rsplit("?> next\n", 1)[1]
