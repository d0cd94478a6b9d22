"""How many decisions a second, on one core: `python tests/benchmarks/bench_evaluate.py`.

The policy has three statements, as a student's has: read a bucket, list it under the user's own prefix,
and a Deny for plain HTTP.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

from labs.aws.iam import (
    PolicySet,
    Principal,
    Request,
    case_from_json,
    case_to_json,
    decision_to_json,
    evaluate,
    explain,
    parse_policy,
)

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


def rate(work: Callable[[], object], times: int, per_call: int = 1, rounds: int = 7) -> float:
    """The median rate over some rounds, in decisions a second."""
    rates = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(times):
            work()
        rates.append(times * per_call / (time.perf_counter() - started))
    return statistics.median(rates)


def main() -> None:
    line = json.dumps(case_to_json(REQUESTS[0], POLICIES))

    def each(decide: Callable[[Request, PolicySet], object]) -> Callable[[], object]:
        return lambda: [decide(request, POLICIES) for request in REQUESTS]

    def built_and_evaluated() -> object:
        return [evaluate(Request(ALICE, *asked, context=CONTEXT), POLICIES) for asked in ASKED]

    def answered() -> str:
        return json.dumps({"id": "x"} | decision_to_json(evaluate(*case_from_json(json.loads(line)))))

    for label, figure, goal in (
        ("evaluate", rate(each(evaluate), 5000, 3), "100,000"),
        ("evaluate, request built too", rate(built_and_evaluated, 3000, 3), ""),
        ("explain", rate(each(explain), 1000, 3), "20,000"),
        ("a JSON line, both ways", rate(answered, 1000), "15,000"),
    ):
        print(f"{label:28}{figure:>10,.0f} a second{f'   (at least {goal})' if goal else ''}")


if __name__ == "__main__":
    main()
