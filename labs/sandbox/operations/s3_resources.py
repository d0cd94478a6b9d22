"""What S3 holds, as its rules look at it: buckets with their owners, objects with their tags and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from labs.sandbox.live import live, live_bucket
from labs.sandbox.operations.kms import used_key
from labs.sandbox.operations.plan import ContextValue, PlannedCheck, Scene, fitting
from labs.sandbox.operations.reference import condition_keys

__all__ = [
    "bucket_account",
    "check",
    "encrypting",
    "object_at",
    "object_tags",
    "reading",
    "upload_key",
    "writing_key",
]


def bucket_account(name: str) -> str | None:
    """The account that owns a bucket; None when there is no such bucket."""
    bucket = live_bucket(name)
    return str(bucket.account_id) if bucket is not None else None


def object_at(bucket: str, key: str, version: str | None = None) -> Any:
    """moto's object, the current one or the version; None if there is none, or it is deleted."""
    from moto.s3.models import FakeDeleteMarker

    holder = live_bucket(bucket)
    versions = (holder.keys.getlist(key) if holder else None) or []
    found = [each for each in versions if version in (None, each.version_id)]
    return None if not found or isinstance(found[-1], FakeDeleteMarker) else found[-1]


def object_tags(bucket: str, key: str, version: str | None = None) -> dict[str, ContextValue]:
    """s3:ExistingObjectTag/KEY of an object."""
    found = object_at(bucket, key, version)
    if found is None:
        return {}
    s3 = live("s3", live_bucket(bucket).account_id)
    tags = s3.tagger.get_tag_dict_for_resource(found.arn)
    return {f"s3:ExistingObjectTag/{name}": value for name, value in tags.items()}


def check(
    scene: Scene, action: str, bucket: str, key: str | None, context: Mapping[str, ContextValue]
) -> PlannedCheck:
    """A check of an action on a bucket or an object, with those of the keys that the action knows."""
    resource = f"arn:aws:s3:::{bucket}" if key is None else f"arn:aws:s3:::{bucket}/{key}"
    owner = bucket_account(bucket) or scene.account
    known = fitting(context, condition_keys("s3", action))
    return PlannedCheck(f"s3:{action}", resource, owner, {**known, "s3:ResourceAccount": owner})


# -- keys of KMS ---------------------------------------------------------------------------------------------


def writing_key(scene: Scene, bucket: str) -> str | None:
    """The KMS key that an object is to be encrypted with, as the call or the bucket's default says.

    It is empty for the key of AWS's own, and None where KMS has no part in it.
    """
    algorithm, key = scene.text("ServerSideEncryption"), scene.text("SSEKMSKeyId")
    if not algorithm and not key:
        holder = live_bucket(bucket)
        default = (holder.encryption or {}) if holder else {}
        rule = default.get("Rule") or {}
        chosen = (rule[0] if isinstance(rule, list) else rule).get("ApplyServerSideEncryptionByDefault") or {}
        algorithm, key = str(chosen.get("SSEAlgorithm") or ""), str(chosen.get("KMSMasterKeyID") or "")
    return key if algorithm.startswith("aws:kms") else None


def upload_key(scene: Scene, bucket: str) -> str | None:
    """The KMS key of a multipart upload that has begun, as `writing_key` tells it."""
    holder = live_bucket(bucket)
    upload = holder.multiparts.get(scene.text("UploadId")) if holder else None
    if upload is None or not (upload.sse_encryption or upload.kms_key_id):
        return writing_key(scene, bucket)
    by_kms = str(upload.sse_encryption or "aws:kms").startswith("aws:kms")
    return (upload.kms_key_id or "") if by_kms else None


def encrypting(
    scene: Scene, action: str, bucket: str, key: str, kms_key: str | None
) -> Iterator[PlannedCheck]:
    """What S3 asks KMS for on the caller's behalf, about an object and the KMS key that it has or gets."""
    if kms_key is None or (holder := live_bucket(bucket)) is None:
        return
    default = (holder.encryption or {}).get("Rule") or {}
    whole = (default[0] if isinstance(default, list) else default).get("BucketKeyEnabled") in (True, "true")
    # With a bucket key, the bucket stands for all of its objects.
    about = f"arn:aws:s3:::{bucket}" if whole else f"arn:aws:s3:::{bucket}/{key}"
    yield used_key(
        scene,
        f"kms:{action}",
        kms_key or "alias/aws/s3",
        service="s3",
        region=str(holder.region_name),
        account=str(holder.account_id) if not kms_key else scene.account,
        about={"aws:s3:arn": about},
    )


def reading(scene: Scene, bucket: str, key: str, version: str | None = None) -> Iterator[PlannedCheck]:
    """kms:Decrypt on the key of an object, where it has one."""
    found = object_at(bucket, key, version)
    if found is not None and str(found.encryption or "").startswith("aws:kms"):
        yield from encrypting(scene, "Decrypt", bucket, key, found.kms_key_id or "")
