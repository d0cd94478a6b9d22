"""What moto keeps of things that are gone, much of it for ever: here it goes, and checkpoints stay small."""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from hashlib import blake2b
from typing import Any

__all__ = ["forget_caches", "let_go"]


def let_go() -> None:
    """Have moto keep no more of what is gone than it needs; call this once."""
    _track_nothing()
    _deleted_messages()
    _sent_notifications()
    _tags_of_versions()


def _track_nothing() -> None:
    """moto lists every object that it ever makes, for its dashboard."""
    from moto.core.common_models import BaseModel

    BaseModel.__new__ = lambda cls, *_, **__: object.__new__(cls)


class _Digests(set[int]):
    """A set of texts that knows them by a few bytes of each."""

    def update(self, *texts: Iterable[Any]) -> None:
        super().update(_digest(text) for each in texts for text in each)

    def __contains__(self, text: object) -> bool:
        return super().__contains__(_digest(text))


def _digest(text: object) -> int:
    return int.from_bytes(blake2b(str(text).encode(), digest_size=8).digest(), "big")


def _deleted_messages() -> None:
    """A queue knows by their receipt handles, of 185 characters each, which messages were deleted."""
    from moto.sqs.models import Queue

    begin = Queue.__init__

    @wraps(begin)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        self.deleted_messages = _Digests()

    Queue.__init__ = __init__


def _sent_notifications() -> None:
    """A topic lists what it has sent, for tests to look at."""
    from moto.sns.models import Topic

    send = Topic.publish

    @wraps(send)
    def publish(self: Any, *args: Any, **kwargs: Any) -> Any:
        sent = send(self, *args, **kwargs)
        self.sent_notifications.clear()
        return sent

    Topic.publish = publish


def _tags_of_versions() -> None:
    """S3 keeps a table of tags for each version of an object, also when that has none or is deleted."""
    from moto.s3.models import FakeKey, S3Backend

    tag, delete = S3Backend.put_object_tagging, S3Backend.delete_object

    @wraps(tag)
    def put_object_tagging(self: Any, key: Any, tags: Any, *args: Any, **kwargs: Any) -> Any:
        tagged = tag(self, key, tags, *args, **kwargs)
        if not tags:
            self.tagger.tags.pop(key.arn, None)
        return tagged

    @wraps(delete)
    def delete_object(
        self: Any, bucket_name: str, key_name: str, version_id: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        held = self.get_bucket(bucket_name).keys.getlist(key_name, []) if version_id else ()
        deleted = delete(self, bucket_name, key_name, version_id, *args, **kwargs)
        for each in held:
            if isinstance(each, FakeKey) and str(each.version_id) == str(version_id):
                self.tagger.tags.pop(each.arn, None)
        return deleted

    S3Backend.put_object_tagging, S3Backend.delete_object = put_object_tagging, delete_object


def forget_caches() -> None:
    """Let go of the objects of a state that is gone, which some methods of moto remember for ever."""
    from moto.ec2.models.subnets import Subnet
    from moto.rds.models import RDSBackend
    from moto.sns.models import Subscription

    for method in (
        Subnet._base_avail_ip_iterator,
        RDSBackend.db_cluster_options,
        Subscription.private_key,
    ):
        method.cache_clear()
