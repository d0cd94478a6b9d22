"""What other parts of the sandbox hold to, where moto by itself does not: for the table that readers see."""

from __future__ import annotations

from labs.sandbox.strict.pages import ec2_api, page
from labs.sandbox.strict.rules import Rule

__all__ = ["RULES"]

_ASSUME_ROLE = page("STS API Reference", "AssumeRole", "API_AssumeRole")
_EVALUATION = page("IAM User Guide", "Policy evaluation logic", "reference_policies_evaluation-logic")

RULES = (
    Rule(
        "iam.key-is-active",
        "met elsewhere",
        "A request is signed with an access key that exists and is active.",
        "It takes any key, also one that is inactive or deleted.",
        page("IAM User Guide", "Manage access keys for IAM users", "id_credentials_access-keys"),
        where="labs.sandbox.gate",
    ),
    Rule(
        "iam.policies-decide",
        "met elsewhere",
        "The policies that apply to a request allow it, or it is denied.",
        "It carries out whatever it is asked.",
        _EVALUATION,
        where="labs.sandbox.authorize",
    ),
    Rule(
        "iam.other-account-wants-its-policy",
        "met elsewhere",
        "Another account's bucket is read by whom its policy lets in.",
        "It lets every account read every bucket.",
        page(
            "IAM User Guide",
            "Cross-account policy evaluation logic",
            "reference_policies_evaluation-logic-cross-account",
        ),
        operations=("s3:GetObject", "s3:ListObjectsV2"),
        code="AccessDenied",
        where="labs.sandbox.authorize",
    ),
    Rule(
        "sts.role-trusts",
        "met elsewhere",
        "A role is assumed by whom its trust policy allows to.",
        "It hands out credentials of any role to anybody, also of one that there is not.",
        _ASSUME_ROLE,
        operations=("sts:AssumeRole",),
        code="AccessDenied",
        where="labs.sandbox.served.sessions",
    ),
    Rule(
        "sts.session-duration",
        "met elsewhere",
        "A session lasts as long as its role allows at most, and an hour when a role assumes a role.",
        "It takes any duration.",
        _ASSUME_ROLE,
        operations=("sts:AssumeRole",),
        code="ValidationError",
        where="labs.sandbox.served.sessions",
    ),
    Rule(
        "ec2.launch-names-what-exists",
        "met elsewhere",
        "The image, the instance type and the key pair of a launch exist.",
        "It takes any text, unless it is told to look.",
        ec2_api("RunInstances"),
        operations=("ec2:RunInstances",),
        code="InvalidParameterValue",
        where="labs.sandbox.moto_setup",
    ),
    Rule(
        "ec2.launch-time",
        "met elsewhere",
        "LaunchTime tells the last start of an instance.",
        "It tells the first.",
        ec2_api("Instance"),
        operations=("ec2:StartInstances",),
        where="labs.sandbox.lifecycle",
    ),
    Rule(
        "ec2.states-take-time",
        "met elsewhere",
        "An instance is pending before it runs, and stopping or shutting-down before it is stopped or gone.",
        "It is in its new state at once.",
        page("EC2 User Guide", "Amazon EC2 instance state changes", "ec2-instance-lifecycle"),
        operations=("ec2:RunInstances", "ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"),
        where="labs.sandbox.lifecycle",
    ),
    Rule(
        "ec2.profile-without-role",
        "met elsewhere",
        "An instance whose profile holds no role finds no credentials at the metadata service.",
        "It has no metadata service for an instance.",
        page(
            "EC2 User Guide",
            "Retrieve security credentials from instance metadata",
            "instance-metadata-security-credentials",
        ),
        where="labs.sandbox.metadata",
    ),
    Rule(
        "ec2.cpu-credits",
        "met elsewhere",
        "A burstable instance earns and spends CPU credits, which CloudWatch tells.",
        "It has neither credits nor a CPU.",
        page(
            "EC2 User Guide",
            "Key concepts for burstable performance instances",
            "burstable-credits-baseline-concepts",
        ),
        where="labs.sandbox.cpu_credits",
    ),
)
