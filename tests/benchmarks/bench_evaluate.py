"""How many decisions a second, on one core: `python tests/benchmarks/bench_evaluate.py`.

The policy has three statements, as a student's has: read a bucket, list it under the user's own prefix,
and a Deny for plain HTTP; of three requests one is denied. Lines are what `skylab explain --jsonl` reads and
writes, JSON included. Seconds are of processor time, so that a busy machine does not count.
"""

from __future__ import annotations

import copy
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from labs.aws.iam import (
    PolicySet,
    Principal,
    Request,
    case_to_json,
    decision_to_json,
    evaluate,
    explain,
    parse_policy,
)
from tui.commands.cases import CaseStream
from tui.commands.lines import answers, seldom_collected

DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": "arn:aws:s3:::training/*",
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::training",
            "Condition": {"StringLike": {"s3:prefix": ["", "home/${aws:username}/*"]}},
        },
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ],
}
CONTEXT = {"aws:SecureTransport": "true", "aws:SourceIp": "10.0.0.1", "s3:prefix": "home/alice/x"}
ALICE = Principal.parse("arn:aws:iam::111111111111:user/alice")
POLICIES = PolicySet(identity=(parse_policy(json.dumps(DOCUMENT), name="alice/inline/training"),))
ASKED = (
    ("s3:GetObject", "arn:aws:s3:::training/data/part-0001.csv"),
    ("s3:ListBucket", "arn:aws:s3:::training"),
    ("s3:DeleteObject", "arn:aws:s3:::training/data/part-0001.csv"),
)
REQUESTS = tuple(Request(ALICE, action, resource, context=CONTEXT) for action, resource in ASKED)


def rate(work: Callable[[], object], per_call: int, rounds: int = 9) -> float:
    """The median rate over some rounds of a fifth of a second or more, in decisions a second."""
    times = 1
    while True:
        started = time.process_time()
        for _ in range(times):
            work()
        if time.process_time() - started > 0.2:
            break
        times *= 2
    rates = []
    for _ in range(rounds):
        started = time.process_time()
        for _ in range(times):
            work()
        rates.append(times * per_call / (time.process_time() - started))
    return statistics.median(rates)


def lines(number: int, *, new: bool) -> list[bytes]:
    """So many questions, each about another object; with `new`, each with a policy of its own."""
    found = []
    for place in range(number):
        request = REQUESTS[place % 3]
        case: dict[str, Any] = {"id": f"x{place}", **copy.deepcopy(case_to_json(request, POLICIES))}
        if case["request"]["action"] != "s3:ListBucket":
            case["request"]["resource"] += str(place)
        text = json.dumps(case)
        found.append((text.replace(":::training", f":::training-{place}") if new else text).encode())
    return found


def main() -> None:
    def each(decide: Callable[[Request, PolicySet], object]) -> Callable[[], object]:
        return lambda: [decide(request, POLICIES) for request in REQUESTS]

    def built_and_evaluated() -> object:
        return [evaluate(Request(ALICE, *asked, context=CONTEXT), POLICIES) for asked in ASKED]

    def told(request: Request, policies: PolicySet) -> object:
        return decision_to_json(explain(request, policies))

    def answered(questions: list[bytes], *, trace: bool = False) -> Callable[[], object]:
        def work() -> object:
            stream = CaseStream(trace=trace)
            with seldom_collected():
                return sum(1 for _ in answers(questions, stream.answer, stream.read))

        return work

    for label, figure, goal in (
        ("evaluate", rate(each(evaluate), 3), "100,000"),
        ("evaluate, request built too", rate(built_and_evaluated, 3), ""),
        ("explain", rate(each(explain), 3), "20,000"),
        ("explain, every word read", rate(each(told), 3), ""),
        ("lines, same policies", rate(answered(lines(3000, new=False)), 3000), "15,000"),
        ("lines, same policies, --trace", rate(answered(lines(3000, new=False), trace=True), 3000), ""),
        ("lines, all-new policies", rate(answered(lines(3000, new=True)), 3000), ""),
    ):
        print(f"{label:30}{figure:>10,.0f} a second{f'   (at least {goal})' if goal else ''}")


if __name__ == "__main__":
    main()
