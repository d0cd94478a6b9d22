from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from labs.sandbox.raw import Payload, RawRequest
from labs.sandbox.signature import find_signature
from labs.sandbox.wire import Call, Routed, Unroutable, dialect_of, identify, route

QUEUE = "http://127.0.0.1:4566/123456789012/q"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"

# The canary: if moto's router or parsers move, these notice. Service, method, parameters, protocol.
CALLS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("iam", "get_user", {"UserName": "ann+b@c"}, "query"),
    ("iam", "tag_user", {"UserName": "a", "Tags": [{"Key": "k", "Value": "v&w=x"}]}, "query"),
    (
        "sts",
        "assume_role",
        {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "session"},
        "query",
    ),
    ("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "ü \n <x>"}, "query"),
    ("rds", "describe_db_instances", {"DBInstanceIdentifier": "db"}, "query"),
    ("elbv2", "describe_load_balancers", {"Names": ["a", "b"]}, "query"),
    ("elb", "describe_load_balancers", {"LoadBalancerNames": ["a"]}, "query"),
    (
        "ec2",
        "run_instances",
        {
            "ImageId": "ami-1",
            "MinCount": 1,
            "MaxCount": 2,
            "SecurityGroupIds": ["sg-1", "sg-2"],
            "IamInstanceProfile": {"Name": "p"},
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "k", "Value": "v"}]}],
        },
        "ec2",
    ),
    ("ec2", "describe_instances", {"Filters": [{"Name": "tag:k", "Values": ["v"]}]}, "ec2"),
    ("dynamodb", "put_item", {"TableName": "t", "Item": {"k": {"S": "v"}, "n": {"N": "1"}}}, "json"),
    ("dynamodbstreams", "list_streams", {"TableName": "table"}, "json"),
    ("sqs", "send_message", {"QueueUrl": QUEUE, "MessageBody": "ü & <b>"}, "json"),
    ("kms", "encrypt", {"KeyId": "k", "Plaintext": b"\x00\xff"}, "json"),
    ("logs", "create_log_group", {"logGroupName": "/app"}, "json"),
    ("secretsmanager", "get_secret_value", {"SecretId": "s"}, "json"),
    ("cloudwatch", "list_metrics", {"Namespace": "AWS/EC2"}, "json"),
    ("organizations", "list_policies", {"Filter": "SERVICE_CONTROL_POLICY"}, "json"),
    ("lambda", "get_function", {"FunctionName": f"{FUNCTION}:1"}, "rest-json"),
    ("lambda", "list_tags", {"Resource": FUNCTION}, "rest-json"),
    ("lambda", "invoke", {"FunctionName": "f", "Payload": b'{"a": 1}'}, "rest-json"),
    ("efs", "describe_file_systems", {"MaxItems": 3}, "rest-json"),
    ("route53", "list_hosted_zones", {}, "rest-xml"),
    ("s3", "list_buckets", {}, "rest-xml"),
    ("s3", "create_bucket", {"Bucket": "b"}, "rest-xml"),
    ("s3", "head_bucket", {"Bucket": "b"}, "rest-xml"),
    ("s3", "get_bucket_policy", {"Bucket": "b"}, "rest-xml"),
    ("s3", "get_bucket_lifecycle_configuration", {"Bucket": "b"}, "rest-xml"),
    ("s3", "list_objects", {"Bucket": "b", "Prefix": "p/"}, "rest-xml"),
    ("s3", "list_objects_v2", {"Bucket": "b", "Prefix": "", "Delimiter": "/", "MaxKeys": 7}, "rest-xml"),
    ("s3", "list_object_versions", {"Bucket": "b"}, "rest-xml"),
    ("s3", "get_object", {"Bucket": "b", "Key": "k", "VersionId": "v"}, "rest-xml"),
    ("s3", "head_object", {"Bucket": "b", "Key": "a//b"}, "rest-xml"),
    ("s3", "put_object", {"Bucket": "b", "Key": "a b/ü", "Body": b"x", "Metadata": {"a_b": "c"}}, "rest-xml"),
    ("s3", "copy_object", {"Bucket": "b", "Key": "k", "CopySource": "c/d"}, "rest-xml"),
    (
        "s3",
        "delete_objects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}},
        "rest-xml",
    ),
    ("s3", "create_multipart_upload", {"Bucket": "b", "Key": "k"}, "rest-xml"),
    (
        "s3",
        "upload_part",
        {"Bucket": "b", "Key": "k", "UploadId": "u", "PartNumber": 2, "Body": b"x"},
        "rest-xml",
    ),
    ("s3", "list_parts", {"Bucket": "b", "Key": "k", "UploadId": "u"}, "rest-xml"),
    ("s3control", "get_public_access_block", {"AccountId": "123456789012"}, "rest-xml"),
)


def operation_name(method: str) -> str:
    name = "".join(part.capitalize() for part in method.split("_"))
    return name.replace("Db", "DB")


def routed(raw: RawRequest, payload: Payload | None = None) -> Routed:
    return route(raw, payload or Payload(raw.body), find_signature(raw))


def refusal(raw: RawRequest) -> Unroutable:
    with pytest.raises(Unroutable) as caught:
        routed(raw)
    return caught.value


@pytest.mark.parametrize(
    ("service", "method", "params", "protocol"), CALLS, ids=[f"{call[0]}-{call[1]}" for call in CALLS]
)
def test_every_protocol_is_read(
    recorder: Any, service: str, method: str, params: dict[str, Any], protocol: str
) -> None:
    raw = recorder.request(recorder.client(service), method, **params)
    call = identify(raw, raw.body, find_signature(raw))
    assert (call.service, call.operation, call.protocol) == (service, operation_name(method), protocol)
    assert call.region == "us-east-1"
    assert {name: call.params.get(name) for name in params} == params


@pytest.mark.parametrize(
    "key",
    [
        "plain",
        "with space",
        "a+b",
        "a%2Fb",
        "100%",
        "a/../b",
        "./a",
        "a//b",
        "/lead",
        "trail/",
        "q?m&a=1",
        "文件",
    ],
)
def test_awkward_keys_are_read_as_they_are(recorder: Any, key: str) -> None:
    raw = recorder.request(recorder.client("s3"), "get_object", Bucket="b", Key=key)
    assert routed(raw).call.params["Key"] == key


def test_the_bucket_may_be_in_the_host(recorder: Any) -> None:
    raw = recorder.request(recorder.client("s3"), "get_object", Bucket="b", Key="k")
    host = tuple(
        ("Host", "my-bucket.localhost:4566") if name == "Host" else (name, v) for name, v in raw.headers
    )
    params = routed(replace(raw, target="/some/key", headers=host)).call.params
    assert (params["Bucket"], params["Key"]) == ("my-bucket", "some/key")


def test_parameters_of_a_presigned_url_count_as_headers(recorder: Any, presigned: Any) -> None:
    client = recorder.client("s3", signature_version="s3v4")
    url = client.generate_presigned_url("put_object", Params={"Bucket": "b", "Key": "k"})
    found = routed(presigned(f"{url}&x-amz-copy-source=%2Fsecret%2Fkey", "PUT"))
    assert found.call.operation == "CopyObject"
    assert found.call.params["CopySource"] == "secret/key"
    assert dict(found.request.query) == {"x-id": "CopyObject"}


# -- what is not there -----------------------------------------------------------------------------------


def test_an_unknown_action_is_a_clean_fault(recorder: Any) -> None:
    raw = recorder.request(recorder.client("iam"), "get_user", UserName="a")
    fault = refusal(replace(raw, body=raw.body.replace(b"GetUser", b"EatUser"))).fault
    assert (fault.code, fault.status) == ("InvalidAction", 400)
    assert "EatUser" in fault.message


def test_an_unknown_target_is_a_clean_fault(recorder: Any) -> None:
    raw = recorder.request(recorder.client("dynamodb"), "list_tables")
    headers = tuple((n, v.replace("ListTables", "EatTables")) for n, v in raw.headers)
    assert refusal(replace(raw, headers=headers)).fault.code == "UnknownOperationException"


def test_an_unknown_path_method_and_service_are_clean_faults(recorder: Any) -> None:
    functions = recorder.request(recorder.client("lambda"), "list_functions")
    assert refusal(replace(functions, target="/2015-03-31/nonsense")).fault.status == 404
    bucket = recorder.request(recorder.client("s3"), "head_bucket", Bucket="b")
    assert refusal(replace(bucket, method="PATCH")).fault.code == "MethodNotAllowed"
    headers = tuple((n, v.replace("/s3/", "/teapot/")) for n, v in bucket.headers)
    assert refusal(replace(bucket, headers=headers)).fault.code == "NotImplemented"


def test_a_region_that_does_not_exist_is_refused(recorder: Any) -> None:
    raw = recorder.request(recorder.client("iam"), "list_users")
    headers = tuple((n, v.replace("/us-east-1/", "/mars-north-1/")) for n, v in raw.headers)
    assert "mars-north-1" in refusal(replace(raw, headers=headers)).fault.message


@pytest.mark.parametrize(
    ("service", "method", "params", "body", "code"),
    [
        ("dynamodb", "list_tables", {}, b"{not json", "SerializationException"),
        ("dynamodb", "list_tables", {}, b"[" * 5000, "SerializationException"),
        (
            "lambda",
            "create_alias",
            {"FunctionName": "f", "Name": "a", "FunctionVersion": "1"},
            b"[",
            "SerializationException",
        ),
        ("s3", "put_bucket_tagging", {"Bucket": "b", "Tagging": {"TagSet": []}}, b"<Tagging", "MalformedXML"),
        (
            "ec2",
            "run_instances",
            {"MinCount": 1, "MaxCount": 1},
            b"Action=RunInstances&Version=2016-11-15&MinCount=x",
            "MalformedQueryString",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_a_clean_fault(
    recorder: Any, service: str, method: str, params: dict[str, Any], body: bytes, code: str
) -> None:
    raw = recorder.request(recorder.client(service), method, **params)
    assert refusal(replace(raw, body=body)).fault.code == code


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("get_bucket_request_payment", {"Bucket": "b"}),
        ("list_bucket_metrics_configurations", {"Bucket": "b"}),
        ("delete_bucket_metrics_configuration", {"Bucket": "b", "Id": "i"}),
        ("delete_bucket_inventory_configuration", {"Bucket": "b", "Id": "i"}),
        ("get_object_retention", {"Bucket": "b", "Key": "k"}),
        ("get_object_torrent", {"Bucket": "b", "Key": "k"}),
    ],
)
def test_what_moto_would_take_for_something_else_is_refused(
    recorder: Any, method: str, params: dict[str, Any]
) -> None:
    raw = recorder.request(recorder.client("s3"), method, **params)
    assert refusal(raw).fault.code == "NotImplemented"


# -- one reading -----------------------------------------------------------------------------------------


def test_an_action_in_the_url_and_another_in_the_body_are_refused(recorder: Any) -> None:
    raw = recorder.request(recorder.client("iam"), "get_user", UserName="a")
    for target in ("/?Action=DeleteUser", "/?UserName=b"):
        assert refusal(replace(raw, target=target)).fault.code == "MalformedQueryString"
    assert refusal(replace(raw, body=raw.body + b"&Action=DeleteUser")).fault.code == "MalformedQueryString"


def test_a_query_in_the_url_becomes_a_form(recorder: Any, presigned: Any) -> None:
    raw = presigned(recorder.client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET"))
    found = routed(raw)
    assert found.call.operation == "GetCallerIdentity"
    assert (found.request.method, found.request.query) == ("POST", ())
    assert found.request.body == b"Action=GetCallerIdentity&Version=2011-06-15"


@pytest.mark.parametrize(
    ("service", "method", "params"),
    [
        ("dynamodb", "get_item", {"TableName": "t", "Key": {"k": {"S": "v"}}}),
        ("secretsmanager", "get_secret_value", {"SecretId": "mine"}),
        ("lambda", "get_function", {"FunctionName": "f"}),
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}),
    ],
)
def test_parameters_that_the_operation_does_not_have_do_not_reach_moto(
    recorder: Any, service: str, method: str, params: dict[str, Any]
) -> None:
    raw = recorder.request(recorder.client(service), method, **params)
    target = f"{raw.path}?Action=DeleteTable&SecretId=other&acl"
    if service == "s3":
        target = f"{raw.path}?Action=DeleteTable&SecretId=other&x-moto=1"
    found = routed(replace(raw, target=target))
    assert found.call.operation == operation_name(method)
    assert found.request.query == (("x-id", found.call.operation),)


def test_headers_that_steer_moto_do_not_reach_it(recorder: Any) -> None:
    raw = recorder.request(recorder.client("s3", token="tok"), "list_objects_v2", Bucket="b")
    steering = (
        ("x-moto-account-id", "999999999999"),
        ("User-Agent", "x region/eu-west-1"),
        ("X-Amz-Security-Token", "tok"),
    )
    names = {name for name, _ in routed(replace(raw, headers=raw.headers + steering)).request.headers}
    assert not names & {"x-moto-account-id", "user-agent", "authorization", "x-amz-security-token"}


def test_an_underscore_does_not_make_a_header_of_aws(recorder: Any) -> None:
    raw = recorder.request(recorder.client("s3"), "put_object", Bucket="b", Key="k", Metadata={"a_b": "kept"})
    sly = (("x_amz_copy_source", "secret/key"), ("x_moto_account_id", "999999999999"))
    found = routed(replace(raw, headers=raw.headers + sly))
    assert found.call.operation == "PutObject"
    environ = found.request.environ("AKIA", "20260101/us-east-1/s3/aws4_request")
    assert not {"HTTP_X_AMZ_COPY_SOURCE", "HTTP_X_MOTO_ACCOUNT_ID"} & set(environ)
    assert environ["HTTP_X_AMZ_META_A_B"] == "kept"


def test_the_environ_names_the_service_that_was_read(recorder: Any) -> None:
    raw = recorder.request(recorder.client("s3"), "put_object", Bucket="b", Key="a%2Fb c", Body=b"data")
    environ = routed(raw).request.environ("AKIAEXAMPLEEXAMPLE12", "20260101/us-east-1/s3/aws4_request")
    assert environ["RAW_URI"] == "/b/a%252Fb%20c?x-id=PutObject"
    assert environ["PATH_INFO"] == "/b/a%2Fb c"
    assert environ["CONTENT_LENGTH"] == "4"
    assert "/us-east-1/s3/aws4_request" in environ["HTTP_AUTHORIZATION"]


def test_trailers_become_headers_and_chunk_framing_goes(recorder: Any) -> None:
    raw = recorder.request(recorder.client("s3"), "put_object", Bucket="b", Key="k", Body=b"data")
    headers = (*raw.headers, ("Content-Encoding", "aws-chunked,gzip"), ("x-amz-decoded-content-length", "4"))
    found = routed(replace(raw, headers=headers), Payload(b"data", (("x-amz-checksum-crc32", "AAAAAA=="),)))
    assert found.request.header("x-amz-checksum-crc32") == "AAAAAA=="
    assert found.request.header("content-encoding") == "gzip"
    assert found.request.body == b"data"


def test_a_compressed_body_is_read(recorder: Any) -> None:
    import gzip

    raw = recorder.request(recorder.client("dynamodb"), "list_tables", Limit=3)
    packed = replace(raw, body=gzip.compress(raw.body), headers=(*raw.headers, ("Content-Encoding", "gzip")))
    assert routed(packed).call.params == {"Limit": 3}
    assert routed(packed).request.header("content-encoding") == ""


def test_a_put_that_says_it_is_a_form_keeps_its_bytes(recorder: Any) -> None:
    raw = recorder.request(
        recorder.client("s3"),
        "put_object",
        Bucket="b",
        Key="k",
        Body=b"a=1",
        ContentType="application/x-www-form-urlencoded",
    )
    found = routed(raw)
    assert found.call.params["Body"] == b"a=1"
    assert not found.request.header("content-type").startswith("application/x-www-form")


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("b/k", "b/k"),
        ("/b/k", "b/k"),
        ("//b/k", "b/k"),
        ("http://x/b/k", "http%3A//x/b/k"),
        ("b/k;x", "b/k%3Bx"),
        ("b/a%20b%2Fc", "b/a%20b/c"),
        ("b%2Fk", "b/k"),
        ("b/k?versionId=v", "b/k?versionId=v"),
        ("b/k%3FversionId=v", "b/k%3FversionId%3Dv"),
    ],
)
def test_a_copy_source_has_one_meaning(recorder: Any, source: str, plain: str) -> None:
    raw = recorder.request(recorder.client("s3"), "copy_object", Bucket="c", Key="d", CopySource="b/k")
    headers = tuple((name, source if name == "x-amz-copy-source" else value) for name, value in raw.headers)
    found = routed(replace(raw, headers=headers))
    assert found.call.params["CopySource"] == plain
    assert found.request.header("x-amz-copy-source") == plain


@pytest.mark.parametrize("source", ["b/k?x=1&versionId=v", "b/k?versionId=", "b", "b/", "/"])
def test_a_copy_source_that_names_no_object_is_refused(recorder: Any, source: str) -> None:
    raw = recorder.request(recorder.client("s3"), "copy_object", Bucket="c", Key="d", CopySource="b/k")
    headers = tuple((name, source if name == "x-amz-copy-source" else value) for name, value in raw.headers)
    assert refusal(replace(raw, headers=headers)).fault.code == "InvalidArgument"


# -- nobody signed it ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "headers", "body", "service"),
    [
        ("/b/k", {}, b"", "s3"),
        (
            "/",
            {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"},
            b"{}",
            "dynamodb",
        ),
        ("/?Action=ListUsers&Version=2010-05-08", {}, b"", "iam"),
        ("/", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=X&Version=2016-11-15", "ec2"),
        ("/iam_us-east-1/", {}, b"Action=ListUsers", "s3"),
        ("/moto-api/reset", {}, b"", "s3"),
        ("/latest/meta-data/iam", {}, b"", "s3"),
    ],
)
def test_an_unsigned_request_is_answered_by_the_service_that_it_shows(
    target: str, headers: dict[str, str], body: bytes, service: str
) -> None:
    pairs = (("Host", "127.0.0.1:4566"), *headers.items())
    raw = RawRequest("POST" if body else "GET", target, pairs, body, datetime.now(UTC))
    assert dialect_of(raw, None).service == service


def test_a_call_is_a_value() -> None:
    call = Call("s3", "GetObject", {"Bucket": "b"}, "us-east-1", "rest-xml")
    assert call == replace(call)
