"""`skylab ssh`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from labs.course import Workspace
from labs.sandbox import Nursery, World
from tui.address import announce

Skylab = Callable[..., Result]

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


class Site:
    """A world with instances behind a group that lets SSH in, and one behind a group that does not."""

    def __init__(self, world: World) -> None:
        self.world, self.ec2 = world, world.client("ec2")
        image = self.ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])
        self.image = image["Images"][0]["ImageId"]
        default = [{"Name": "is-default", "Values": ["true"]}]
        self.vpc = self.ec2.describe_vpcs(Filters=default)["Vpcs"][0]["VpcId"]
        self.ec2.create_key_pair(KeyName="mine")
        self.open = self.group("open", [{"CidrIp": "0.0.0.0/0"}])
        self.shut = self.group("shut", [])
        iam = world.client("iam")
        iam.create_role(RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.create_instance_profile(InstanceProfileName="app")
        iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
        self.web = self.launch(self.open, KeyName="mine", IamInstanceProfile={"Name": "app"})

    def group(self, name: str, ranges: list[dict[str, str]], **more: Any) -> str:
        group = str(
            self.ec2.create_security_group(VpcId=self.vpc, GroupName=name, Description=name)["GroupId"]
        )
        if ranges or more:
            rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": ranges, **more}
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
        return group

    def launch(self, group: str, **more: Any) -> str:
        run = self.ec2.run_instances(
            ImageId=self.image,
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SecurityGroupIds=[group],
            **more,
        )
        return str(run["Instances"][0]["InstanceId"])


@pytest.fixture(scope="module")
def site(nursery: Nursery) -> Iterator[Site]:
    with nursery.world(seed=5) as world:
        yield Site(world)


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    """A workspace that knows of the world, and keys in the learner's own environment."""
    workspace = Workspace.create(tmp_path / "work", "alice")
    announce(workspace.sandbox_file, site.world)
    monkeypatch.setenv("SKYLAB_WORKSPACE", str(workspace.folder))
    for name, value in site.world.environment().items():
        monkeypatch.setenv(name, value)


def test_a_program_on_an_instance_is_its_role_and_has_no_keys(
    site: Site, skylab: Skylab, capfd: pytest.CaptureFixture[str]
) -> None:
    program = (
        "import boto3, json, os\n"
        "print(boto3.client('sts').get_caller_identity()['Arn'])\n"
        "print(json.dumps(dict(os.environ)))\n"
    )
    result = skylab("ssh", site.web, "--", "python", "-c", program)

    assert result.exit_code == 0
    arn, environment = capfd.readouterr().out.splitlines()
    assert arn == f"arn:aws:sts::123456789012:assumed-role/app/{site.web}"
    found = json.loads(environment)
    assert not [name for name in found if "KEY" in name or "TOKEN" in name or name.startswith("SKYLAB")]
    assert found["HOME"] == str(site.world.home(site.web))
    assert found["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_each_instance_has_a_home_that_stays(
    site: Site, skylab: Skylab, capfd: pytest.CaptureFixture[str]
) -> None:
    other = site.launch(site.open, KeyName="mine")
    skylab("ssh", site.web, "--", "echo kept > note; pwd")
    home = capfd.readouterr().out.strip()
    skylab("ssh", site.web, "--", "cat ~/note")
    assert capfd.readouterr().out == "kept\n"
    skylab("ssh", other, "--", "ls; pwd")
    assert capfd.readouterr().out.strip() not in ("note", home)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("exit 7",), 7),
        (("kill -TERM $$",), 143),
        (("python", "-c", "import sys; sys.exit(3)"), 3),
        (("no-such-program", "--help"), 127),
    ],
)
def test_the_exit_status_is_the_commands_own(
    site: Site, skylab: Skylab, words: tuple[str, ...], status: int
) -> None:
    assert skylab("ssh", site.web, "--", *words).exit_code == status


def test_the_address_of_the_metadata_service_leads_to_the_instances_own(
    site: Site, skylab: Skylab, capfd: pytest.CaptureFixture[str]
) -> None:
    program = (
        "from urllib.request import Request, urlopen\n"
        "here = 'http://169.254.169.254/latest'\n"
        "ttl = {'X-aws-ec2-metadata-token-ttl-seconds': '60'}\n"
        "token = urlopen(Request(here + '/api/token', method='PUT', headers=ttl)).read().decode()\n"
        "ask = Request(here + '/meta-data/instance-id', headers={'X-aws-ec2-metadata-token': token})\n"
        "print(urlopen(ask).read().decode())\n"
    )
    skylab("ssh", site.web, "--", "python", "-c", program)
    assert capfd.readouterr().out.strip() == site.web


def test_a_container_is_one_hop_further_away(
    site: Site, skylab: Skylab, capfd: pytest.CaptureFixture[str]
) -> None:
    show = "echo $AWS_EC2_METADATA_SERVICE_ENDPOINT"
    skylab("ssh", site.web, "--container", "--", show)
    assert capfd.readouterr().out.strip() == site.world.metadata_endpoint(site.web, hops=2)


def test_packets_that_are_lost_are_shown_where_they_are_lost(site: Site, skylab: Skylab) -> None:
    hidden = site.launch(site.shut, KeyName="mine")
    result = skylab("ssh", hidden, "--", "echo", "inside")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Connection timed out" in result.stderr
    assert "ENI_SG_RULES_MISMATCH" in result.stderr
    assert "repair" in result.stderr


def test_a_rule_for_one_address_lets_in_whoever_has_it(site: Site, skylab: Skylab) -> None:
    mine = site.group("mine", [{"CidrIp": "198.51.100.7/32"}])
    instance = site.launch(mine, KeyName="mine")
    assert skylab("ssh", instance, "--", "true").exit_code == 1
    assert skylab("ssh", instance, "--from", "198.51.100.7", "--", "true").exit_code == 0


def test_a_bastion_leads_to_what_lets_only_it_in(site: Site, skylab: Skylab) -> None:
    inner = site.group("inner", [], UserIdGroupPairs=[{"GroupId": site.open}])
    hidden = site.launch(inner, KeyName="mine")
    assert skylab("ssh", hidden, "--", "true").exit_code == 1
    assert skylab("ssh", hidden, "-J", site.web, "--", "true").exit_code == 0
    assert skylab("ssh", site.web, "-J", hidden, "--", "true").exit_code == 1


def test_an_instance_without_a_key_pair_lets_nobody_in(site: Site, skylab: Skylab) -> None:
    result = skylab("ssh", site.launch(site.open), "--", "true")
    assert result.exit_code == 1
    assert "Permission denied (publickey)" in result.stderr


def test_an_instance_that_does_not_run_does_not_answer(site: Site, skylab: Skylab) -> None:
    stopped = site.launch(site.open, KeyName="mine")
    site.world.advance(minutes=1)
    site.ec2.stop_instances(InstanceIds=[stopped])
    site.world.advance(minutes=1)
    result = skylab("ssh", stopped, "--", "true")
    assert result.exit_code == 1
    assert "is stopped" in result.stderr
    assert "start-instances" in result.stderr


def test_an_instance_that_never_was_is_wrong_use(skylab: Skylab) -> None:
    assert skylab("ssh", "i-0123456789abcdef0", "--", "true").exit_code == 2
