"""What an instance keeps, who it is, what its metadata service says, and what a launch takes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labs.aws.ec2.credential_sources import CredentialSource, winning
from labs.aws.ec2.metadata import ROLE_PATH, TOKEN_PATH, MetadataRequest, Options, reply
from labs.aws.ec2.profiles import check_profile
from labs.aws.ec2.questions import tell
from labs.errors import Ec2Error
from labs.sandbox.clock import Clock
from labs.sandbox.metadata import TOKEN_HEADER, TTL_HEADER, Metadata

ARN = "arn:aws:iam::123456789012"
ITSELF = "/latest/meta-data/instance-id"


def words(document: dict[str, Any]) -> dict[str, str]:
    return {line.subject: line.word for line in tell(document).lines}


def test_the_first_source_in_boto3s_order_wins() -> None:
    order = list(CredentialSource)

    assert [winning(order[place:]) for place in range(len(order))] == order
    assert winning(reversed(order)) is CredentialSource.CODE
    assert winning([]) is None


@pytest.mark.parametrize(
    ("request_", "options", "status"),
    [
        (MetadataRequest(), Options(), 401),
        (MetadataRequest(), Options(tokens="optional"), 200),
        (MetadataRequest(token="valid"), Options(), 200),
        (MetadataRequest(token="expired"), Options(), 401),
        (MetadataRequest(token="expired"), Options(tokens="optional"), 401),
        (MetadataRequest(token="valid"), Options(endpoint="disabled"), 403),
        (MetadataRequest("PUT", TOKEN_PATH, ttl=21_600), Options(), 200),
        (MetadataRequest("PUT", TOKEN_PATH, ttl=21_601), Options(), 400),
        (MetadataRequest("PUT", TOKEN_PATH, ttl=0), Options(), 400),
        (MetadataRequest("PUT", TOKEN_PATH), Options(), 400),
        (MetadataRequest("PUT", ITSELF, ttl=60), Options(), 405),
        (MetadataRequest(path=ROLE_PATH, token="valid"), Options(), 404),
    ],
)
def test_the_sandbox_and_the_engine_answer_alike(
    request_: MetadataRequest, options: Options, status: int
) -> None:
    settings = SimpleNamespace(
        http_endpoint=options.endpoint,
        http_tokens=options.tokens,
        http_put_response_hop_limit=options.hop_limit,
    )
    service = Metadata(
        SimpleNamespace(metadata_options=settings), Clock(), mint=lambda _: pytest.fail("no role")
    )
    service._tree = lambda _: {"latest": {"meta-data": {"instance-id": "i-1"}}}  # type: ignore[method-assign, assignment]
    headers = {}
    if request_.token != "none":
        given = service.answer("PUT", TOKEN_PATH, {TTL_HEADER: "60"})
        assert given is not None
        headers[TOKEN_HEADER] = given.text if request_.token == "valid" else "another"
    if request_.ttl is not None:
        headers[TTL_HEADER] = str(request_.ttl)

    assert reply(request_, options).status == status
    answered = service.answer(request_.method, request_.path, headers, hops=request_.hops)
    assert answered is not None
    assert answered.status == status


@pytest.mark.parametrize(("hops", "limit", "status"), [(1, 1, 200), (2, 1, None), (2, 2, 200), (3, 2, None)])
def test_a_token_travels_as_many_hops_as_the_limit(hops: int, limit: int, status: int | None) -> None:
    answer = reply(MetadataRequest("PUT", TOKEN_PATH, ttl=60, hops=hops), Options(hop_limit=limit))

    assert answer.status == status


@pytest.mark.parametrize(
    ("path", "status"), [(ROLE_PATH, 200), (ROLE_PATH + "app", 200), (ROLE_PATH + "other", 404)]
)
def test_the_service_knows_the_role_by_its_name(path: str, status: int) -> None:
    assert reply(MetadataRequest(path=path, token="valid"), Options(role="app")).status == status


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("app", True),
        ("app-role", False),
        (f"{ARN}:instance-profile/app", True),
        (f"{ARN}:instance-profile/jobs/app", True),
        (f"{ARN}:role/app", False),
        (f"{ARN}:instance-profile/other", False),
    ],
)
def test_a_launch_takes_a_profile_and_no_role(given: str, taken: bool) -> None:
    refusal = check_profile(given, {"app": "app-role"})

    assert (refusal is None) is taken
    assert refusal is None or given in refusal.message


def test_a_stop_keeps_the_volumes_and_loses_the_instance_store() -> None:
    found = words({"after": "stop and start", "instance_store": True, "volumes": ["data"]})

    assert (found["data"], found["instance store"], found["public IPv4"]) == ("kept", "lost", "changed")


def test_a_launch_without_a_profile_gives_no_role_and_one_with_an_empty_profile_neither() -> None:
    assert words({"launch": {}})["role"] == "none"
    assert words({"launch": {"profile": "app"}, "profiles": {"app": None}})["role"] == "none"
    assert words({"launch": {"profile": "app"}, "profiles": {"app": "reader"}})["role"] == "reader"


def test_an_image_of_another_region_is_refused() -> None:
    answer = tell({"launch": {"image": "ami-0a", "image_region": "us-east-1", "region": "eu-west-1"}})

    assert not answer.ok
    assert answer.lines[0].subject == "InvalidAMIID.NotFound"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"after": "lunch"},
        {"after": "reboot", "address": "mine"},
        {"after": "reboot", "volumes": "data"},
        {"credentials": ["pocket"]},
        {"credentials": "code"},
        {"metadata": {"verb": "GET"}},
        {"metadata": 1},
        {"metadata": {"method": "POST"}},
        {"metadata": {"token": "mine"}},
        {"metadata": {"method": "PUT", "path": TOKEN_PATH, "ttl": "60"}},
        {"launch": 1},
        {"launch": {"type": "huge"}},
        {"launch": {}, "profiles": []},
    ],
)
def test_what_is_no_question_is_refused_with_a_reason(document: dict[str, Any]) -> None:
    with pytest.raises(Ec2Error):
        tell(document)
