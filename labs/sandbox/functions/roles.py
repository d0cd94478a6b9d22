"""The role of a function: whether Lambda may take it on, and what it permits."""

from __future__ import annotations

from datetime import timedelta

from labs.aws.iam import PolicySet, Principal, Request, evaluate
from labs.errors import SandboxError
from labs.sandbox import policies, principals
from labs.sandbox.functions.facts import Function, find_function
from labs.sandbox.principals import Caller, Credential
from labs.sandbox.resource_policies import resource_policy

__all__ = ["LAMBDA", "QUEUE_ACTIONS", "UNTRUSTED", "permits", "session_of", "trusts_lambda"]

LAMBDA = "lambda.amazonaws.com"
UNTRUSTED = "The role defined for the function cannot be assumed by Lambda."
QUEUE_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"""What Lambda does with a queue, as the function's role."""
LIFETIME = timedelta(hours=12)


def trusts_lambda(role_arn: str, region: str) -> bool:
    """Whether a role, which must be there, lets the Lambda service assume it."""
    trust = resource_policy("sts:AssumeRole", role_arn, region)
    request = Request(Principal.parse(LAMBDA), "sts:AssumeRole", role_arn)
    return trust is not None and evaluate(request, PolicySet(resource=trust)).allowed


def session_of(function_arn: str) -> Credential:
    """A new session of a function's role, with the name of the function.

    Raises:
        SandboxError: there is no such function, or its role does not trust Lambda.
    """
    function = find_function(function_arn, "", "")
    if function is None:
        raise SandboxError("No such function", f"This world has no function {function_arn}.")
    if not trusts_lambda(function.role, function.region):
        raise SandboxError("The role cannot be assumed", UNTRUSTED)
    return principals.session_for_role(
        function.role_name, function.name, lifetime=LIFETIME, account=function.account
    )


def permits(function: Function, action: str, resource: str) -> bool:
    """Whether the function, as what its role permits, may do something."""
    caller = Caller(Principal.session(function.role, function.name))
    owner = resource.split(":")[4] or function.account
    request = Request(caller.principal, action, resource, owner, {})
    held = policies.held_by(caller)
    return evaluate(request, policies.applicable(held, request, region=function.region)).allowed
