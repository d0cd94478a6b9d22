"""What moto keeps of what is gone: as little as it needs, so that checkpoints do not grow with the past."""

from __future__ import annotations

from typing import Any

import pytest

from labs.sandbox import moto_setup
from labs.sandbox.values import ACCOUNT, REGION


@pytest.fixture(autouse=True)
def _fresh() -> None:
    moto_setup.warm()
    moto_setup.reset_state(1)


def _versioned() -> Any:
    from moto.s3.models import s3_backends

    s3 = s3_backends[ACCOUNT]["aws"]
    s3.create_bucket("bucket", REGION)
    s3.put_bucket_versioning("bucket", "Enabled")
    return s3


def test_a_version_without_tags_has_no_table_of_them() -> None:
    s3 = _versioned()
    key = s3.put_object("bucket", "k", b"x")
    s3.put_object_tagging(key, {})
    assert s3.tagger.tags == {}
    assert s3.get_object_tagging(key) == {"Tags": []}


def test_tags_go_with_their_version_and_those_of_others_stay() -> None:
    s3 = _versioned()
    first, second = (s3.put_object("bucket", "k", body) for body in (b"1", b"2"))
    for key in (first, second):
        s3.put_object_tagging(key, {"team": "red"})
    s3.delete_object("bucket", "k", "no such version")
    s3.delete_object("bucket", "k", first.version_id)
    assert list(s3.tagger.tags) == [second.arn]
    s3.delete_object("bucket", "k")
    assert list(s3.tagger.tags) == [second.arn]


def test_a_topic_does_not_list_what_it_has_sent() -> None:
    from moto.sns.models import sns_backends

    topic = sns_backends[ACCOUNT][REGION].create_topic("news")
    assert topic.publish("hello")
    assert topic.sent_notifications == []
