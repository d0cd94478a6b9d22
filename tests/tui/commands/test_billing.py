"""`skylab bill`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from labs.aws.billing import focus_violations
from labs.aws.billing.money import total
from labs.course import Workspace
from labs.sandbox import Nursery, World

Skylab = Callable[..., Result]

USAGE: dict[str, Any] = {
    "id": "b1",
    "account": {"free_tier": "none"},
    "month": "730h",
    "usage": [
        {"meter": "ec2.instance", "type": "t3.micro", "resource": "i-0a1"},
        {"meter": "ipv4", "resource": "eip-1"},
        {"meter": "ebs.volume", "type": "gp3", "gib": 8, "resource": "vol-1"},
    ],
}


@pytest.fixture
def usage(tmp_path: Path) -> Path:
    file = tmp_path / "usage.json"
    file.write_text(json.dumps(USAGE))
    return file


def lines_of(*documents: Any) -> str:
    return "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in documents)


def test_a_file_of_usage_is_drawn_as_a_bill(skylab: Skylab, usage: Path) -> None:
    result = skylab("bill", usage)

    assert result.exit_code == 0
    assert "A month of 730 h" in result.stdout
    assert "$11.88" in result.stdout
    assert "730 h × $0.0104" in result.stdout
    assert "Amazon EC2 On-Demand Pricing, us-east-1, as of 2026-11" in result.stdout


def test_the_bill_as_json_has_every_digit(skylab: Skylab, usage: Path) -> None:
    answer = json.loads(skylab("bill", usage, "--json").stdout)

    assert answer["total"] == "11.882"
    assert [line["cost"] for line in answer["lines"]] == ["7.592", "0.64", "3.65"]


def test_a_line_can_be_chosen(skylab: Skylab, usage: Path) -> None:
    assert "PublicIPv4:InUseAddress eip-1, a public IPv4" in skylab("bill", usage, "--line", "3").stdout
    result = skylab("bill", usage, "--line", "4")
    assert result.exit_code == 2
    assert "It has the lines 1 to 3" in result.stderr


def test_stdin_can_be_the_file(skylab: Skylab) -> None:
    assert json.loads(skylab("bill", "-", "--json", stdin=json.dumps(USAGE)).stdout)["total"] == "11.882"


def test_a_stream_is_answered_line_by_line_and_a_bad_one_costs_only_itself(skylab: Skylab) -> None:
    backwards = {"meter": "ipv4", "start": "2026-02-01", "end": "2026-01-01"}
    bad = {"id": "b2", "usage": [USAGE["usage"][1], backwards]}

    result = skylab("bill", "--jsonl", stdin=lines_of(USAGE, "{\n", bad, "\n", {**USAGE, "id": "b3"}))

    first, broken, wrong, last = map(json.loads, result.stdout.splitlines())
    assert result.exit_code == 0
    assert (first["id"], first["total"]) == ("b1", "11.882")
    assert (last["id"], last["total"]) == ("b3", "11.882")
    assert (broken["id"], broken["error"]["title"]) == (None, "This is not JSON")
    assert (wrong["id"], wrong["error"]["title"]) == ("b2", "The period ends before it starts")
    assert wrong["error"]["path"] == "usage[1].end"
    assert "usage[1].end" in wrong["error"]["detail"]
    assert wrong["error"]["hint"]


def test_a_line_has_the_keys_of_the_contract(skylab: Skylab) -> None:
    answer = json.loads(skylab("bill", "--jsonl", stdin=lines_of(USAGE)).stdout)

    for line in answer["lines"]:
        assert {"meter", "usage_type", "quantity", "unit", "rate", "cost", "rule", "source"} <= set(line)
        assert Decimal(line["quantity"]) * Decimal(line["rate"]) == Decimal(line["cost"])


def test_focus_writes_csv_that_keeps_the_rules_and_sums_to_the_total(skylab: Skylab, usage: Path) -> None:
    result = skylab("bill", usage, "--focus")

    assert result.exit_code == 0
    assert focus_violations(result.stdout, invoice=Decimal("11.882")) == ()
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["ResourceId"] for row in rows] == ["i-0a1", "vol-1", "eip-1"]


def test_a_stream_is_one_export_and_what_cannot_be_billed_is_named_on_stderr(skylab: Skylab) -> None:
    good = skylab("bill", "--jsonl", "--focus", stdin=lines_of(USAGE, USAGE))
    assert good.exit_code == 0
    assert focus_violations(good.stdout, invoice=2 * Decimal("11.882")) == ()

    mixed = skylab("bill", "--jsonl", "--focus", stdin=lines_of(USAGE, {"usage": [{"meter": "ipv6"}]}))
    assert mixed.exit_code == 2
    assert focus_violations(mixed.stdout, invoice=Decimal("11.882")) == ()
    assert "Line 2: There is no such meter" in mixed.stderr
    assert "usage[0].meter" in mixed.stderr


def test_without_input_and_without_a_sandbox_it_says_how_to_give_usage(skylab: Skylab) -> None:
    result = skylab("bill")

    assert result.exit_code == 3
    assert result.stdout == ""
    assert "skylab bill FILE" in result.stderr
    example = result.stderr[result.stderr.index("{") :]
    document = json.loads(" ".join(example.split()))
    assert json.loads(skylab("bill", "-", "--json", stdin=json.dumps(document)).stdout)["total"] == "7.592"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "no JSON object"),
        ("{", "not JSON"),
        ('{"use": 1}', "no such key"),
        ('{"usage": 1}', "not a list"),
    ],
)
def test_a_file_that_is_no_usage_is_wrong_use(
    skylab: Skylab, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(content)

    result = skylab("bill", file)

    assert result.exit_code == 2
    assert said in result.stderr
    assert skylab("bill", tmp_path / "missing.json").exit_code == 2


@pytest.fixture
def sandbox(nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A world that has used something for ten days, and that the workspace of the commands knows of."""
    with nursery.world(seed=1, start=datetime(2026, 1, 5, tzinfo=UTC)) as world:
        workspace = Workspace.create(tmp_path / "work", "alice")
        monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
        workspace.sandbox_file.write_text(json.dumps(world.connection.to_json()))
        world.client("ec2").create_volume(AvailabilityZone="us-east-1a", Size=100, VolumeType="gp3")
        world.client("s3").create_bucket(Bucket="first")
        world.advance(to=datetime(2026, 1, 15, tzinfo=UTC))
        yield world


def test_without_input_it_is_the_bill_of_the_sandbox(skylab: Skylab, sandbox: World) -> None:
    told = json.loads(skylab("bill", "--json").stdout)

    meters = {line["meter"]: line for line in told["lines"]}
    assert set(meters) == {"ebs.volume", "s3.request"}
    assert Decimal(meters["s3.request"]["cost"]) == Decimal("0.000005")
    assert Decimal(told["total"]) == total(Decimal(line["cost"]) for line in told["lines"])
    # 100 GB for 10 of January's 31 days, to the second in which the clock was moved.
    assert abs(Decimal(meters["ebs.volume"]["cost"]) - Decimal(80) / 31) < Decimal("0.001")
    # From 5 January to its end.
    assert abs(Decimal(told["month_end"]) - Decimal(8) * 27 / 31) < Decimal("0.001")
    assert meters["s3.request"]["operation"] == "CreateBucket"
    drawn = " ".join(skylab("bill").stdout.split())
    assert "Requests-Tier1 CreateBucket first" in drawn
    assert "$2.58" in drawn
    assert "January will have cost $6.97" in drawn


def test_the_bill_of_the_sandbox_can_be_of_a_part_of_its_time(skylab: Skylab, sandbox: World) -> None:
    day = ("--from", "2026-01-06", "--to", "2026-01-07")
    told = json.loads(skylab("bill", "--json", *day).stdout)

    assert [line["meter"] for line in told["lines"]] == ["ebs.volume"]
    assert abs(Decimal(told["total"]) * 31 - 8) < Decimal("1e-20")
    free = json.loads(skylab("bill", "--json", "--free-tier", "legacy", *day).stdout)
    assert Decimal(free["total"]) < Decimal(told["total"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--free-tier", "lots"), "--free-tier"),
        (("--from", "yesterday"), "This is no time"),
        (("--from", "2099-01-01"), "There is nothing to bill yet"),
    ],
)
def test_what_a_sandbox_cannot_be_billed_for_is_said(
    skylab: Skylab, sandbox: World, words: tuple[str, ...], said: str
) -> None:
    result = skylab("bill", *words)

    assert result.exit_code == 2
    assert said in result.stderr


def test_options_of_the_sandbox_are_refused_with_a_file(skylab: Skylab) -> None:
    result = skylab("bill", "-", "--from", "2026-01-01", stdin="{}")

    assert result.exit_code == 2
    assert "These options are for the sandbox's bill" in " ".join(result.stderr.split())
