"""For authors and for release: `verify`, `new-exercise`, `release`; and `replay` for the learner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from labs.course import load_course


def test_verify_says_what_holds_and_which_mutants_survive(skylab: Any) -> None:
    done = skylab("verify", "what-aws-keeps", "a-way-out", "--seeds", "2", "--mutants", "20", "--json")
    first, second = map(json.loads, done.stdout.splitlines())
    assert done.exit_code == 0
    assert (first["exercise"], first["holds"], first["faults"]) == ("cidr/what-aws-keeps", True, [])
    assert (first["variants"], first["survivors"]) == (2, [])
    assert all("change places" in change for change in second["survivors"])
    assert second["mutants"] > len(second["survivors"])


def test_verify_draws_what_it_found(skylab: Any) -> None:
    done = skylab("verify", "what-aws-keeps", "--seeds", "1", "--mutants", "3")
    assert done.exit_code == 0
    assert "cidr/what-aws-keeps" in done.stdout
    assert "variants 1, mutants 3, survivors 0" in done.stdout


def test_an_exercise_is_not_begun_under_a_name_that_is_taken(skylab: Any) -> None:
    taken = skylab("new-exercise", "policies", "which-decision", "--kind", "answer")
    assert taken.exit_code == 2
    assert "already" in taken.stderr
    unknown = skylab("new-exercise", "policies", "another", "--kind", "essay")
    assert unknown.exit_code == 2
    assert "essay" in unknown.stderr


def test_a_release_for_nobody_or_into_a_full_folder_is_wrong_use(skylab: Any, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x", "utf-8")
    nobody = skylab("release", "policies", "--out", tmp_path / "new")
    full = skylab("release", "policies", "--out", tmp_path / "full", "--student", "ada")
    assert (nobody.exit_code, full.exit_code) == (2, 2)
    assert not (tmp_path / "new").exists()


def test_replay_puts_a_counter_example_to_a_sandbox(skylab: Any, tmp_path: Path) -> None:
    place = tmp_path / "work"
    assert skylab("start", place, "--student", "ada").exit_code == 0
    file = place / "policies" / "bucket-or-object" / "policy.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    file.write_text(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), "utf-8")
    done = skylab("--workspace", place, "replay", "bucket-or-object", "--json")
    assert done.exit_code == 0, done.stderr
    (told,) = map(json.loads, done.stdout.splitlines())
    assert told["decision"] == "allowed"
    assert told["sentence"].endswith("is allowed")
    exercise = load_course().exercise("bucket-or-object")
    assert exercise.variant("ada").values["bucket"] in told["command"]


def test_where_nothing_is_wrong_nothing_is_replayed(skylab: Any, tmp_path: Path) -> None:
    place = tmp_path / "work"
    skylab("start", place, "--student", "ada")
    exercise = load_course().exercise("bucket-or-object")
    file = place / "policies" / "bucket-or-object" / "policy.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(exercise.solution(exercise.variant("ada")), "utf-8")
    done = skylab("--workspace", place, "replay", "bucket-or-object")
    assert (done.exit_code, done.stdout) == (0, "")
