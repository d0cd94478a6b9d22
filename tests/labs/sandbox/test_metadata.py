from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from labs.aws.ec2.metadata import TOKEN_PATH, MetadataRequest, Options, reply
from labs.errors import InputError
from labs.sandbox import Nursery, World
from labs.sandbox.clock import Clock
from labs.sandbox.lives import find_instance
from labs.sandbox.metadata import Lease, Metadata
from labs.sandbox.metadata_tree import ask
from labs.sandbox.values import Credentials
from tests.labs.sandbox.houses import ACCOUNT, House

TOKEN_TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"
ROLE_PATH = "/latest/meta-data/iam/security-credentials/"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
}


def call(base: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
    place = urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, place.path + path, headers=names)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        return response.status, text, {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()


def token(base: str, seconds: str = "60") -> str:
    status, text, _ = call(base, "/latest/api/token", "PUT", **{TOKEN_TTL: seconds})
    assert status == 200
    return text


def launch(world: World, profile: str | None = None, **more: Any) -> str:
    ec2 = world.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    if profile:
        more["IamInstanceProfile"] = {"Name": profile}
    run = ec2.run_instances(ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1, **more)
    return str(run["Instances"][0]["InstanceId"])


def give_role(world: World, name: str = "app", trust: dict[str, Any] = TRUST) -> str:
    iam = world.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), Path="/svc/")
    iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=json.dumps(READ))
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    return name


@pytest.fixture(scope="module")
def shared(nursery: Nursery) -> Iterator[World]:
    with nursery.world(seed=2) as world:
        give_role(world)
        yield world


@pytest.fixture(scope="module")
def instance(shared: World) -> str:
    ec2 = shared.client("ec2")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(VpcId=vpc, GroupName="web", Description="web")["GroupId"]
    ec2.create_key_pair(KeyName="mine")
    return launch(
        shared,
        "app",
        KeyName="mine",
        BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}}],
        SecurityGroupIds=[group],
        UserData=b"#!/bin/sh\necho hello\n\xff",
        MetadataOptions={"InstanceMetadataTags": "enabled"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
    )


@pytest.fixture(scope="module")
def base(shared: World, instance: str) -> str:
    return shared.metadata_endpoint(instance)


# Versions and tokens


def test_version_one_needs_no_token(base: str, instance: str) -> None:
    assert call(base, "/latest/meta-data/instance-id")[:2] == (200, instance)


def test_version_two_gives_a_token_and_takes_it(base: str, instance: str) -> None:
    status, text, headers = call(base, "/latest/meta-data/instance-id", **{TOKEN: token(base, "60")})
    assert (status, text) == (200, instance)
    assert 0 < int(headers[TOKEN_TTL.lower()]) <= 60


@pytest.mark.parametrize("seconds", ["0", "21601", "-1", "1.5", "", "one", "999999999999", "१"])
def test_a_token_lives_from_one_second_to_six_hours(base: str, seconds: str) -> None:
    place = urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    connection.request("PUT", "/latest/api/token", headers={TOKEN_TTL: seconds.encode()})
    assert connection.getresponse().status == 400
    connection.close()


@pytest.mark.parametrize("seconds", ["1", "21600"])
def test_the_ends_of_that_range_belong_to_it(base: str, seconds: str) -> None:
    assert token(base, seconds)


def test_a_token_needs_its_time_to_be_said(base: str) -> None:
    assert call(base, "/latest/api/token", "PUT")[0] == 400


def test_a_token_is_not_given_through_a_proxy(base: str) -> None:
    status, _, _ = call(base, "/latest/api/token", "PUT", **{TOKEN_TTL: "60", "X-Forwarded-For": "10.0.0.1"})
    assert status == 403


def test_a_wrong_token_is_refused_even_where_none_is_needed(base: str) -> None:
    assert call(base, "/latest/meta-data/instance-id", **{TOKEN: "x"})[0] == 401


def test_a_token_of_one_instance_is_no_use_at_another(shared: World, base: str) -> None:
    other = shared.metadata_endpoint(launch(shared))
    assert call(other, "/latest/meta-data/", **{TOKEN: token(base)})[0] == 401


def test_an_instance_that_requires_tokens_refuses_version_one(shared: World) -> None:
    base = shared.metadata_endpoint(launch(shared, MetadataOptions={"HttpTokens": "required"}))
    assert call(base, "/latest/meta-data/")[0] == 401
    assert call(base, "/latest/meta-data/", **{TOKEN: token(base)})[0] == 200


def test_a_change_of_the_metadata_options_counts_at_once(shared: World) -> None:
    instance = launch(shared)
    base, ec2 = shared.metadata_endpoint(instance), shared.client("ec2")
    assert call(base, "/latest/meta-data/")[0] == 200
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="required")
    assert call(base, "/latest/meta-data/")[0] == 401
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpEndpoint="disabled")
    assert call(base, "/latest/meta-data/")[0] == 403


@dataclass
class StoppedClock(Clock):
    moment: datetime = field(default=datetime(2026, 1, 31, 12, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment


@dataclass
class Desk:
    """The metadata service of an instance in this process, with a clock that only we move."""

    instance: Any
    clock: StoppedClock = field(default_factory=StoppedClock)
    minted: int = 0

    def __post_init__(self) -> None:
        self.service = Metadata(self.instance, self.clock, self.mint)

    def mint(self, instance_id: str) -> Lease:
        self.minted += 1
        now = self.clock.now()
        keys = Credentials(f"ASIA{self.minted}", "secret", "token")
        return Lease(keys, now, now + timedelta(hours=6))

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        answer = self.service.answer("GET", path, headers)
        assert answer is not None
        return answer.status, answer.text

    def token(self, seconds: int) -> str:
        answer = self.service.answer("PUT", TOKEN_PATH, {TOKEN_TTL.lower(): str(seconds)})
        assert answer is not None
        return answer.text

    def key(self) -> str:
        return str(json.loads(self.get(f"{ROLE_PATH}app")[1])["AccessKeyId"])


@pytest.fixture
def desk(house: House) -> Desk:
    iam, ec2 = house.client("iam"), house.client("ec2")
    house.role("app", {"Service": "ec2.amazonaws.com"})
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]
    run = ec2.run_instances(
        ImageId=image["ImageId"],
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": "app"},
        MetadataOptions={"HttpTokens": "optional"},
    )
    return Desk(find_instance(ACCOUNT, None, run["Instances"][0]["InstanceId"]))


def test_a_token_ends_when_its_time_is_over(desk: Desk) -> None:
    given = desk.token(60)
    desk.clock.moment += timedelta(seconds=59)
    assert desk.get("/latest/meta-data/", **{TOKEN.lower(): given})[0] == 200
    desk.clock.moment += timedelta(seconds=1)
    assert desk.get("/latest/meta-data/", **{TOKEN.lower(): given})[0] == 401


def test_credentials_stay_until_five_minutes_before_their_end(desk: Desk) -> None:
    assert desk.key() == "ASIA1"
    desk.clock.moment += timedelta(hours=5, minutes=55)
    assert desk.key() == "ASIA1"
    desk.clock.moment += timedelta(seconds=1)
    assert desk.key() == "ASIA2"


def test_looking_around_makes_no_credentials(desk: Desk) -> None:
    for path in ("/latest/", "/latest/meta-data/", "/latest/meta-data/iam/", ROLE_PATH):
        assert desk.get(path)[0] == 200
    assert desk.minted == 0


@pytest.mark.parametrize("endpoint", ["enabled", "disabled"])
@pytest.mark.parametrize("tokens", ["optional", "required"])
@pytest.mark.parametrize("hop_limit", [1, 2])
def test_the_service_answers_as_the_rules_say_that_lessons_teach(
    desk: Desk, endpoint: Any, tokens: Any, hop_limit: int
) -> None:
    options = Options("app", tokens, hop_limit, endpoint)
    set_ = desk.instance.metadata_options
    valid, expired = desk.token(21_600), desk.token(1)
    desk.clock.moment += timedelta(seconds=2)
    set_.http_tokens, set_.http_endpoint, set_.http_put_response_hop_limit = tokens, endpoint, hop_limit
    paths = (TOKEN_PATH, "/latest/meta-data/instance-id", ROLE_PATH, f"{ROLE_PATH}app", f"{ROLE_PATH}other")
    held = {"none": {}, "valid": {TOKEN.lower(): valid}, "expired": {TOKEN.lower(): expired}}
    asked = (
        [
            MetadataRequest("GET", path, sent, hops=hops)  # type: ignore[arg-type]
            for path in paths[1:]
            for sent in held
            for hops in (1, 2)
        ]
        + [
            MetadataRequest("PUT", path, ttl=ttl, hops=hops)
            for path in paths[:2]
            for ttl in (None, 0, 1, 21_600, 21_601)
            for hops in (1, 2, 3)
        ]
    )
    for request in asked:
        given = {} if request.ttl is None else {TOKEN_TTL.lower(): str(request.ttl)}
        headers = held[request.token] | given
        answer = desk.service.answer(request.method, request.path, headers, hops=request.hops)
        assert (answer and answer.status) == reply(request, options).status, request


# Paths


def test_folders_list_their_names_with_a_slash_after_folders() -> None:
    tree: Any = {"a": {"b": "text", "c": {"d": "deep"}}}
    assert ask({"latest": tree}, "/") == ask({"latest": tree}, "") == "latest"
    assert ask({"latest": tree}, "/latest/") == "a"
    assert ask({"latest": tree}, "/latest/a/") == ask({"latest": tree}, "/latest/a") == "b\nc/"
    assert ask(tree, "/a/b") == ask(tree, "/a/b/") == "text"
    assert ask(tree, "/a/b/c") is None
    assert ask(tree, "/x") is None


def test_the_paths_of_the_course_say_what_ec2_says(shared: World, instance: str, base: str) -> None:
    found = shared.client("ec2").describe_instances(InstanceIds=[instance])
    seen = found["Reservations"][0]["Instances"][0]
    nic = seen["NetworkInterfaces"][0]
    mac = nic["MacAddress"]
    expected = {
        "ami-id": seen["ImageId"],
        "hostname": seen["PrivateDnsName"],
        "instance-id": instance,
        "instance-type": "t3.micro",
        "local-ipv4": seen["PrivateIpAddress"],
        "mac": mac,
        f"network/interfaces/macs/{mac}/ipv4-associations/": seen["PublicIpAddress"],
        f"network/interfaces/macs/{mac}/security-group-ids": seen["SecurityGroups"][0]["GroupId"],
        f"network/interfaces/macs/{mac}/subnet-id": nic["SubnetId"],
        f"network/interfaces/macs/{mac}/vpc-ipv4-cidr-blocks": "172.31.0.0/16",
        f"network/interfaces/macs/{mac}/vpc-id": nic["VpcId"],
        "placement/availability-zone": seen["Placement"]["AvailabilityZone"],
        "placement/availability-zone-id": "use1-az6",
        "placement/region": "us-east-1",
        "block-device-mapping/root": seen["RootDeviceName"],
        "block-device-mapping/ebs1": "sdf",
        "events/maintenance/scheduled": "[]",
        "instance-life-cycle": "on-demand",
        "public-keys/": "0=mine",
        "public-keys/0/": "openssh-key",
        "reservation-id": found["Reservations"][0]["ReservationId"],
        "services/domain": "amazonaws.com",
        "system": "nitro",
        "public-ipv4": seen["PublicIpAddress"],
        "security-groups": "web",
        "tags/instance/Name": "web",
        "iam/security-credentials/": "app",
    }
    for path, text in expected.items():
        assert call(base, f"/latest/meta-data/{path}")[:2] == (200, text), path
    assert urlopen(f"{base}/latest/user-data").read() == b"#!/bin/sh\necho hello\n\xff"
    key = call(base, "/latest/meta-data/public-keys/0/openssh-key")[1]
    assert key.startswith("ssh-rsa AAAA")
    assert key.endswith(" mine")
    document = json.loads(call(base, "/latest/dynamic/instance-identity/document")[1])
    assert (document["instanceId"], document["accountId"]) == (instance, "123456789012")
    info = json.loads(call(base, "/latest/meta-data/iam/info")[1])
    assert info["InstanceProfileArn"].endswith(":instance-profile/app")


def test_every_name_that_is_listed_leads_somewhere(base: str) -> None:
    to_visit, seen = ["/latest/meta-data/", "/latest/dynamic/"], 0
    while to_visit:
        folder = to_visit.pop()
        status, text, _ = call(base, folder)
        assert status == 200, folder
        for listed in text.splitlines():
            name = listed.replace("=mine", "/")  # a key stands there as its number and its name
            if name.endswith("/"):
                to_visit.append(folder + name)
            else:
                assert call(base, folder + name)[0] == 200, folder + name
                seen += 1
    assert seen > 40


def test_the_top_lists_versions_and_categories_without_a_slash(base: str) -> None:
    assert call(base, "/")[1].splitlines()[::16] == ["1.0", "latest"]
    assert call(base, "/latest/")[1].splitlines() == ["dynamic", "meta-data", "user-data"]
    assert call(base, "/2009-04-04/meta-data/instance-type")[1] == "t3.micro"


def test_user_data_is_a_file_and_not_a_text(base: str) -> None:
    assert call(base, "/latest/user-data")[2]["content-type"] == "application/octet-stream"
    assert call(base, "/latest/meta-data/mac")[2]["content-type"] == "text/plain"


def test_a_deleted_key_pair_stays_on_the_instances_that_know_it(world: World) -> None:
    ec2 = world.client("ec2")
    ec2.create_key_pair(KeyName="gone")
    base = world.metadata_endpoint(launch(world, KeyName="gone"))
    ec2.delete_key_pair(KeyName="gone")
    assert call(base, "/latest/meta-data/public-keys/")[1] == "0=gone"
    bare = world.metadata_endpoint(launch(world))
    assert call(bare, "/latest/meta-data/public-keys/")[0] == 404


def test_a_volume_that_is_attached_later_shows_after_a_stop_and_a_start(world: World) -> None:
    ec2, instance = world.client("ec2"), launch(world)
    base = world.metadata_endpoint(instance)
    world.advance(minutes=1)
    zone = call(base, "/latest/meta-data/placement/availability-zone")[1]
    volume = ec2.create_volume(AvailabilityZone=zone, Size=1)["VolumeId"]
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdg")
    assert call(base, "/latest/meta-data/block-device-mapping/ebs1")[0] == 404
    ec2.stop_instances(InstanceIds=[instance])
    world.advance(minutes=1)
    ec2.start_instances(InstanceIds=[instance])
    world.advance(minutes=1)
    assert call(base, "/latest/meta-data/block-device-mapping/ebs1")[1] == "sdg"


def test_each_interface_has_a_folder_of_its_own(world: World) -> None:
    ec2, instance = world.client("ec2"), launch(world)
    base = world.metadata_endpoint(instance)
    subnet = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["SubnetId"]
    second = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]
    ec2.attach_network_interface(
        NetworkInterfaceId=second["NetworkInterfaceId"], InstanceId=instance, DeviceIndex=1
    )
    macs = "/latest/meta-data/network/interfaces/macs/"
    assert len(call(base, macs)[1].splitlines()) == 2
    assert call(base, f"{macs}{second['MacAddress']}/interface-id")[1] == second["NetworkInterfaceId"]
    assert call(base, f"{macs}{second['MacAddress']}/device-number")[1] == "1"


@pytest.mark.parametrize(
    "path", ["/latest/meta-data/nothing", "/latest/meta-data/spot/instance-action", "/x"]
)
def test_what_is_not_there_is_a_404_page(base: str, path: str) -> None:
    status, text, headers = call(base, path)
    assert status == 404
    assert "404 - Not Found" in text
    assert headers["content-type"] == "text/html"


def test_tags_show_only_where_that_is_switched_on(shared: World) -> None:
    base = shared.metadata_endpoint(launch(shared))
    assert call(base, "/latest/meta-data/tags/instance/")[0] == 404


def test_a_program_finds_the_service_at_its_own_address_by_way_of_a_proxy(base: str, instance: str) -> None:
    place = urlsplit(base)
    for url, status in (
        ("http://169.254.169.254/latest/meta-data/instance-id", 200),
        ("http://169.254.169.254", 200),
        ("http://example.com/latest/meta-data/instance-id", 502),
    ):
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
        connection.putrequest("GET", url, skip_host=True)
        connection.endheaders()
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        assert response.status == status
        assert (text == instance) is url.endswith("254/latest/meta-data/instance-id")


def test_an_answer_with_a_token_does_not_reach_a_container_beyond_the_hop_limit(shared: World) -> None:
    options = {"HttpTokens": "optional", "HttpPutResponseHopLimit": 1}
    instance = launch(shared, "app", MetadataOptions=options)
    far = shared.metadata_endpoint(instance, hops=2)
    place = urlsplit(far)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=0.2)
    connection.request("PUT", TOKEN_PATH, headers={TOKEN_TTL: "60"})
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert call(far, "/latest/meta-data/instance-id")[1] == instance
    assert token(shared.metadata_endpoint(instance))
    shared.client("ec2").modify_instance_metadata_options(InstanceId=instance, HttpPutResponseHopLimit=2)
    assert token(far)


def test_the_shared_port_takes_the_instance_from_the_path(shared: World, instance: str) -> None:
    hub = shared.connection.metadata_endpoint
    assert call(hub, f"/{instance}/latest/meta-data/instance-id")[1] == instance


# Roles


def run_on(world: World, instance: str, program: str) -> str:
    environment = {"PATH": os.environ["PATH"], **world.instance_environment(instance)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_boto3_on_an_instance_finds_the_role_with_no_keys(shared: World, instance: str) -> None:
    environment = shared.instance_environment(instance)
    assert not any("KEY" in name or "TOKEN" in name for name in environment)
    program = (
        "import boto3\n"
        "print(boto3.client('sts').get_caller_identity()['Arn'])\n"
        "print(boto3.client('s3').list_buckets()['Buckets'])\n"
        "try: boto3.client('iam').list_users()\n"
        "except Exception as error: print(error)\n"
    )
    lines = run_on(shared, instance, program).splitlines()
    assert lines[0] == f"arn:aws:sts::123456789012:assumed-role/app/{instance}"
    assert lines[1] == "[]"
    assert "AccessDenied" in lines[2]
    assert {event.on_instance for event in shared.events()[-3:]} == {instance}


def test_an_instance_without_a_profile_has_no_credentials(shared: World) -> None:
    bare = launch(shared)
    base = shared.metadata_endpoint(bare)
    assert call(base, "/latest/meta-data/iam/info")[0] == 404
    assert call(base, ROLE_PATH)[0] == 404
    program = "import boto3; boto3.client('sts').get_caller_identity()"
    assert "NoCredentialsError" in run_on(shared, bare, program)


def test_a_profile_without_a_role_has_no_credentials(world: World) -> None:
    world.client("iam").create_instance_profile(InstanceProfileName="empty")
    base = world.metadata_endpoint(launch(world, "empty"))
    assert call(base, "/latest/meta-data/iam/info")[0] == 200
    assert call(base, ROLE_PATH)[0] == 404


def test_a_role_that_does_not_trust_ec2_says_so_in_place_of_credentials(world: World) -> None:
    trust = json.loads(json.dumps(TRUST).replace("ec2.", "lambda."))
    give_role(world, "other", trust)
    base = world.metadata_endpoint(launch(world, "other"))
    refused = json.loads(call(base, f"{ROLE_PATH}other")[1])
    assert refused["Code"] == "AssumeRoleUnauthorizedAccess"
    assert "AccessKeyId" not in refused
    world.client("iam").update_assume_role_policy(RoleName="other", PolicyDocument=json.dumps(TRUST))
    assert json.loads(call(base, f"{ROLE_PATH}other")[1])["Code"] == "Success"


def test_a_profile_that_is_attached_later_is_found(world: World) -> None:
    instance = launch(world)
    base = world.metadata_endpoint(instance)
    give_role(world)
    world.client("ec2").associate_iam_instance_profile(
        InstanceId=instance, IamInstanceProfile={"Name": "app"}
    )
    assert call(base, ROLE_PATH)[1] == "app"


# Life of the instance


def test_an_instance_that_is_stopped_does_not_answer(shared: World) -> None:
    instance = launch(shared)
    base, ec2 = shared.metadata_endpoint(instance), shared.client("ec2")
    shared.advance(seconds=10)
    ec2.stop_instances(InstanceIds=[instance])
    with pytest.raises(OSError):  # noqa: PT011  # refused or cut off: either is no answer
        call(base, "/latest/meta-data/")
    shared.advance(minutes=1)
    ec2.start_instances(InstanceIds=[instance])
    shared.advance(seconds=10)
    assert call(base, "/latest/meta-data/")[0] == 200
    ec2.terminate_instances(InstanceIds=[instance])
    with pytest.raises(OSError):  # noqa: PT011
        call(base, "/latest/meta-data/")


def test_there_is_no_port_for_an_instance_that_never_was(shared: World) -> None:
    with pytest.raises(InputError, match="No such instance"):
        shared.metadata_endpoint("i-0000000000000000f")


def test_an_instance_keeps_its_port(shared: World, instance: str, base: str) -> None:
    assert shared.metadata_endpoint(instance) == base
