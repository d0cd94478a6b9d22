"""KMS: a key by its id, its ARN or an alias; policies know the key's ARN only.

Source: AWS KMS Developer Guide, "Controlling access to aliases" and "AWS KMS permissions".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.sandbox.live import live
from labs.sandbox.operations.default import default_checks
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene

__all__ = ["RULES", "other"]


def _key_arn(scene: Scene, name: str) -> str:
    """The ARN of the key that a call names; an alias that leads to no key stands for itself."""
    region, account, resource = scene.region, scene.account, name
    if name.startswith("arn:") and name.count(":") == 5:
        region, account, resource = name.split(":")[3:]
    if resource.startswith("alias/") and (kms := live("kms", account, region)):
        resource = kms.get_key_id_from_alias(resource) or resource
    kind = "" if resource.startswith(("alias/", "key/")) else "key/"
    return f"arn:aws:kms:{region}:{account}:{kind}{resource}"


def _on_key(action: str, parameter: str = "KeyId") -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        name = scene.text(parameter)
        context: dict[str, ContextValue] = {}
        if name.rpartition(":")[2].startswith("alias/"):
            context["kms:RequestAlias"] = name.rpartition(":")[2]
        pairs = scene.params.get("EncryptionContext")
        if isinstance(pairs, Mapping) and pairs:
            context |= {f"kms:EncryptionContext:{key}": str(value) for key, value in pairs.items()}
            context["kms:EncryptionContextKeys"] = tuple(map(str, pairs))
        yield PlannedCheck(f"kms:{action}", _key_arn(scene, name), context=context)

    return rule


def other(scene: Scene) -> Iterator[PlannedCheck]:
    """The same-named action on the key that a call names."""
    if scene.params.get("KeyId"):
        yield from _on_key(scene.call.operation)(scene)
    else:
        yield from default_checks(scene)


def _on_alias(scene: Scene) -> Iterator[PlannedCheck]:
    """An alias needs the permission on itself and on each key that it leads to, now or from now on."""
    action, alias = f"kms:{scene.call.operation}", scene.text("AliasName")
    yield PlannedCheck(action, scene.arn("kms", alias))
    kms = live("kms", scene.account, scene.region)
    now = kms.get_key_id_from_alias(alias) if kms else None
    for key in dict.fromkeys(filter(None, (now, scene.text("TargetKeyId")))):
        yield PlannedCheck(action, _key_arn(scene, key))


def _encrypt_anew(scene: Scene) -> Iterator[PlannedCheck]:
    if scene.params.get("SourceKeyId"):
        yield from _on_key("ReEncryptFrom", "SourceKeyId")(scene)
    yield from _on_key("ReEncryptTo", "DestinationKeyId")(scene)


RULES: Mapping[str, Rule] = {
    "CreateAlias": _on_alias,
    "DeleteAlias": _on_alias,
    "ReEncrypt": _encrypt_anew,
    "UpdateAlias": _on_alias,
}
