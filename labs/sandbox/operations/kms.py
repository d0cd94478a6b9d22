"""KMS: a key by its id, its ARN or an alias; policies know the key's ARN only.

Source: AWS KMS Developer Guide, "Controlling access to aliases", "AWS KMS permissions", "AWS KMS condition
keys".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from labs.sandbox.live import live
from labs.sandbox.operations.default import default_checks
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, as_text, tag_context

__all__ = ["RULES", "other", "used_key"]

_REQUEST_KEYS = {
    "EncryptionAlgorithm": "kms:EncryptionAlgorithm",
    "SigningAlgorithm": "kms:SigningAlgorithm",
    "MacAlgorithm": "kms:MacAlgorithm",
    "MessageType": "kms:MessageType",
    "GranteePrincipal": "kms:GranteePrincipal",
    "RetiringPrincipal": "kms:RetiringPrincipal",
    "PendingWindowInDays": "kms:ScheduleKeyDeletionPendingWindowInDays",
}
# What a key is when nobody says otherwise, by its condition key, with the names of the request and of moto.
_KINDS = (
    ("kms:KeySpec", "KeySpec", "key_spec", "SYMMETRIC_DEFAULT"),
    ("kms:KeyUsage", "KeyUsage", "key_usage", "ENCRYPT_DECRYPT"),
    ("kms:KeyOrigin", "Origin", "origin", "AWS_KMS"),
    ("kms:MultiRegion", "MultiRegion", "multi_region", "false"),
)

_KEY_ID_LENGTH = 36
_KEY_ID = re.compile(r"(mrk-)?[0-9a-f-]{32,36}")


def _place(name: str, account: str, region: str) -> tuple[str, str, str]:
    """Region, account and key id that a name of a key leads to; an alias that leads nowhere stays itself."""
    from moto.kms.utils import RESERVED_ALIASE_TARGET_KEY_IDS

    if name.startswith("arn:") and name.count(":") == 5:
        region, account, name = name.split(":")[3:]
    if name.startswith("alias/"):
        own = _key_behind(name, account, region)
        name = own or RESERVED_ALIASE_TARGET_KEY_IDS.get(name) or name
    return region, account, name


def _key_behind(alias: str, account: str, region: str) -> str | None:
    """The id of the key that has this alias. moto's own search makes a key for one of AWS's aliases."""
    keys = getattr(live("kms", account, region), "keys", {})
    return next((str(key.id) for key in keys.values() if alias in key.aliases), None)


def _key_arn(name: str, account: str, region: str) -> str:
    region, account, resource = _place(name, account, region)
    kind = "" if resource.startswith(("alias/", "key/")) else "key/"
    return f"arn:aws:kms:{region}:{account}:{kind}{resource}"


def _key_keys(name: str, account: str, region: str) -> dict[str, ContextValue]:
    """What a policy may ask of the key itself."""
    region, account, resource = _place(name, account, region)
    kms = live("kms", account, region)
    key = kms.keys.get(resource.removeprefix("key/")) if kms else None
    if key is None:
        return {}
    found: dict[str, ContextValue] = {
        condition: as_text(getattr(key, name, None)) or default for condition, _, name, default in _KINDS
    }
    if key.multi_region:
        found["kms:MultiRegionKeyType"] = str(key.multi_region_configuration["MultiRegionKeyType"])
    return {**found, "kms:ResourceAliases": tuple(key.aliases)} if key.aliases else found


def _encryption_context(pairs: object) -> dict[str, ContextValue]:
    if not isinstance(pairs, Mapping) or not pairs:
        return {}
    keys: dict[str, ContextValue] = {
        f"kms:EncryptionContext:{key}": str(value) for key, value in pairs.items()
    }
    return {**keys, "kms:EncryptionContextKeys": tuple(map(str, pairs))}


def used_key(
    scene: Scene,
    action: str,
    name: str,
    *,
    service: str,
    region: str,
    account: str,
    about: Mapping[str, str],
) -> PlannedCheck:
    """The question about a key that a service uses on the caller's behalf.

    Args:
        name: the key's id, ARN or alias, looked for in this account and region.
        about: the encryption context that the service gives.
    """
    context: dict[str, ContextValue] = {
        **_encryption_context(about),
        **_key_keys(name, account, region),
        "kms:ViaService": f"{service}.{region}.amazonaws.com",
        **_caller(scene),
    }
    return PlannedCheck(
        action, _key_arn(name, account, region), context=context, via=f"{service}.amazonaws.com"
    )


def _caller(scene: Scene) -> dict[str, ContextValue]:
    account = scene.principal.account
    return {"kms:CallerAccount": account} if account else {}


def _on_key(action: str, parameter: str = "KeyId", pairs: str = "EncryptionContext") -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        name = scene.text(parameter)
        context = {**_caller(scene), **_key_keys(name, scene.account, scene.region)}
        alias = name.rpartition(":")[2]
        if alias.startswith("alias/"):
            context["kms:RequestAlias"] = alias
        context |= _encryption_context(scene.params.get(pairs))
        context |= {
            key: scene.text(name) for name, key in _REQUEST_KEYS.items() if scene.params.get(name) is not None
        }
        if operations := tuple(map(str, scene.many("Operations"))):
            context["kms:GrantOperations"] = operations
        context |= tag_context(scene.many("Tags"), scene.many("TagKeys"))
        arn = _key_arn(name, scene.account, scene.region)
        yield PlannedCheck(f"kms:{action}", arn, context=context)

    return rule


def _new_key(scene: Scene) -> Iterator[PlannedCheck]:
    context = {**_caller(scene), **tag_context(scene.many("Tags"))}
    for condition, name, _, default in _KINDS:
        context[condition] = as_text(scene.params.get(name)) or default
    if scene.params.get("BypassPolicyLockoutSafetyCheck"):
        context["kms:BypassPolicyLockoutSafetyCheck"] = "true"
    yield PlannedCheck("kms:CreateKey", "*", context=context)
    if scene.many("Tags"):
        yield PlannedCheck("kms:TagResource", "*", context=context)


def other(scene: Scene) -> Iterator[PlannedCheck]:
    """The same-named action on the key that a call names."""
    if scene.params.get("KeyId"):
        yield from _on_key(scene.call.operation)(scene)
    else:
        yield from default_checks(scene)


def _of_ciphertext(scene: Scene) -> Iterator[PlannedCheck]:
    """Decrypt may leave out the key: a symmetric ciphertext tells which one it was made with."""
    key = scene.text("KeyId") or _key_in(scene.params.get("CiphertextBlob"))
    if not key:
        yield from default_checks(scene)
        return
    named = replace(scene.call, params={**scene.params, "KeyId": key})
    yield from _on_key("Decrypt")(replace(scene, call=named))


def _key_in(ciphertext: object) -> str:
    """The key's id, with which moto's ciphertexts begin; empty when there is none."""
    found = ciphertext[:_KEY_ID_LENGTH].decode("latin-1") if isinstance(ciphertext, bytes) else ""
    return found if _KEY_ID.fullmatch(found) else ""


def _on_alias(scene: Scene) -> Iterator[PlannedCheck]:
    """An alias needs the permission on itself and on each key that it leads to, now or from now on."""
    action, alias = f"kms:{scene.call.operation}", scene.text("AliasName")
    yield PlannedCheck(action, scene.arn("kms", alias), context=_caller(scene))
    now = _key_behind(alias, scene.account, scene.region)
    for key in dict.fromkeys(filter(None, (now, scene.text("TargetKeyId")))):
        arn = _key_arn(key, scene.account, scene.region)
        yield PlannedCheck(action, arn, context=_caller(scene))


def _encrypt_anew(scene: Scene) -> Iterator[PlannedCheck]:
    if scene.params.get("SourceKeyId"):
        yield from _on_key("ReEncryptFrom", "SourceKeyId", "SourceEncryptionContext")(scene)
    yield from _on_key("ReEncryptTo", "DestinationKeyId", "DestinationEncryptionContext")(scene)


RULES: Mapping[str, Rule] = {
    "CreateAlias": _on_alias,
    "CreateKey": _new_key,
    "Decrypt": _of_ciphertext,
    "DeleteAlias": _on_alias,
    "ReEncrypt": _encrypt_anew,
    "UpdateAlias": _on_alias,
}
