"""What is loaded by the time at which the first screen can be seen, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

START = """
import asyncio, json, os, sys
from pathlib import Path
from tui.app import SkylabApp
from tui.screens.map import CourseMap

def opened():
    from tui.session import Session
    return Session.open(Path(sys.argv[1]))

def stage(app, exercise, *, afresh=False):
    rows = app.screen.query_one("#units").option_count
    print(json.dumps({"rows": rows, "loaded": sorted(sys.modules)}), flush=True)
    os._exit(0)

def fill(page, fill=CourseMap.fill):
    painted = any("Units" in strip.text for strip in page._compositor.render_strips())
    print(json.dumps({"painted": painted, "loaded": sorted(sys.modules)}))
    fill(page)

CourseMap.fill, SkylabApp.stage = fill, stage
asyncio.run(SkylabApp(opened).run_async(headless=True, size=(120, 36)))
"""


def test_neither_moto_nor_boto3_nor_the_course_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START, str(tmp_path / "work")]
    alone = {"HOME": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=alone, timeout=120)
    assert done.returncode == 0, done.stderr
    first, filled = map(json.loads, done.stdout.splitlines())

    assert first["painted"]
    assert [name for name in first["loaded"] if name.startswith("labs.units.")] == []
    assert not {"moto", "boto3", "botocore", "graders", "pydantic", "labs.course"} & set(first["loaded"])
    assert filled["rows"] > 0
    assert not {"moto", "boto3", "botocore", "graders"} & set(filled["loaded"])
