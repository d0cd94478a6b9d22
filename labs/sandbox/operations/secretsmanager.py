"""Secrets Manager: a secret by its name, its ARN or the ARN without its random end.

Source: AWS Secrets Manager User Guide, "What's in a Secrets Manager secret?", "ARN".
"""

from __future__ import annotations

from collections.abc import Iterator

from labs.sandbox.live import live
from labs.sandbox.operations.default import default_checks
from labs.sandbox.operations.plan import PlannedCheck, Scene, tag_context

__all__ = ["other"]


def other(scene: Scene) -> Iterator[PlannedCheck]:
    """The same-named action on the secret that a call names or makes."""
    operation = scene.call.operation
    context = tag_context(scene.many("Tags"), scene.many("TagKeys"))
    if operation == "CreateSecret":
        # AWS appends six random signs, which nobody knows before.
        resource = scene.arn("secretsmanager", f"secret:{scene.text('Name')}-??????")
        yield PlannedCheck("secretsmanager:CreateSecret", resource, context=context)
    elif scene.params.get("SecretId"):
        resource = _secret_arn(scene, scene.text("SecretId"))
        yield PlannedCheck(f"secretsmanager:{operation}", resource, context=context)
    else:
        yield from default_checks(scene)


def _secret_arn(scene: Scene, name: str) -> str:
    account, region = scene.account, scene.region
    if name.startswith("arn:") and name.count(":") >= 6:
        region, account = name.split(":")[3:5]
    store = live("secretsmanager", account, region)
    found = store.secrets.get(name) if store else None
    if found is not None:
        return str(found.arn)
    return name if name.startswith("arn:") else scene.arn("secretsmanager", f"secret:{name}-??????")
