"""Identity and Access Management: documents, matching, evaluation and explanation.

policy = parse_policy('{"Version": "2012-10-17", "Statement": …}', name="alice/inline/read")
request = Request(Principal.parse("arn:aws:iam::111111111111:user/alice"), "s3:GetObject", "arn:aws:s3:::b/k")
decision = explain(request, PolicySet(identity=(policy,)))
decision.allowed, decision.reason, decision.trace
"""

from labs.aws.iam.cases import (
    case_from_json,
    case_to_json,
    decision_to_json,
    policies_from_json,
    request_from_json,
)
from labs.aws.iam.documents import Policy, Statement
from labs.aws.iam.evaluation import Decision, PolicySet, evaluate, explain
from labs.aws.iam.grammar import parse_policy
from labs.aws.iam.principals import Principal, PrincipalKind
from labs.aws.iam.requests import Request
from labs.aws.iam.traces import ElementTrace, Outcome, PolicyTrace, Stage, StageTrace, StatementTrace
from labs.errors import PolicyError

__all__ = [
    "Decision",
    "ElementTrace",
    "Outcome",
    "Policy",
    "PolicyError",
    "PolicySet",
    "PolicyTrace",
    "Principal",
    "PrincipalKind",
    "Request",
    "Stage",
    "StageTrace",
    "Statement",
    "StatementTrace",
    "case_from_json",
    "case_to_json",
    "decision_to_json",
    "evaluate",
    "explain",
    "parse_policy",
    "policies_from_json",
    "request_from_json",
]
