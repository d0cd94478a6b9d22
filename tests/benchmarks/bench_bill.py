"""How long a bill of 10,000 ledger events takes: `python tests/benchmarks/bench_bill.py`.

The ledger is a month of a small company: instances that start and stop, volumes, objects, requests, traffic,
functions, queues and tables. Half of the events name a resource of their own, which makes a line of its own.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from labs.aws.billing import bill, bill_to_json, focus_csv, usage_from_json

EVENTS = 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = ("t3.micro", "t3.small", "m5.large", "c5.large")


def ledger(events: int, seed: int = 1) -> list[dict[str, Any]]:
    """Random events of a month, each with its own times."""
    chance = random.Random(seed)

    def period() -> dict[str, str]:
        begin = START + timedelta(seconds=chance.randrange(40 * 86_400))
        end = begin + timedelta(seconds=chance.randrange(1, 5 * 86_400))
        return {"start": begin.strftime("%Y-%m-%dT%H:%M:%SZ"), "end": end.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def at() -> dict[str, str]:
        return {"at": period()["start"]}

    kinds: tuple[Callable[[int], dict[str, Any]], ...] = (
        lambda n: {
            "meter": "ec2.instance",
            "type": chance.choice(TYPES),
            "resource": f"i-{n:017x}",
            **period(),
        },
        lambda n: {"meter": "ebs.volume", "type": "gp3", "gib": 8, "resource": f"vol-{n:017x}", **period()},
        lambda n: {"meter": "ipv4", "resource": f"eipalloc-{n:017x}", **period()},
        lambda n: {"meter": "s3.storage", "bytes": chance.randrange(10**9), "resource": "bucket", **period()},
        lambda n: {"meter": "s3.request", "operation": chance.choice(("PUT", "GET")), "count": 1, **at()},
        lambda n: {"meter": "transfer", "path": "internet-out", "gb": "0.25", **at()},
        lambda n: {"meter": "lambda", "requests": 1, "ms": chance.randrange(1, 900), "mb": 512, **at()},
        lambda n: {"meter": "sqs.request", "count": 1, "kb": 100, **at()},
        lambda n: {"meter": "dynamodb.write", "count": 1, "kb": 3, **at()},
        lambda n: {"meter": "nat.gateway", "resource": f"nat-{n:017x}", "gb": "1.5", **period()},
    )
    return [kinds[place % len(kinds)](place) for place in range(events)]


def milliseconds(work: Callable[[], object], rounds: int = 9) -> float:
    """The median time of some rounds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def answered(text: str) -> str:
    """What `skylab bill --jsonl` does with a line."""
    return json.dumps(bill_to_json(bill(usage_from_json(json.loads(text)))))


def main() -> None:
    document: dict[str, Any] = {
        "account": {"free_tier": "legacy", "created": "2025-06-01"},
        "from": "2026-01-01T00:00:00Z",
        "to": "2026-02-15T00:00:00Z",
        "usage": ledger(EVENTS),
    }
    text = json.dumps(document)
    usage = usage_from_json(document)
    result = bill(usage)
    print(f"{EVENTS:,} events, {len(result.lines):,} lines, {result.shown()} US dollars")
    for label, work, goal in (
        ("the bill", lambda: bill(usage), "at most 100 ms"),
        ("and its total", lambda: bill(usage).total, ""),
        ("from a JSON document", lambda: bill(usage_from_json(json.loads(text))), ""),
        ("a JSON line, both ways", lambda: answered(text), ""),
        ("the bill as FOCUS CSV", lambda: focus_csv(result), ""),
    ):
        print(f"{label:28}{milliseconds(work):>8.1f} ms{f'   ({goal})' if goal else ''}")


if __name__ == "__main__":
    main()
