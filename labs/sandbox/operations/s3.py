"""S3: action names that differ from operation names, and objects apart from buckets.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations"; Service Authorization
Reference, "API operations defined by Amazon S3".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from labs.sandbox.operations import s3_objects
from labs.sandbox.operations.plan import (
    ContextValue,
    PlannedCheck,
    Rule,
    Scene,
    fitting,
    passed_role,
    tag_context,
)
from labs.sandbox.operations.reference import condition_keys
from labs.sandbox.operations.s3_objects import headers
from labs.sandbox.operations.s3_resources import bucket_account, check

__all__ = ["RULES"]


def on_bucket(action: str | None = None) -> Rule:
    """An action on the bucket; by default the one named like the operation."""

    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        yield check(scene, action or scene.call.operation, scene.text("Bucket"), None, headers(scene))

    return rule


def _list(action: str) -> Rule:
    def rule(scene: Scene) -> Iterator[PlannedCheck]:
        context: dict[str, ContextValue] = {}
        # An absent prefix is an absent key: a condition on s3:prefix then does not match.
        for name, key in (("Prefix", "s3:prefix"), ("Delimiter", "s3:delimiter"), ("MaxKeys", "s3:max-keys")):
            if scene.params.get(name) is not None:
                context[key] = scene.text(name)
        yield check(scene, action, scene.text("Bucket"), None, context)

    return rule


def _list_buckets(scene: Scene) -> Iterator[PlannedCheck]:
    yield PlannedCheck("s3:ListAllMyBuckets", "*", scene.account)


def _create_bucket(scene: Scene) -> Iterator[PlannedCheck]:
    context = headers(scene)
    place = scene.params.get("CreateBucketConfiguration")
    asked = place if isinstance(place, Mapping) else {}
    if asked.get("LocationConstraint"):
        context["s3:locationconstraint"] = str(asked["LocationConstraint"])
    # A new bucket belongs to the caller, whoever else has one of that name.
    resource = f"arn:aws:s3:::{scene.text('Bucket')}"
    tags = tag_context(asked.get("Tags"))
    yield PlannedCheck("s3:CreateBucket", resource, scene.account, {**context, **tags})
    needed = {
        "PutBucketAcl": any(name.startswith(("s3:x-amz-acl", "s3:x-amz-grant")) for name in context),
        "PutBucketObjectLockConfiguration": bool(scene.params.get("ObjectLockEnabledForBucket")),
        "PutBucketVersioning": bool(scene.params.get("ObjectLockEnabledForBucket")),
        "PutBucketOwnershipControls": bool(scene.params.get("ObjectOwnership")),
        "TagResource": bool(tags),
    }
    for action, wanted in needed.items():
        if wanted:
            known = fitting({**context, **tags}, condition_keys("s3", action))
            yield PlannedCheck(f"s3:{action}", resource, scene.account, known)


def _replication(scene: Scene) -> Iterator[PlannedCheck]:
    yield from on_bucket("PutReplicationConfiguration")(scene)
    asked = scene.params.get("ReplicationConfiguration")
    if isinstance(asked, Mapping) and asked.get("Role"):
        yield passed_role(str(asked["Role"]), "s3.amazonaws.com")


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
    **s3_objects.RULES,
    "ListObjectVersions": _list("ListBucketVersions"),
    "ListObjects": _list("ListBucket"),
    "ListObjectsV2": _list("ListBucket"),
    "PutBucketReplication": _replication,
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
