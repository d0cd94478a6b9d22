"""S3's objects: reading and writing them, with the versions, tags, locks and keys that a call brings along.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations", "Object operations and
permissions"; "Condition keys for Amazon S3".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, as_text, each
from labs.sandbox.operations.s3_resources import (
    bucket_account,
    check,
    encrypting,
    object_at,
    object_tags,
    reading,
    upload_key,
    writing_key,
)

__all__ = ["RULES", "headers"]

# Parameters that S3 hands to policies under the name of their header.
_HEADERS = {
    "ACL": "s3:x-amz-acl",
    "CopySource": "s3:x-amz-copy-source",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantReadACP": "s3:x-amz-grant-read-acp",
    "GrantWrite": "s3:x-amz-grant-write",
    "GrantWriteACP": "s3:x-amz-grant-write-acp",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "ObjectLockLegalHoldStatus": "s3:object-lock-legal-hold",
    "ObjectLockMode": "s3:object-lock-mode",
    "ObjectOwnership": "s3:x-amz-object-ownership",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "StorageClass": "s3:x-amz-storage-class",
    "WebsiteRedirectLocation": "s3:x-amz-website-redirect-location",
}
_GRANTS = ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")


def headers(scene: Scene) -> dict[str, ContextValue]:
    """The condition keys of what a call asks for, whether as headers or in its body."""
    context: dict[str, ContextValue] = {
        key: scene.text(name) for name, key in _HEADERS.items() if scene.params.get(name)
    }
    context.update(_tags(scene.params.get("Tagging")))
    retention, hold = scene.params.get("Retention"), scene.params.get("LegalHold")
    if isinstance(retention, Mapping):
        context["s3:object-lock-mode"] = as_text(retention.get("Mode"))
        context.update(_until(scene, retention.get("RetainUntilDate")))
    if isinstance(hold, Mapping):
        context["s3:object-lock-legal-hold"] = as_text(hold.get("Status"))
    context.update(_until(scene, scene.params.get("ObjectLockRetainUntilDate")))
    return {key: value for key, value in context.items() if value != ""}


def _tags(tagging: object) -> dict[str, ContextValue]:
    """Tags in a header, written as a query, or in the body of PutObjectTagging."""
    if isinstance(tagging, Mapping):
        pairs = [(as_text(tag.get("Key")), as_text(tag.get("Value"))) for tag in tagging.get("TagSet") or ()]
    elif isinstance(tagging, str):
        pairs = parse_qsl(tagging, keep_blank_values=True)
    else:
        return {}
    keys: dict[str, ContextValue] = {f"s3:RequestObjectTag/{name}": value for name, value in pairs}
    return {**keys, "s3:RequestObjectTagKeys": tuple(name for name, _ in pairs)}


def _until(scene: Scene, date: object) -> dict[str, ContextValue]:
    if isinstance(date, str):
        try:
            date = datetime.fromisoformat(date)
        except ValueError:
            return {}
    if not isinstance(date, datetime):
        return {}
    end = date if date.tzinfo else date.replace(tzinfo=UTC)
    return {
        "s3:object-lock-retain-until-date": f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "s3:object-lock-remaining-retention-days": str((end - scene.now).days),
    }


def _place(scene: Scene) -> tuple[str, str]:
    return scene.text("Bucket"), scene.text("Key")


def on_object(action: str | None = None, versioned: str | None = None) -> Rule:
    """An action on the object; `versioned` is the action that a call with a version id needs instead."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        (bucket, key), version = _place(scene), scene.text("VersionId")
        context = {**headers(scene), **object_tags(bucket, key, version or None)}
        name = action or scene.call.operation
        if version:
            context["s3:VersionId"] = version
            name = versioned or name
        yield check(scene, name, bucket, key, context)
        if scene.params.get("BypassGovernanceRetention"):
            yield check(scene, "BypassGovernanceRetention", bucket, key, context)

    return rule


# -- reading -------------------------------------------------------------------------------------------------


def _listing_unless_there(scene: Scene, bucket: str, key: str) -> Iterator[PlannedCheck]:
    """Only who may list the bucket is told that an object is missing; all others hear that they may not."""
    if object_at(bucket, key) is None:
        yield check(scene, "ListBucket", bucket, None, {})


def _reads(rule: Rule, *, decrypts: bool = True) -> Rule:
    """A rule for reading an object, which may not be there, and may be encrypted with a key of KMS."""

    def whole(scene: Scene) -> Iterator[PlannedCheck]:
        yield from rule(scene)
        (bucket, key), version = _place(scene), scene.text("VersionId")
        if not version:
            yield from _listing_unless_there(scene, bucket, key)
        if decrypts:
            yield from reading(scene, bucket, key, version or None)

    return whole


def _copy_source(scene: Scene) -> Iterator[PlannedCheck]:
    """Reading what is copied: the source is another bucket's object, and may name a version."""
    text = scene.text("CopySource")
    parts = urlsplit(text if text.startswith("/") else f"/{text}")
    bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
    version = dict(parse_qsl(parts.query)).get("versionId")
    if bucket_account(bucket) is None:
        return
    context = object_tags(bucket, key, version)
    if version:
        context["s3:VersionId"] = version
    yield check(scene, "GetObjectVersion" if version else "GetObject", bucket, key, context)
    if not version:
        yield from _listing_unless_there(scene, bucket, key)
    yield from reading(scene, bucket, key, version)


# -- writing -------------------------------------------------------------------------------------------------


def _writes(*, creates: bool, key_of: Callable[[Scene, str], str | None] = writing_key) -> Rule:
    """Writing an object or a part of one.

    Args:
        creates: whether the object is there afterwards, as s3:ObjectCreationOperation says.
        key_of: where the KMS key that encrypts it is found.
    """

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        bucket, key = _place(scene)
        context = {**headers(scene), "s3:ObjectCreationOperation": as_text(creates)}
        yield check(scene, "PutObject", bucket, key, context)
        for needed, wanted in _BESIDES.items():
            if any(scene.params.get(name) for name in wanted):
                yield check(scene, needed, bucket, key, context)
        yield from encrypting(scene, "GenerateDataKey", bucket, key, key_of(scene, bucket))

    return rule


# What else a write needs, when it has any of these parameters.
_BESIDES = {
    "PutObjectTagging": ("Tagging",),
    "PutObjectAcl": _GRANTS,
    "PutObjectRetention": ("ObjectLockMode", "ObjectLockRetainUntilDate"),
    "PutObjectLegalHold": ("ObjectLockLegalHoldStatus",),
}


def _complete(scene: Scene) -> Iterator[PlannedCheck]:
    bucket, key = _place(scene)
    context = {**headers(scene), "s3:ObjectCreationOperation": "true"}
    yield check(scene, "PutObject", bucket, key, context)
    yield from encrypting(scene, "Decrypt", bucket, key, upload_key(scene, bucket))


def _parts(scene: Scene) -> Iterator[PlannedCheck]:
    bucket, key = _place(scene)
    yield check(scene, "ListMultipartUploadParts", bucket, key, {})
    yield from encrypting(scene, "Decrypt", bucket, key, upload_key(scene, bucket))


def _delete_objects(scene: Scene) -> Iterator[PlannedCheck]:
    doomed = scene.params.get("Delete")
    objects = doomed.get("Objects") if isinstance(doomed, Mapping) else None
    for entry in objects or ():
        key, version = str(entry.get("Key", "")), entry.get("VersionId")
        context: dict[str, ContextValue] = {"s3:VersionId": str(version)} if version else {}
        action = "DeleteObjectVersion" if version else "DeleteObject"
        yield check(scene, action, scene.text("Bucket"), key, context)
        if scene.params.get("BypassGovernanceRetention"):
            yield check(scene, "BypassGovernanceRetention", scene.text("Bucket"), key, context)


RULES: Mapping[str, Rule] = {
    "AbortMultipartUpload": on_object(),
    "CompleteMultipartUpload": _complete,
    "CopyObject": each(_copy_source, _writes(creates=True)),
    "CreateMultipartUpload": _writes(creates=False),
    "DeleteObject": on_object(versioned="DeleteObjectVersion"),
    "DeleteObjectAnnotation": on_object(),
    "DeleteObjectTagging": on_object(versioned="DeleteObjectVersionTagging"),
    "DeleteObjects": _delete_objects,
    "GetObject": _reads(on_object(versioned="GetObjectVersion")),
    "GetObjectAcl": on_object(versioned="GetObjectVersionAcl"),
    "GetObjectAnnotation": on_object(),
    "GetObjectAttributes": _reads(on_object("GetObject", "GetObjectVersion")),
    "GetObjectLegalHold": on_object(),
    "GetObjectRetention": on_object(),
    "GetObjectTagging": on_object(versioned="GetObjectVersionTagging"),
    "GetObjectTorrent": on_object("GetObject"),
    "HeadObject": _reads(on_object("GetObject", "GetObjectVersion"), decrypts=False),
    "ListObjectAnnotations": on_object(),
    "ListParts": _parts,
    "PutObject": _writes(creates=True),
    "PutObjectAcl": on_object(versioned="PutObjectVersionAcl"),
    "PutObjectAnnotation": on_object(),
    "PutObjectLegalHold": on_object(),
    "PutObjectRetention": on_object(),
    "PutObjectTagging": on_object(versioned="PutObjectVersionTagging"),
    "RestoreObject": on_object(),
    "SelectObjectContent": _reads(on_object("GetObject")),
    "UpdateObjectEncryption": on_object(),
    "UploadPart": _writes(creates=False, key_of=upload_key),
    "UploadPartCopy": each(_copy_source, _writes(creates=False, key_of=upload_key)),
}
