"""Proof instead of examples: what one policy allows and another does not, over all requests that there are.

comparison = compare(reference, candidate)
comparison.verdict, comparison.wider, comparison.sentence

The method: every dimension of a request is cut into the classes that the statements of both policies can tell
apart, one example a class, and the product is searched with whatever cannot matter left out. Nothing is
sampled; a verdict other than "unknown" covers every real action of AWS on ARNs of the shapes that exist.

What counts as a request: an action of the Service Authorization Reference, on a resource of a shape that it
takes; condition keys of the types that AWS gives them, each of which may be absent; keys that follow from
the caller (`aws:username`) or the resource (`aws:ResourceAccount`) as they do in AWS. A policy is judged by
itself and, where AWS asks another side's policy too, with one that consents (company.py).
"""

from labs.aws.iam.prover.answers import comparison_to_json
from labs.aws.iam.prover.budget import Bound, Budget
from labs.aws.iam.prover.comparison import Comparison, Side, Verdict, compare
from labs.aws.iam.prover.questions import NewAccess, allows_any, new_access, who_can
from labs.aws.iam.prover.rules import Kind

__all__ = [
    "Bound",
    "Budget",
    "Comparison",
    "Kind",
    "NewAccess",
    "Side",
    "Verdict",
    "allows_any",
    "compare",
    "comparison_to_json",
    "new_access",
    "who_can",
]
