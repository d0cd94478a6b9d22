"""Laws of comparison, whatever the policies say."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.aws.iam import Outcome, Policy, PolicySet, Request, evaluate, parse_policy, prover
from labs.aws.iam.prover import Budget, Comparison, Kind
from labs.aws.iam.prover.company import allowed, another_side
from tests.labs.aws.iam.prover import chance
from tests.labs.aws.iam.prover.needles import needle

laws = settings(max_examples=60, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32)
kinds = st.sampled_from(("identity", "resource"))
SWAPPED = {"wider": "narrower", "narrower": "wider"}


def read(document: chance.Document, name: str = "policy") -> Policy:
    return parse_policy(document, name)


def compare(reference: Policy, candidate: Policy, kind: Kind) -> Comparison:
    """The comparison with all the time in the world: a busy machine must not change an answer."""
    return prover.compare(reference, candidate, kind, budget=Budget(seconds=600))


def judged(comparison: Comparison, kind: Kind, request: Request) -> str:
    """What the request says about the verdict: empty unless it is a counter-example."""
    for consenting in (False, True) if another_side(request) else (False,):
        reference = allowed(comparison.reference, kind, request, consenting=consenting)
        candidate = allowed(comparison.candidate, kind, request, consenting=consenting)
        if candidate and not reference and comparison.verdict in ("equivalent", "narrower"):
            return f"only the candidate allows {request}"
        if reference and not candidate and comparison.verdict in ("equivalent", "wider"):
            return f"only the reference allows {request}"
    return ""


@laws
@given(seeds, kinds, st.integers(1, 4))
def test_prover_and_evaluator_agree_on_random_requests(seed: int, kind: Kind, size: int) -> None:
    source = random.Random(seed)
    first, second = chance.pair(source, kind, size)
    comparison = compare(read(first), read(second), kind)
    requests = chance.Requests(source, first, second)

    for _ in range(15):
        assert judged(comparison, kind, requests.draw()) == ""


@laws
@given(seeds, kinds, st.integers(1, 4))
def test_every_witness_is_allowed_by_one_policy_and_not_by_the_other(
    seed: int, kind: Kind, size: int
) -> None:
    first, second = chance.pair(random.Random(seed), kind, size)
    reference, candidate = read(first), read(second)
    comparison = compare(reference, candidate, kind)

    assert (comparison.wider is not None) is (comparison.verdict in ("wider", "incomparable"))
    assert (comparison.narrower is not None) is (comparison.verdict in ("narrower", "incomparable"))
    for witness, side, yes, no in (
        (comparison.wider, "wider", candidate, reference),
        (comparison.narrower, "narrower", reference, candidate),
    ):
        if witness is not None:
            consenting = side in comparison.consenting
            assert allowed(yes, kind, witness, consenting=consenting)
            assert not allowed(no, kind, witness, consenting=consenting)


@laws
@given(seeds, kinds, st.integers(1, 5), st.randoms(use_true_random=False))
def test_a_policy_is_equivalent_to_itself_however_it_is_written(
    seed: int, kind: Kind, size: int, shuffler: random.Random
) -> None:
    document = chance.policy(random.Random(seed), kind, size)

    assert compare(read(document), read(document), kind).verdict == "equivalent"
    assert compare(read(document), read(rewritten(document, shuffler)), kind).verdict == "equivalent"


def rewritten(document: chance.Document, shuffler: random.Random) -> chance.Document:
    """The policy with its statements and lists in another order, statements split in two, and new Sids."""
    statements: list[dict[str, Any]] = []
    for statement in document["Statement"]:
        parts = [statement]
        actions = statement.get("Action")
        if isinstance(actions, list) and len(actions) > 1:
            parts = [{**statement, "Action": [actions[0]]}, {**statement, "Action": actions[:0:-1]}]
        statements += parts
    shuffler.shuffle(statements)
    return {
        **document,
        "Statement": [{"Sid": f"S{place}", **statement} for place, statement in enumerate(statements)],
    }


@laws
@given(seeds, kinds, st.integers(1, 4), st.sampled_from(("Allow", "Deny")))
def test_an_allow_never_makes_narrower_and_a_deny_never_wider(
    seed: int, kind: Kind, size: int, effect: str
) -> None:
    source = random.Random(seed)
    document = chance.policy(source, kind, size)
    extra = {**chance.statement(source, kind), "Effect": effect}
    if effect == "Allow" and "NotPrincipal" in extra:
        extra["Principal"] = extra.pop("NotPrincipal")
    longer = {**document, "Statement": [*document["Statement"], extra]}
    verdict = compare(read(document), read(longer), kind).verdict

    assert verdict in ("equivalent", "wider" if effect == "Allow" else "narrower")


@laws
@given(seeds, kinds, st.integers(1, 4), st.randoms(use_true_random=False))
def test_neither_order_nor_side_matters(seed: int, kind: Kind, size: int, shuffler: random.Random) -> None:
    first, second = chance.pair(random.Random(seed), kind, size)
    verdict = compare(read(first), read(second), kind).verdict
    for document in (first, second):
        shuffler.shuffle(document["Statement"])

    assert compare(read(first), read(second), kind).verdict == verdict
    assert compare(read(second), read(first), kind).verdict == SWAPPED.get(verdict, verdict)


@laws
@given(seeds, kinds, st.integers(1, 4), st.booleans())
def test_a_difference_of_a_single_request_is_found(seed: int, kind: Kind, size: int, allows: bool) -> None:
    """A Deny for one request that is allowed, or an Allow for one that is not, down to each condition key."""
    source = random.Random(seed)
    document = {**chance.policy(source, kind, size), "Version": "2012-10-17"}
    policy = read(document)
    requests = chance.Requests(source, document)
    for _ in range(30):
        request = requests.draw()
        if kind == "identity" and request.principal.kind.name not in ("USER", "SESSION"):
            continue
        policies = PolicySet(identity=(policy,)) if kind == "identity" else PolicySet(resource=policy)
        outcome = evaluate(request, policies).outcome
        if outcome is not (Outcome.IMPLICITLY_DENIED if allows else Outcome.ALLOWED):
            continue
        extra = needle("Allow" if allows else "Deny", request, requests.values, kind)
        other = read({**document, "Statement": [*document["Statement"], extra]})
        if allowed(other, kind, request, consenting=False) is allows:
            pair = (policy, other) if allows else (other, policy)
            assert compare(*pair, kind).verdict == "wider"
            return


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["identity", "resource"])
@pytest.mark.parametrize("size", [5, 20])
def test_many_pairs_and_requests_find_no_disagreement(kind: Kind, size: int) -> None:
    for seed in range(40):
        source = random.Random(seed)
        first, second = chance.pair(source, kind, size)
        comparison = compare(read(first), read(second), kind)
        requests = chance.Requests(source, first, second)
        for _ in range(25):
            assert judged(comparison, kind, requests.draw()) == "", seed
