"""Lambda functions: their code, role, queues and schedules. And the images that SSM names."""

from __future__ import annotations

from typing import Any

from labs.aws.schedules import parse_schedule
from labs.errors import InputError
from labs.sandbox.functions.facts import find_function
from labs.sandbox.functions.packing import is_archive
from labs.sandbox.functions.roles import LAMBDA, QUEUE_ACTIONS, UNTRUSTED, permits, trusts_lambda
from labs.sandbox.live import live
from labs.sandbox.resource_policies import resource_policy
from labs.sandbox.strict.pages import page
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Refusal, Rule

__all__ = ["COLD_START", "HANDLER_FAILED", "LOG_IN_CLOUDWATCH", "RECURSIVE_LOOP", "RULES", "patch"]


def _role_trusts(ask: Asked) -> Refusal | None:
    role = ask.text("Role")
    if ":role/" not in role:
        return None
    if resource_policy("sts:AssumeRole", role, ask.call.region) is None:
        return None  # moto says that there is no such role
    if trusts_lambda(role, ask.call.region):
        return None
    return Refusal(
        "InvalidParameterValueException",
        UNTRUSTED,
        f"the trust policy of {role.rpartition('/')[2]} does not let {LAMBDA} assume the role",
        f'Put {{"Service": "{LAMBDA}"}} into the Principal of its trust policy.',
    )


def _archive(ask: Asked) -> Refusal | None:
    given = ask.params.get("ZipFile") or (ask.params.get("Code") or {}).get("ZipFile")
    data = given.encode() if isinstance(given, str) else given
    if not data or is_archive(data):
        return None
    return Refusal(
        "InvalidParameterValueException",
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
        "the code of a function is a .zip file archive",
        "Make one with `zip function.zip app.py`, and give its bytes.",
    )


_RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)


def _own_variables(ask: Asked) -> Refusal | None:
    given = (ask.params.get("Environment") or {}).get("Variables") or {}
    taken = sorted(_RESERVED & set(given))
    if not taken:
        return None
    return Refusal(
        "InvalidParameterValueException",
        "Lambda was unable to configure your environment variables because the environment variables you "
        "have provided contains reserved keys that are currently not supported for modification. Reserved "
        f"keys used in this request: {', '.join(taken)}",
        "Lambda sets these variables itself, and a function cannot have others in their place",
        "Leave them out: the runtime has them.",
    )


# -- event source mappings ---------------------------------------------------------------------------------


def _mapped(ask: Asked) -> tuple[Any, Any] | None:
    """The function and the queue that a mapping is to connect, when both are there."""
    source = ask.text("EventSourceArn")
    if source.count(":") != 5 or source.split(":")[2] != "sqs":
        return None
    _, _, _, region, account, name = source.split(":")
    backend = live("sqs", account, region)
    queue = backend.queues.get(name) if backend is not None else None
    function = find_function(ask.text("FunctionName"), ask.account, ask.call.region)
    return None if queue is None or function is None else (function, queue)


def _may_read(ask: Asked) -> Refusal | None:
    mapped = _mapped(ask)
    if mapped is None:
        return None
    function, queue = mapped
    lacking = next((each for each in QUEUE_ACTIONS if not permits(function, each, queue.queue_arn)), None)
    if lacking is None:
        return None
    return Refusal(
        "InvalidParameterValueException",
        f"The function execution role does not have permissions to call {lacking.partition(':')[2]} on SQS",
        f"Lambda reads the queue with the role of the function, {function.role_name}, which lacks {lacking}",
        "Attach AWSLambdaSQSQueueExecutionRole to the role.",
    )


def _hidden_long_enough(ask: Asked) -> Refusal | None:
    mapped = _mapped(ask)
    if mapped is None:
        return None
    function, queue = mapped
    if int(queue.visibility_timeout) >= function.timeout:
        return None
    return Refusal(
        "InvalidParameterValueException",
        f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than Function timeout: "
        f"{function.timeout} seconds",
        "a message must stay hidden for as long as the function may work on it",
        "Let the visibility timeout of the queue be six times the timeout of the function.",
    )


# -- schedules ---------------------------------------------------------------------------------------------


def _schedule(ask: Asked) -> Refusal | None:
    text = ask.text("ScheduleExpression")
    try:
        if text:
            parse_schedule(text)
    except InputError as broken:
        return Refusal(
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
            f"{text} is no schedule",
            broken.hint,
        )
    return None


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

_MAKING = ("lambda:CreateFunction", "lambda:UpdateFunctionConfiguration")
_RUNNING = "labs.sandbox.functions.executions"

COLD_START = Rule(
    "lambda.cold-start",
    "met elsewhere",
    "A function that has no idle environment begins one and loads its code first, which takes time.",
    "It runs functions in Docker, or not at all.",
    page(
        "Lambda Developer Guide",
        "Understanding the Lambda execution environment lifecycle",
        "lambda-runtime-environment",
    ),
    operations=("lambda:Invoke",),
    where=_RUNNING,
)
HANDLER_FAILED = Rule(
    "lambda.function-error",
    "met elsewhere",
    "An invocation whose function fails has status 200 and says in FunctionError that it failed.",
    "It runs functions in Docker, or not at all.",
    page("Lambda Developer Guide", "Understanding retry behavior in Lambda", "invocation-retries"),
    operations=("lambda:Invoke",),
    where=_RUNNING,
)
RECURSIVE_LOOP = Rule(
    "lambda.recursive-loop",
    "met elsewhere",
    "A chain of functions that set each other off ends after sixteen invocations.",
    "It runs functions in Docker, or not at all.",
    page(
        "Lambda Developer Guide",
        "Use Lambda recursive loop detection to prevent infinite loops",
        "invocation-recursion",
    ),
    operations=("lambda:Invoke",),
    where="labs.sandbox.functions.lineage",
)
LOG_IN_CLOUDWATCH = Rule(
    "lambda.log-permitted",
    "met elsewhere",
    "The log of a function is kept when its role permits to write to CloudWatch Logs.",
    "It keeps the log of every function.",
    page(
        "Lambda Developer Guide",
        "Sending Lambda function logs to CloudWatch Logs",
        "monitoring-cloudwatchlogs",
    ),
    operations=("lambda:Invoke",),
    where=_RUNNING,
)

RULES = (
    COLD_START,
    HANDLER_FAILED,
    LOG_IN_CLOUDWATCH,
    RECURSIVE_LOOP,
    Rule(
        "lambda.code-is-an-archive",
        "refuses",
        "The code of a function is a .zip file archive.",
        "It takes any bytes.",
        page(
            "Lambda Developer Guide",
            "Working with .zip file archives for Python Lambda functions",
            "python-package",
        ),
        operations=("lambda:CreateFunction", "lambda:UpdateFunctionCode"),
        code="InvalidParameterValueException",
        check=_archive,
    ),
    Rule(
        "lambda.reserved-variables",
        "refuses",
        "A function cannot set the environment variables that Lambda sets.",
        "It takes any variables.",
        page(
            "Lambda Developer Guide",
            "Working with Lambda environment variables",
            "configuration-envvars",
        ),
        operations=_MAKING,
        code="InvalidParameterValueException",
        check=_own_variables,
    ),
    Rule(
        "lambda.role-reads-queue",
        "refuses",
        "The role of a function permits to read the queue that is mapped to it.",
        "It takes any role.",
        page(
            "Lambda Developer Guide",
            "Creating and configuring an Amazon SQS event source mapping",
            "services-sqs-configure",
        ),
        operations=("lambda:CreateEventSourceMapping",),
        code="InvalidParameterValueException",
        check=_may_read,
    ),
    Rule(
        "lambda.queue-hides-long-enough",
        "refuses",
        "The visibility timeout of a mapped queue is at least the timeout of the function.",
        "It takes any queue.",
        page(
            "Lambda Developer Guide",
            "Creating and configuring an Amazon SQS event source mapping",
            "services-sqs-configure",
        ),
        operations=("lambda:CreateEventSourceMapping",),
        code="InvalidParameterValueException",
        check=_hidden_long_enough,
    ),
    Rule(
        "events.schedule-expression",
        "refuses",
        "A schedule is a rate whose unit fits its number, or a cron expression of six fields.",
        "It takes what looks like one.",
        page(
            "EventBridge User Guide",
            "Setting a schedule pattern for scheduled rules (legacy) in Amazon EventBridge",
            "eb-scheduled-rule-pattern",
        ),
        operations=("events:PutRule",),
        code="ValidationException",
        check=_schedule,
    ),
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
