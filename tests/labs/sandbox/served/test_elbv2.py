"""The health of an Application Load Balancer's targets.

Source: User Guide for Application Load Balancers, "Health checks for Application Load Balancer target
groups".
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from labs.sandbox.served.elbv2 import ANSWERS
from tests.labs.sandbox.houses import House


class Site:
    """A load balancer in two zones, and an instance behind it that lets in whoever has its group."""

    def __init__(self, house: House) -> None:
        self.house, self.ec2, self.elb = house, house.client("ec2"), house.client("elbv2")
        default = [{"Name": "is-default", "Values": ["true"]}]
        self.vpc = self.ec2.describe_vpcs(Filters=default)["Vpcs"][0]["VpcId"]
        found = self.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])["Subnets"]
        self.subnets = {each["AvailabilityZone"][-1]: each["SubnetId"] for each in found}
        self.front = self.group("front", [{"CidrIp": "0.0.0.0/0"}])
        self.back = self.group("back", [], UserIdGroupPairs=[{"GroupId": self.front}])
        made = self.elb.create_load_balancer(
            Name="web", Subnets=[self.subnets["a"], self.subnets["b"]], SecurityGroups=[self.front]
        )
        self.balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        self.targets = self.target_group("app")
        self.listen(self.targets)

    def group(self, name: str, ranges: list[dict[str, str]], **more: Any) -> str:
        made = self.ec2.create_security_group(VpcId=self.vpc, GroupName=name, Description=name)
        rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": ranges, **more}
        self.ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=[rule])
        return str(made["GroupId"])

    def target_group(self, name: str, **more: Any) -> str:
        given = {
            "Name": name,
            "Protocol": "HTTP",
            "Port": 80,
            "VpcId": self.vpc,
            "HealthCheckPath": "/health",
        }
        return str(self.elb.create_target_group(**given, **more)["TargetGroups"][0]["TargetGroupArn"])

    def listen(self, targets: str, port: int = 80) -> None:
        forward = [{"Type": "forward", "TargetGroupArn": targets}]
        self.elb.create_listener(
            LoadBalancerArn=self.balancer, Protocol="HTTP", Port=port, DefaultActions=forward
        )

    def launch(self, zone: str = "a", answers: str = "", group: str = "") -> str:
        image = self.ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][
            0
        ]
        tags = [{"ResourceType": "instance", "Tags": [{"Key": ANSWERS, "Value": answers}]}] if answers else []
        run = self.ec2.run_instances(
            ImageId=image["ImageId"],
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnets[zone],
            SecurityGroupIds=[group or self.back],
            TagSpecifications=tags,
        )
        return str(run["Instances"][0]["InstanceId"])

    def health(self, instance: str, targets: str = "") -> tuple[str, str, str]:
        targets = targets or self.targets
        self.elb.register_targets(TargetGroupArn=targets, Targets=[{"Id": instance}])
        return self.look(instance, targets)

    def look(self, instance: str, targets: str = "") -> tuple[str, str, str]:
        told = self.elb.describe_target_health(
            TargetGroupArn=targets or self.targets, Targets=[{"Id": instance}]
        )
        health = told["TargetHealthDescriptions"][0]["TargetHealth"]
        return health["State"], health.get("Reason", ""), health.get("Description", "")


@pytest.fixture
def site(house: House) -> Site:
    return Site(house)


HEALTHY = ("healthy", "", "")
TIMEOUT = ("unhealthy", "Target.Timeout", "Request timed out")


def test_an_instance_that_the_check_reaches_is_healthy(site: Site) -> None:
    assert site.health(site.launch()) == HEALTHY
    rules = site.group("by-address", [{"CidrIp": "172.31.0.0/16"}])
    assert site.health(site.launch(group=rules)) == HEALTHY


def test_security_groups_on_both_sides_let_the_check_through_or_it_times_out(site: Site) -> None:
    narrow = site.group("narrow", [{"CidrIp": "172.31.0.0/24"}])
    assert site.health(site.launch(group=narrow)) == TIMEOUT
    instance = site.launch()
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    site.ec2.revoke_security_group_egress(GroupId=site.front, IpPermissions=everything)
    assert site.health(instance) == TIMEOUT


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ("80/=404 80/health=200", HEALTHY),
        (
            "80/=200",
            ("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]"),
        ),
        (
            "80/health=503",
            ("unhealthy", "Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"),
        ),
        ("8080/health=200", ("unhealthy", "Target.FailedHealthChecks", "Health checks failed")),
    ],
)
def test_what_the_instance_answers_decides(site: Site, answers: str, expected: tuple[str, ...]) -> None:
    assert site.health(site.launch(answers=answers)) == expected


def test_the_matcher_says_which_codes_are_good(site: Site) -> None:
    targets = site.target_group("moved", Matcher={"HttpCode": "200,301-303"})
    site.listen(targets, 8080)
    assert site.health(site.launch(answers="80/health=302"), targets) == HEALTHY
    assert site.health(site.launch(answers="80/health=304"), targets)[0] == "unhealthy"


def test_who_gets_no_traffic_is_unused(site: Site) -> None:
    unused = site.target_group("unused")
    assert site.health(site.launch(), unused)[:2] == ("unused", "Target.NotInUse")
    elsewhere = site.health(site.launch("c"))
    assert elsewhere[:2] == ("unused", "Target.NotInUse")
    assert "Availability Zone" in elsewhere[2]
    stopped = site.launch()
    site.health(stopped)
    site.ec2.stop_instances(InstanceIds=[stopped])
    assert site.look(stopped) == ("unused", "Target.InvalidState", "Target is in the stopped state")


def test_a_new_target_waits_for_its_first_check(site: Site) -> None:
    instance, state = site.launch(), site.house.state
    state.agenda.hurried = False
    assert site.health(instance)[:2] == ("initial", "Elb.RegistrationInProgress")
    state.clock.jump(timedelta(seconds=31))
    assert site.look(instance) == HEALTHY
