"""How long a proof takes, and whether random requests contradict it.

`python tests/benchmarks/bench_prove.py` times random pairs of policies: independent ones, and a policy with a
few changes. `python tests/benchmarks/bench_prove.py --agree 10000` draws requests for so many pairs and asks
the evaluator about each; it also hides a single request in as many policies and looks whether it is found.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter
from typing import Any

from labs.aws.iam import Outcome, PolicySet, evaluate, parse_policy
from labs.aws.iam.prover import Comparison, Kind, compare
from labs.aws.iam.prover.catalogue import all_services, service
from labs.aws.iam.prover.company import allowed, another_side
from tests.labs.aws.iam.prover import chance
from tests.labs.aws.iam.prover.needles import needle

SIZES = {1: 30, 5: 150, 20: 400}
"""Statements a policy, and the median time in milliseconds that they may take."""
KINDS: tuple[Kind, ...] = ("identity", "resource")
REQUESTS = 20


def times(size: int, pairs: int, *, mutated: bool) -> tuple[list[float], Counter[str]]:
    """The times of some comparisons in milliseconds, in order, and their verdicts."""
    taken: list[float] = []
    verdicts: Counter[str] = Counter()
    for seed in range(pairs):
        source = random.Random(f"{size} {mutated} {seed}")
        kind = KINDS[seed % 2]
        first = chance.policy(source, kind, size)
        second = chance.mutated(source, kind, first) if mutated else chance.policy(source, kind, size)
        reference, candidate = parse_policy(first), parse_policy(second)
        started = time.perf_counter()
        comparison = compare(reference, candidate, kind)
        taken.append(1000 * (time.perf_counter() - started))
        verdicts[comparison.verdict] += 1
    return sorted(taken), verdicts


def contradictions(comparison: Comparison, requests: chance.Requests) -> int:
    """How many of some random requests the verdict does not allow for."""
    kind, count = comparison.kind, 0
    for _ in range(REQUESTS):
        request = requests.draw()
        for consenting in (False, True) if another_side(request) else (False,):
            reference = allowed(comparison.reference, kind, request, consenting=consenting)
            candidate = allowed(comparison.candidate, kind, request, consenting=consenting)
            more = candidate and not reference and comparison.verdict in ("equivalent", "narrower")
            less = reference and not candidate and comparison.verdict in ("equivalent", "wider")
            count += more or less
    return count


def agreement(pairs: int) -> None:
    """Random pairs against random requests."""
    verdicts: Counter[str] = Counter()
    wrong = slow = 0
    for seed in range(pairs):
        source = random.Random(f"agree {seed}")
        kind = source.choice(KINDS)
        first, second = chance.pair(source, kind, source.choice((1, 1, 2, 3, 5, 8)))
        started = time.perf_counter()
        comparison = compare(parse_policy(first), parse_policy(second), kind)
        slow += time.perf_counter() - started > 5
        verdicts[comparison.verdict] += 1
        wrong += contradictions(comparison, chance.Requests(source, first, second)) > 0
    print(f"{pairs:,} pairs, {pairs * REQUESTS:,} requests: {wrong} contradicted, {slow} over 5 s")
    print(f"  {told(verdicts)}")


def hidden(policies: int) -> None:
    """Policies against the same with one request more, or less."""
    sought = found = 0
    for seed in range(policies):
        source = random.Random(f"hidden {seed}")
        kind, allows = source.choice(KINDS), source.random() < 0.5
        document = {**chance.policy(source, kind, source.choice((1, 2, 3, 5))), "Version": "2012-10-17"}
        pair = hide(document, source, kind, allows)
        if pair is not None:
            sought += 1
            narrow, wide = map(parse_policy, pair)
            found += compare(narrow, wide, kind).verdict == "wider"
    print(f"{sought:,} single requests hidden in policies: {found:,} found")


def hide(
    document: chance.Document, source: random.Random, kind: Kind, allows: bool
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A narrower and a wider policy that differ in one request; None when no request came up for it."""
    policy = parse_policy(document)
    policies = PolicySet(identity=(policy,)) if kind == "identity" else PolicySet(resource=policy)
    requests = chance.Requests(source, document)
    for _ in range(30):
        request = requests.draw()
        if kind == "identity" and request.principal.kind.name not in ("USER", "SESSION"):
            continue
        wanted = Outcome.IMPLICITLY_DENIED if allows else Outcome.ALLOWED
        if evaluate(request, policies).outcome is not wanted:
            continue
        extra = needle("Allow" if allows else "Deny", request, requests.values, kind)
        other = {**document, "Statement": [*document["Statement"], extra]}
        if allowed(parse_policy(other), kind, request, consenting=False) is allows:
            return (document, other) if allows else (other, document)
    return None


def told(verdicts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {verdict}" for verdict, count in verdicts.most_common())


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--pairs", type=int, default=200, help="pairs for each line of the table")
    words.add_argument("--agree", type=int, default=0, help="pairs to check by random requests instead")
    asked = words.parse_args()
    if asked.agree:
        agreement(asked.agree)
        hidden(asked.agree)
        return
    started = time.perf_counter()
    for prefix in all_services():
        service(prefix)
    print(f"reading the reference once: {time.perf_counter() - started:.2f} s")
    for size, limit in SIZES.items():
        for mutated in (False, True):
            taken, verdicts = times(size, asked.pairs, mutated=mutated)
            label = f"{size} statements, {'mutated' if mutated else 'independent'}"
            print(
                f"{label:28} median {statistics.median(taken):6.1f} ms (under {limit}),"
                f" 9 of 10 under {taken[int(0.9 * len(taken))]:6.0f} ms, all under {taken[-1]:6.0f} ms"
                f"   {told(verdicts)}"
            )


if __name__ == "__main__":
    main()
