from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from labs.sandbox import moto_setup
from labs.sandbox.carrier import Answer, Carrier, NotServed
from labs.sandbox.raw import Payload
from labs.sandbox.signature import find_signature
from labs.sandbox.wire import Routed, route

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def carrier() -> Iterator[Carrier]:
    moto_setup.reset_state(7)
    yield Carrier(moto_setup.dispatcher())
    moto_setup.reset_state(7)


class Sender:
    """Sends the calls of real clients through a carrier, optionally bent on the way."""

    def __init__(self, carrier: Carrier, recorder: Any) -> None:
        self.carrier = carrier
        self.recorder = recorder

    def routed(self, service: str, method: str, bend: Any = lambda raw: raw, **params: Any) -> Routed:
        raw = bend(self.recorder.request(self.recorder.client(service), method, **params))
        return route(raw, Payload(raw.body), find_signature(raw))

    def __call__(
        self, service: str, method: str, bend: Any = lambda raw: raw, *, account: str = ACCOUNT, **params: Any
    ) -> Answer:
        routed = self.routed(service, method, bend, **params)
        return self.carrier.send(routed, account=account, access_key_id="AKIAEXAMPLEEXAMPLE12")


@pytest.fixture(scope="module")
def send(carrier: Carrier, recorder: Any) -> Sender:
    return Sender(carrier, recorder)


def test_calls_of_all_protocols_arrive(send: Sender) -> None:
    assert b"<UserName>ann</UserName>" in send("iam", "create_user", UserName="ann").body
    assert b"<vpcId>vpc-" in send("ec2", "describe_vpcs").body
    assert json.loads(send("sqs", "create_queue", QueueName="q").body)["QueueUrl"].endswith(f"/{ACCOUNT}/q")
    assert json.loads(send("lambda", "list_functions").body) == {"Functions": []}
    assert b"HostedZones" in send("route53", "list_hosted_zones").body
    assert json.loads(send("cloudwatch", "list_metrics").body) == {"Metrics": []}
    assert b"LoadBalancers" in send("elbv2", "describe_load_balancers").body


def test_an_object_comes_back_as_it_went(send: Sender) -> None:
    send("s3", "create_bucket", Bucket="basket")
    metadata = {"a_b": "under", "pad": "two  spaces"}
    send("s3", "put_object", Bucket="basket", Key="a%2Fb c/ü", Body=b"\x00\xff", Metadata=metadata)
    got = send("s3", "get_object", Bucket="basket", Key="a%2Fb c/ü")
    assert (got.status, got.body) == (200, b"\x00\xff")
    assert got.header("x-amz-meta-a_b") == "under"
    head = send("s3", "head_object", Bucket="basket", Key="a%2Fb c/ü")
    assert (head.status, head.header("content-length")) == (200, "2")
    listed = send("s3", "list_objects_v2", Bucket="basket", Prefix="a%", Delimiter="/")
    assert b"<CommonPrefixes><Prefix>a%252Fb%20c/</Prefix></CommonPrefixes>" in listed.body


@pytest.mark.parametrize("name", ["moto-api", "latest"])
def test_moto_control_paths_are_only_names_of_buckets(send: Sender, name: str) -> None:
    assert send("s3", "create_bucket", Bucket=name).status == 200
    key = "meta-data/iam" if name == "latest" else "reset"
    assert send("s3", "put_object", Bucket=name, Key=key, Body=b"mine").status == 200
    assert send("s3", "get_object", Bucket=name, Key=key).body == b"mine"


def test_an_action_hidden_in_the_body_is_not_done(send: Sender) -> None:
    send("secretsmanager", "create_secret", Name="mine", SecretString="open")
    send("secretsmanager", "create_secret", Name="other", SecretString="closed")
    hidden = "mine&Action=DeleteSecret&SecretId=other&"

    def bend(raw: Any) -> Any:
        return replace(raw, body=json.dumps({"SecretId": "mine", "VersionStage": hidden}).encode())

    send("secretsmanager", "get_secret_value", bend, SecretId="mine")
    assert (
        json.loads(send("secretsmanager", "get_secret_value", SecretId="other").body)["SecretString"]
        == "closed"
    )


def test_parameters_hidden_in_the_url_or_in_headers_are_not_taken(send: Sender) -> None:
    send("secretsmanager", "create_secret", Name="first", SecretString="1")
    send("secretsmanager", "create_secret", Name="second", SecretString="2")
    for bend in (
        lambda raw: replace(raw, target="/?SecretId=second"),
        lambda raw: replace(raw, headers=(*raw.headers, ("SecretId", "second"))),
    ):
        assert (
            json.loads(send("secretsmanager", "get_secret_value", bend, SecretId="first").body)["Name"]
            == "first"
        )


def test_a_header_is_no_version_of_an_object(send: Sender) -> None:
    send("s3", "create_bucket", Bucket="versions")
    send("s3", "put_bucket_versioning", Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    old = send("s3", "put_object", Bucket="versions", Key="k", Body=b"old").header("x-amz-version-id")
    send("s3", "put_object", Bucket="versions", Key="k", Body=b"new")
    bend = lambda raw: replace(raw, headers=(*raw.headers, ("versionId", old)))  # noqa: E731  one use
    assert send("s3", "get_object", bend, Bucket="versions", Key="k").body == b"new"


def test_the_region_is_that_of_the_signature(send: Sender) -> None:
    def bend(raw: Any) -> Any:
        return replace(raw, headers=(*raw.headers, ("User-Agent", "x region/eu-west-1")))

    send("sns", "create_topic", bend, Name="here")
    assert b":us-east-1:" in send("sns", "list_topics").body

    def elsewhere(raw: Any) -> Any:
        kept = tuple(pair for pair in raw.headers if pair[0] != "Host")
        return replace(raw, headers=(*kept, ("Host", "sns.eu-west-1.amazonaws.com")))

    assert b":us-east-1:" in send("sns", "create_topic", elsewhere, Name="there").body


def test_a_free_parameter_is_no_action(send: Sender) -> None:
    api = json.loads(send("apigateway", "create_rest_api", name="a").body)["id"]
    body = b'{"openapi": "3.0.0", "info": {"title": "a", "version": "1"}, "paths": {}}'
    send("apigateway", "put_rest_api", restApiId=api, parameters={"Action": "DeleteRestApi"}, body=body)
    assert send("apigateway", "get_rest_api", restApiId=api).status == 200


def test_the_account_is_the_callers(send: Sender) -> None:
    def bend(raw: Any) -> Any:
        return replace(raw, headers=(*raw.headers, ("x-moto-account-id", "999999999999")))

    assert f":{ACCOUNT}:".encode() in send("sns", "create_topic", bend, Name="mine").body
    assert b":111122223333:" in send("sns", "create_topic", account="111122223333", Name="theirs").body


def test_a_bucket_policy_is_not_moto_s_business(send: Sender) -> None:
    send("s3", "create_bucket", Bucket="guarded")
    send("s3", "put_object", Bucket="guarded", Key="k", Body=b"x")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"},
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::guarded/*",
            }
        ],
    }
    send("s3", "put_bucket_policy", Bucket="guarded", Policy=json.dumps(policy))
    assert send("s3", "get_object", Bucket="guarded", Key="k").status == 200


def test_what_moto_lacks_is_said_to_be_missing(send: Sender) -> None:
    with pytest.raises(NotServed, match="iam:SimulatePrincipalPolicy"):
        send(
            "iam",
            "simulate_principal_policy",
            PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:user/ann",
            ActionNames=["s3:GetObject"],
        )
    with pytest.raises(NotServed):
        send("pricing", "describe_services")
