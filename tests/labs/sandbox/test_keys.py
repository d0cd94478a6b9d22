"""Keys of KMS: their policies and grants, and what S3 needs of them on the caller's behalf.

Source: Amazon S3 User Guide, "Protecting data with server-side encryption with AWS KMS keys"; AWS KMS
Developer Guide, "Key policies in AWS KMS", "Grants in AWS KMS", "AWS managed keys", "Permissions for AWS
services in key policies" (kms:ViaService); Amazon SQS Developer Guide, "Key management" (KmsAccessDenied).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement

ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
BOTH = [statement("s3:*", ["arn:aws:s3:::basket", "arn:aws:s3:::basket/*"])]
GENERATE, DECRYPT = "kms:GenerateDataKey", "kms:Decrypt"


@pytest.fixture
def key(house: House) -> str:
    """The ARN of a key with AWS's default policy, which leaves it to the account; and the bucket basket."""
    house.client("s3").create_bucket(Bucket="basket")
    return str(house.client("kms").create_key()["KeyMetadata"]["Arn"])


def allow(house: House, *statements: dict[str, Any]) -> None:
    document = policy(*BOTH, *statements)
    house.client("iam").put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)


def put(house: House, key: str, **more: Any) -> str:
    s3 = house.client("s3", "ann")
    given = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, **more}
    return code(s3.put_object, Bucket="basket", Key="k", Body=b"x", **given)


def get(house: House) -> str:
    return code(house.client("s3", "ann").get_object, Bucket="basket", Key="k")


# -- through S3 --------------------------------------------------------------------------------------------


def test_writing_needs_a_data_key_and_reading_its_decryption(house: House, key: str) -> None:
    house.user("ann", *BOTH)
    seen = [put(house, key)]
    allow(house, statement(GENERATE, key))
    seen += [put(house, key), get(house)]
    allow(house, statement([GENERATE, DECRYPT], key))
    seen.append(get(house))
    assert seen == ["AccessDenied", "", "AccessDenied", ""]


def test_the_refusal_names_the_key(house: House, key: str) -> None:
    house.user("ann", *BOTH)
    s3 = house.client("s3", "ann")
    given = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    assert denied(s3.put_object, Bucket="basket", Key="k", Body=b"x", **given)[2] == (
        f"User: {ANN} is not authorized to perform: kms:GenerateDataKey on resource: {key} because no "
        "identity-based policy allows the kms:GenerateDataKey action"
    )


def test_a_key_by_its_alias_or_by_its_id_is_the_same_key(house: House, key: str) -> None:
    house.client("kms").create_alias(AliasName="alias/main", TargetKeyId=key)
    house.user("ann")
    allow(house, statement(GENERATE, key))
    for name in ("alias/main", key.rpartition("/")[2], f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/main"):
        assert put(house, name) == ""


def test_the_buckets_default_encryption_counts(house: House, key: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    house.client("s3").put_bucket_encryption(
        Bucket="basket", ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    house.user("ann", *BOTH)
    s3 = house.client("s3", "ann")
    plain = {"Bucket": "basket", "Key": "k", "Body": b"x"}
    assert code(s3.put_object, **plain) == "AccessDenied"
    assert code(s3.put_object, **plain, ServerSideEncryption="AES256") == ""
    allow(house, statement(GENERATE, key))
    assert code(s3.put_object, **plain) == ""


def test_the_key_of_s3_itself_asks_nothing_of_users(house: House, key: str) -> None:
    house.user("ann", *BOTH)
    s3 = house.client("s3", "ann")
    given = {"Bucket": "basket", "Key": "k", "Body": b"x", "ServerSideEncryption": "aws:kms"}
    assert code(s3.put_object, **given) == ""
    assert get(house) == ""


def test_a_copy_opens_one_key_and_takes_another(house: House, key: str) -> None:
    second = house.client("kms").create_key()["KeyMetadata"]["Arn"]
    house.client("s3").put_object(
        Bucket="basket", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    house.user("ann")
    s3 = house.client("s3", "ann")
    given = {"CopySource": "basket/k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": second}
    seen = []
    for granted in ([], [statement(DECRYPT, key)], [statement(DECRYPT, key), statement(GENERATE, second)]):
        allow(house, *granted)
        seen.append(code(s3.copy_object, Bucket="basket", Key="copy", **given))
    assert seen == ["AccessDenied", "AccessDenied", ""]


def test_looking_at_an_objects_head_needs_no_key(house: House, key: str) -> None:
    house.client("s3").put_object(
        Bucket="basket", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    house.user("ann", *BOTH)
    assert code(house.client("s3", "ann").head_object, Bucket="basket", Key="k") == ""


def test_a_key_may_be_for_s3_only(house: House, key: str) -> None:
    through_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    house.user("ann")
    allow(house, statement("kms:*", key, Condition=through_s3))
    assert put(house, key) == ""
    assert code(house.client("kms", "ann").encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"


def test_a_key_may_be_for_one_object_only(house: House, key: str) -> None:
    one = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::basket/other"}}
    house.user("ann")
    allow(house, statement(GENERATE, key, Condition=one))
    assert put(house, key) == "AccessDenied"
    one["StringEquals"]["kms:EncryptionContext:aws:s3:arn"] = "arn:aws:s3:::basket/k"
    allow(house, statement(GENERATE, key, Condition=one))
    assert put(house, key) == ""


def test_what_s3_does_for_the_caller_does_not_come_from_the_callers_address(house: House, key: str) -> None:
    here = {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}
    house.user("ann")
    allow(house, statement(GENERATE, key, Condition=here))
    assert put(house, key) == "AccessDenied"
    allow(house, statement(GENERATE, key, Condition={"Bool": {"aws:ViaAWSService": "true"}}))
    assert put(house, key) == ""


# -- key policies and grants --------------------------------------------------------------------------------


def test_a_key_policy_that_does_not_name_the_account_leaves_it_nothing(house: House) -> None:
    kms = house.client("kms")
    admin = f"arn:aws:iam::{ACCOUNT}:user/admin"
    only = policy(statement("kms:*", "*", Principal={"AWS": admin}))
    key = kms.create_key(Policy=only, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["Arn"]
    house.user("ann", statement("kms:*", "*"))
    _, _, message = denied(house.client("kms", "ann").describe_key, KeyId=key)
    assert message.endswith("because no resource-based policy allows the kms:DescribeKey action")
    assert code(kms.describe_key, KeyId=key) == ""


def test_a_grant_allows_until_it_is_taken_back(house: House, key: str) -> None:
    house.user("ann")
    kms, ann = house.client("kms"), house.client("kms", "ann")
    asked = {"KeyId": key, "Plaintext": b"x"}
    seen = [code(ann.encrypt, **asked)]
    grant = kms.create_grant(KeyId=key, GranteePrincipal=ANN, Operations=["Encrypt"])
    seen.append(code(ann.encrypt, **asked))
    seen.append(code(ann.generate_data_key, KeyId=key, KeySpec="AES_256"))
    kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    seen.append(code(ann.encrypt, **asked))
    assert seen == ["AccessDeniedException", "", "AccessDeniedException", "AccessDeniedException"]


def test_a_grant_may_be_for_one_context_only(house: House, key: str) -> None:
    house.user("ann")
    ann = house.client("kms", "ann")
    for name, extra in (
        ("EncryptionContextSubset", ""),
        ("EncryptionContextEquals", "AccessDeniedException"),
    ):
        grant = house.client("kms").create_grant(
            KeyId=key, GranteePrincipal=ANN, Operations=["Encrypt"], Constraints={name: {"team": "red"}}
        )
        seen = [
            code(ann.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=context)
            for context in ({"team": "blue"}, {"team": "red"}, {"team": "red", "more": "1"})
        ]
        assert seen == ["AccessDeniedException", "", extra], name
        house.client("kms").revoke_grant(KeyId=key, GrantId=grant["GrantId"])


def test_asking_about_keys_makes_none(house: House, key: str) -> None:
    from moto.kms.models import kms_backends

    house.user("ann", *BOTH)
    before = set(kms_backends[ACCOUNT]["us-east-1"].keys)
    put(house, "alias/aws/s3")
    code(house.client("kms", "ann").encrypt, KeyId="alias/aws/s3", Plaintext=b"x")
    assert set(kms_backends[ACCOUNT]["us-east-1"].keys) == before


# -- queues and topics ---------------------------------------------------------------------------------------


def test_a_queue_with_a_key_needs_it_from_whoever_sends_and_receives(house: House, key: str) -> None:
    sqs = house.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    house.user("ann", statement("sqs:*", "*"))
    ann = house.client("sqs", "ann")
    assert code(ann.send_message, QueueUrl=url, MessageBody="x") == "KMS.AccessDeniedException"
    allow(house, statement("sqs:*", "*"), statement([GENERATE, DECRYPT], key))
    assert code(ann.send_message, QueueUrl=url, MessageBody="x") == ""
    assert code(ann.receive_message, QueueUrl=url) == ""
    allow(house, statement("sqs:*", "*"))
    assert code(ann.receive_message, QueueUrl=url) == "KMS.AccessDeniedException"


def test_a_topic_with_a_key_needs_it_from_whoever_publishes(house: House, key: str) -> None:
    topic = house.client("sns").create_topic(Name="t", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    house.user("ann", statement("sns:*", "*"))
    ann = house.client("sns", "ann")
    assert code(ann.publish, TopicArn=topic, Message="x") == "KMSAccessDenied"
    allow(house, statement("sns:*", "*"), statement([GENERATE, DECRYPT], key))
    assert code(ann.publish, TopicArn=topic, Message="x") == ""
