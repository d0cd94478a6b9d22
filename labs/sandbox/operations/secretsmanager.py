"""Secrets Manager: a secret by its name, its ARN or the ARN without its random end.

Source: AWS Secrets Manager User Guide, "What's in a Secrets Manager secret?", "ARN"; "Secret encryption and
decryption".
"""

from __future__ import annotations

from collections.abc import Iterator

from labs.sandbox.live import live
from labs.sandbox.operations.default import default_checks
from labs.sandbox.operations.kms import used_key
from labs.sandbox.operations.plan import PlannedCheck, Scene, tag_context

__all__ = ["other"]

_KEY_NEEDS = {
    "GetSecretValue": ("kms:Decrypt",),
    "PutSecretValue": ("kms:GenerateDataKey", "kms:Decrypt"),
}


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
        yield from _with_key(scene, resource, _KEY_NEEDS.get(operation, ()))
    else:
        yield from default_checks(scene)


def _with_key(scene: Scene, arn: str, needs: tuple[str, ...]) -> Iterator[PlannedCheck]:
    """A secret that a key of the customer's encrypts needs that key too."""
    if not needs or arn.count(":") < 6:
        return
    region, account = arn.split(":")[3:5]
    secrets = getattr(live("secretsmanager", account, region), "secrets", {}).values()
    found = next((each for each in secrets if each.arn == arn), None)
    key = str(found.kms_key_id or "") if found is not None else ""
    for need in needs if key and key != "alias/aws/secretsmanager" else ():
        about = {"SecretARN": arn}
        yield used_key(
            scene, need, key, service="secretsmanager", region=region, account=account, about=about
        )


def _secret_arn(scene: Scene, name: str) -> str:
    account, region = scene.account, scene.region
    if name.startswith("arn:") and name.count(":") >= 6:
        region, account = name.split(":")[3:5]
    store = live("secretsmanager", account, region)
    found = store.secrets.get(name) if store else None
    if found is not None:
        return str(found.arn)
    return name if name.startswith("arn:") else scene.arn("secretsmanager", f"secret:{name}-??????")
