"""Lambda functions: the service must be able to assume their role. And the images that SSM names."""

from __future__ import annotations

from typing import Any

from labs.aws.iam import PolicySet, Principal, Request, evaluate
from labs.sandbox.resource_policies import resource_policy
from labs.sandbox.strict.pages import page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["RULES", "patch"]

_LAMBDA = "lambda.amazonaws.com"


def _role_trusts(ask: Asked) -> Refusal | None:
    role = ask.text("Role")
    if ":role/" not in role:
        return None
    trust = resource_policy("sts:AssumeRole", role, ask.call.region)
    if trust is None:
        return None  # moto says that there is no such role
    request = Request(Principal.parse(_LAMBDA), "sts:AssumeRole", role)
    if evaluate(request, PolicySet(resource=trust)).allowed:
        return None
    return Refusal(
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
        f"the trust policy of {role.rpartition('/')[2]} does not let {_LAMBDA} assume the role",
        f'Put {{"Service": "{_LAMBDA}"}} into the Principal of its trust policy.',
    )


# -- the latest images -------------------------------------------------------------------------------------

_LATEST = "/aws/service/ami-amazon-linux-latest/"


def patch() -> None:
    """Have SSM name the images that there are."""
    from moto.ec2.models import ec2_backends
    from moto.ssm.models import ParameterDict

    @instead(ParameterDict, "_load_latest_amis")
    def loaded(load: Any, self: Any) -> None:
        load(self)
        if not LATEST_IMAGE.on:
            return
        images = ec2_backends[self.account_id][self.region_name].amis.values()
        known = {
            each.architecture: each.id for each in images if str(each.name).startswith("al2023-ami-2023")
        }
        for name in [each for each in dict.keys(self) if each.startswith(_LATEST)]:
            image = known.get(name.rpartition("-")[2])
            if "/al2023-ami-kernel-" in name and image is not None:
                dict.__getitem__(self, name)[-1].value = image
            else:
                dict.pop(self, name)


LATEST_IMAGE = Rule(
    "ssm.latest-image",
    "repairs",
    "The public parameters for the latest Amazon Linux name an image that can be launched.",
    "They name images that are not there.",
    page(
        "EC2 User Guide",
        "Reference AMIs using Systems Manager parameters",
        "using-systems-manager-parameter-to-find-AMI",
    ),
    operations=("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
)

RULES = (
    Rule(
        "lambda.role-trusts",
        "refuses",
        "The role of a function trusts lambda.amazonaws.com.",
        "It takes any role that exists.",
        page(
            "Lambda Developer Guide",
            "Defining Lambda function permissions with an execution role",
            "lambda-intro-execution-role",
        ),
        operations=("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"),
        code="InvalidParameterValueException",
        check=_role_trusts,
    ),
    LATEST_IMAGE,
)
