"""S3: action names that differ from operation names, and objects apart from buckets.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from labs.sandbox.live import live
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Rule, Scene, each

__all__ = ["RULES", "bucket_account"]


def bucket_account(bucket: str) -> str | None:
    """The account that owns a bucket; None when there is no such bucket."""
    from moto.s3.models import s3_backends

    for account, backends in list(s3_backends.items()):
        if "aws" in backends and bucket in backends["aws"].buckets:
            return str(account)
    return None


def _current(bucket: str, key: str) -> tuple[Any, Any] | None:
    """The current object of that key, and the S3 that holds it; None if there is none, or it is deleted."""
    from moto.s3.models import FakeDeleteMarker

    owner = bucket_account(bucket)
    s3 = live("s3", owner) if owner else None
    found = s3.buckets[bucket].keys.get(key) if s3 else None
    return None if found is None or isinstance(found, FakeDeleteMarker) else (found, s3)


def _object_tags(bucket: str, key: str) -> dict[str, ContextValue]:
    current = _current(bucket, key)
    if current is None:
        return {}
    found, s3 = current
    tags = s3.tagger.get_tag_dict_for_resource(found.arn)
    return {f"s3:ExistingObjectTag/{name}": value for name, value in tags.items()}


def _check(
    scene: Scene, action: str, bucket: str, key: str | None, context: Mapping[str, ContextValue]
) -> PlannedCheck:
    resource = f"arn:aws:s3:::{bucket}" if key is None else f"arn:aws:s3:::{bucket}/{key}"
    owner = bucket_account(bucket) or scene.account
    return PlannedCheck(f"s3:{action}", resource, owner, {**context, "s3:ResourceAccount": owner})


def on_bucket(action: str | None = None) -> Rule:
    """An action on the bucket; by default the one named like the operation."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        yield _check(scene, action or scene.call.operation, scene.text("Bucket"), None, _headers(scene))

    return rule


def _listing_unless_there(bucket: str, key: str, scene: Scene) -> Iterator[PlannedCheck]:
    """Only who may list the bucket is told that an object is missing; all others hear that they may not."""
    if _current(bucket, key) is None:
        yield _check(scene, "ListBucket", bucket, None, {})


def _reads(rule: Rule) -> Rule:
    """A rule for reading an object, which may not be there."""

    def whole(scene: Scene) -> Iterator[PlannedCheck]:
        yield from rule(scene)
        if not scene.params.get("VersionId"):
            yield from _listing_unless_there(scene.text("Bucket"), scene.text("Key"), scene)

    return whole


def on_object(action: str | None = None, versioned: str | None = None) -> Rule:
    """An action on the object; `versioned` is the action that a call with a version id needs instead."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        bucket, key = scene.text("Bucket"), scene.text("Key")
        context = {**_headers(scene), **_object_tags(bucket, key)}
        name = action or scene.call.operation
        if scene.params.get("VersionId"):
            context["s3:VersionId"] = scene.text("VersionId")
            name = versioned or name
        yield _check(scene, name, bucket, key, context)

    return rule


# Parameters that S3 hands to policies under the name of their header.
_HEADERS = {
    "ACL": "s3:x-amz-acl",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "s3:x-amz-storage-class",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "CopySource": "s3:x-amz-copy-source",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "ObjectOwnership": "s3:x-amz-object-ownership",
}


def _headers(scene: Scene) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {
        key: scene.text(name) for name, key in _HEADERS.items() if scene.params.get(name)
    }
    tagging = scene.params.get("Tagging")
    if isinstance(tagging, str):
        pairs = parse_qsl(tagging, keep_blank_values=True)
        context |= {f"s3:RequestObjectTag/{name}": value for name, value in pairs}
        context["s3:RequestObjectTagKeys"] = tuple(name for name, _ in pairs)
    return context


def _list(action: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        context: dict[str, ContextValue] = {}
        # An absent prefix is an absent key: a condition on s3:prefix then does not match.
        for name, key in (("Prefix", "s3:prefix"), ("Delimiter", "s3:delimiter"), ("MaxKeys", "s3:max-keys")):
            if scene.params.get(name) is not None:
                context[key] = scene.text(name)
        yield _check(scene, action, scene.text("Bucket"), None, context)

    return rule


def _list_buckets(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck("s3:ListAllMyBuckets", "*", scene.account)


def _create_bucket(scene: Scene) -> Iterator[PlannedCheck]:
    context = _headers(scene)
    place = scene.params.get("CreateBucketConfiguration")
    if isinstance(place, Mapping) and place.get("LocationConstraint"):
        context["s3:locationconstraint"] = str(place["LocationConstraint"])
    # A new bucket belongs to the caller, whoever else has one of that name.
    yield PlannedCheck("s3:CreateBucket", f"arn:aws:s3:::{scene.text('Bucket')}", scene.account, context)


def _copy_source(scene: Scene) -> Iterator[PlannedCheck]:
    """Reading what is copied: the source is another bucket's object, and may name a version."""
    source: Any = scene.params.get("CopySource") or ""
    text = str(source)
    parts = urlsplit(text if text.startswith("/") else f"/{text}")
    bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
    versioned = parts.query.startswith("versionId=")
    if bucket_account(bucket) is None:
        return
    action = "GetObjectVersion" if versioned else "GetObject"
    yield _check(scene, action, bucket, key, _object_tags(bucket, key))
    if not versioned:
        yield from _listing_unless_there(bucket, key, scene)


def _put_object(scene: Scene) -> Iterator[PlannedCheck]:
    yield from on_object("PutObject")(scene)
    if isinstance(scene.params.get("Tagging"), str):
        yield from on_object("PutObjectTagging")(scene)
    if scene.params.get("ACL"):
        yield from on_object("PutObjectAcl")(scene)


def _delete_objects(scene: Scene) -> Iterator[PlannedCheck]:
    doomed = scene.params.get("Delete")
    objects = doomed.get("Objects") if isinstance(doomed, Mapping) else None
    for entry in objects or ():
        key, version = str(entry.get("Key", "")), entry.get("VersionId")
        context: dict[str, ContextValue] = {"s3:VersionId": str(version)} if version else {}
        action = "DeleteObjectVersion" if version else "DeleteObject"
        yield _check(scene, action, scene.text("Bucket"), key, context)


def _attributes(scene: Scene) -> Iterator[PlannedCheck]:
    yield from on_object("GetObject", "GetObjectVersion")(scene)
    yield from on_object("GetObjectAttributes", "GetObjectVersionAttributes")(scene)


# Operations on a bucket whose action is not called as they are.
_BUCKET_ACTIONS = {
    "CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
    "DeleteBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "DeleteBucketInventoryConfiguration": "PutInventoryConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketMetricsConfiguration": "PutMetricsConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketAnalyticsConfiguration": "GetAnalyticsConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketIntelligentTieringConfiguration": "GetIntelligentTieringConfiguration",
    "GetBucketInventoryConfiguration": "GetInventoryConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketMetadataConfiguration": "GetBucketMetadataTableConfiguration",
    "GetBucketMetricsConfiguration": "GetMetricsConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "ListBucketAnalyticsConfigurations": "GetAnalyticsConfiguration",
    "ListBucketIntelligentTieringConfigurations": "GetIntelligentTieringConfiguration",
    "ListBucketInventoryConfigurations": "GetInventoryConfiguration",
    "ListBucketMetricsConfigurations": "GetMetricsConfiguration",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
    "PutBucketAnalyticsConfiguration": "PutAnalyticsConfiguration",
    "PutBucketCors": "PutBucketCORS",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketIntelligentTieringConfiguration": "PutIntelligentTieringConfiguration",
    "PutBucketInventoryConfiguration": "PutInventoryConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketMetricsConfiguration": "PutMetricsConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutBucketReplication": "PutReplicationConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
_BUCKET_SAME = (
    "CreateBucketMetadataTableConfiguration",
    "DeleteBucket",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketPolicy",
    "DeleteBucketWebsite",
    "GetBucketAbac",
    "GetBucketAcl",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataTableConfiguration",
    "GetBucketNotification",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "PutBucketAbac",
    "PutBucketAcl",
    "PutBucketLogging",
    "PutBucketNotification",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "UpdateBucketMetadataAnnotationTableConfiguration",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
)

_IN_BUCKET: Mapping[str, Rule] = {
    **{operation: on_bucket(action) for operation, action in _BUCKET_ACTIONS.items()},
    **{operation: on_bucket() for operation in _BUCKET_SAME},
    "AbortMultipartUpload": on_object(),
    "CompleteMultipartUpload": on_object("PutObject"),
    "CopyObject": each(_copy_source, _put_object),
    "CreateMultipartUpload": _put_object,
    "DeleteObject": on_object(versioned="DeleteObjectVersion"),
    "DeleteObjectAnnotation": on_object(),
    "DeleteObjectTagging": on_object(versioned="DeleteObjectVersionTagging"),
    "DeleteObjects": _delete_objects,
    "GetObject": _reads(on_object(versioned="GetObjectVersion")),
    "GetObjectAcl": on_object(versioned="GetObjectVersionAcl"),
    "GetObjectAnnotation": on_object(),
    "GetObjectAttributes": _reads(_attributes),
    "GetObjectLegalHold": on_object(),
    "GetObjectRetention": on_object(),
    "GetObjectTagging": on_object(versioned="GetObjectVersionTagging"),
    "GetObjectTorrent": on_object(versioned="GetObjectVersionTorrent"),
    "HeadObject": _reads(on_object("GetObject", "GetObjectVersion")),
    "ListObjectAnnotations": on_object(),
    "ListObjectVersions": _list("ListBucketVersions"),
    "ListObjects": _list("ListBucket"),
    "ListObjectsV2": _list("ListBucket"),
    "ListParts": on_object("ListMultipartUploadParts"),
    "PutObject": _put_object,
    "PutObjectAcl": on_object(versioned="PutObjectVersionAcl"),
    "PutObjectAnnotation": on_object(),
    "PutObjectLegalHold": on_object(),
    "PutObjectRetention": on_object(),
    "PutObjectTagging": on_object(versioned="PutObjectVersionTagging"),
    "RestoreObject": on_object(),
    "SelectObjectContent": on_object("GetObject"),
    "UpdateObjectEncryption": on_object(),
    "UploadPart": on_object("PutObject"),
    "UploadPartCopy": each(_copy_source, on_object("PutObject")),
}


def _if_there(rule: Rule) -> Rule:
    """A bucket that does not exist has nobody to refuse anything: S3 says NoSuchBucket to everyone."""

    def guarded(scene: Scene) -> Iterable[PlannedCheck]:
        return rule(scene) if bucket_account(scene.text("Bucket")) is not None else ()

    return guarded


def _directory_bucket(action: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        bucket = scene.text("Bucket")
        resource = scene.arn("s3express", f"bucket/{bucket}") if bucket else "*"
        yield PlannedCheck(f"s3express:{action}", resource)

    return rule


def _object_lambda(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck("s3-object-lambda:WriteGetObjectResponse", "*", approximate=True)


RULES: Mapping[str, Rule] = {
    **{operation: _if_there(rule) for operation, rule in _IN_BUCKET.items()},
    "CreateBucket": _create_bucket,
    "CreateSession": _directory_bucket("CreateSession"),
    "ListBuckets": _list_buckets,
    "ListDirectoryBuckets": _directory_bucket("ListAllMyDirectoryBuckets"),
    # Renaming goes through a session of the directory bucket.
    "RenameObject": _directory_bucket("CreateSession"),
    "WriteGetObjectResponse": _object_lambda,
}
