"""Policies of an organization: SCPs and RCPs by level, through boto3, and who is spared.

Source: AWS Organizations User Guide, "SCP evaluation", "RCP evaluation", "Accessing member accounts"; IAM
User Guide, "AWS global condition context keys" (those of the principal's and the resource's organization).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from labs.sandbox import moto_setup, organization, principals
from tests.labs.sandbox.houses import ACCOUNT, House, code, denied, policy, statement

EVERYTHING = statement("*", "*")
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"


@dataclass
class Company:
    """An organization with the unit `Work`, and in it an account with the role of its administrators."""

    house: House
    root: str
    unit: str
    member: str

    @property
    def organizations(self) -> Any:
        return self.house.client("organizations")

    @property
    def keys(self) -> dict[str, str]:
        """Of the administrators of the member account."""
        return self.house.assume("admin", f"arn:aws:iam::{self.member}:role/OrganizationAccountAccessRole")

    def client(self, service: str) -> Any:
        return self.house.client(service, self.keys)

    def attach(self, target: str, name: str, *statements: dict[str, Any], type: str = SCP) -> str:
        """Attach a new policy in place of all others of its type."""
        made = self.organizations.create_policy(
            Name=name, Description="", Type=type, Content=policy(*statements)
        )["Policy"]["PolicySummary"]
        self.organizations.attach_policy(PolicyId=made["Id"], TargetId=target)
        for each in self.organizations.list_policies_for_target(TargetId=target, Filter=type)["Policies"]:
            if each["Id"] != made["Id"]:
                self.organizations.detach_policy(PolicyId=each["Id"], TargetId=target)
        return str(made["Arn"])


@pytest.fixture
def company(house: House) -> Company:
    organizations = house.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    for type in (SCP, RCP):
        organizations.enable_policy_type(RootId=root, PolicyType=type)
    unit = organizations.create_organizational_unit(ParentId=root, Name="Work")["OrganizationalUnit"]["Id"]
    made = organizations.create_account(AccountName="member", Email="m@example.com")["CreateAccountStatus"]
    organizations.move_account(AccountId=made["AccountId"], SourceParentId=root, DestinationParentId=unit)
    return Company(house, root, unit, made["AccountId"])


# -- service control policies --------------------------------------------------------------------------------


def test_the_administrators_of_a_member_account_may_do_everything_at_first(company: Company) -> None:
    assert code(company.client("s3").list_buckets) == ""
    assert code(company.client("sqs").create_queue, QueueName="q") == ""


@pytest.mark.parametrize("level", ["root", "unit", "member"])
def test_each_level_must_allow(company: Company, level: str) -> None:
    company.attach(getattr(company, level), "no-s3", statement(["sqs:*", "sts:*"], "*"))
    keys = company.keys
    assert code(company.house.client("sqs", keys).list_queues) == ""
    _, _, message = denied(company.house.client("s3", keys).list_buckets)
    assert message.endswith("because no service control policy allows the s3:ListAllMyBuckets action")


def test_a_deny_on_any_level_is_named_with_its_arn(company: Company) -> None:
    arn = company.attach(company.unit, "no-s3", EVERYTHING, statement("s3:*", "*", "Deny"))
    _, _, message = denied(company.client("s3").list_buckets)
    assert message.endswith(f"with an explicit deny in a service control policy: {arn}")


def test_the_root_user_of_a_member_account_is_bound_and_the_management_account_is_not(
    company: Company,
) -> None:
    deny = statement("s3:*", "*", "Deny")
    company.attach(company.root, "no-s3", EVERYTHING, deny)
    principals.found_account(1, b"test", company.member)
    assert code(company.house.client("s3", f"{company.member}:root").list_buckets) == "AccessDenied"
    assert code(company.house.client("sqs", f"{company.member}:root").list_queues) == ""
    for who in ("admin", "root"):
        assert code(company.house.client("s3", who).list_buckets) == ""


def test_conditions_of_a_service_control_policy_count(company: Company) -> None:
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
    company.attach(company.root, "home", EVERYTHING, statement("sqs:*", "*", "Deny", Condition=elsewhere))
    keys = company.keys
    assert code(company.house.client("sqs", keys).list_queues) == ""
    assert code(company.house.client("sqs", keys, region="eu-west-1").list_queues) == "AccessDenied"


def test_moving_an_account_or_changing_a_policy_is_obeyed_by_the_next_request(company: Company) -> None:
    company.attach(company.unit, "no-s3", EVERYTHING, statement("s3:*", "*", "Deny"))
    s3, organizations = company.client("s3"), company.organizations
    seen = [code(s3.list_buckets)]
    here, there = company.unit, company.root
    organizations.move_account(AccountId=company.member, SourceParentId=here, DestinationParentId=there)
    seen.append(code(s3.list_buckets))
    organizations.move_account(AccountId=company.member, SourceParentId=there, DestinationParentId=here)
    seen.append(code(s3.list_buckets))
    (held,) = organizations.list_policies_for_target(TargetId=here, Filter=SCP)["Policies"]
    organizations.update_policy(PolicyId=held["Id"], Content=policy(EVERYTHING))
    seen.append(code(s3.list_buckets))
    assert seen == ["AccessDenied", "", "AccessDenied", ""]


def test_a_type_of_policy_that_is_not_enabled_binds_nobody(company: Company) -> None:
    company.attach(company.root, "no-s3", EVERYTHING, statement("s3:*", "*", "Deny"))
    s3 = company.client("s3")
    assert code(s3.list_buckets) == "AccessDenied"
    company.organizations.disable_policy_type(RootId=company.root, PolicyType=SCP)
    assert code(s3.list_buckets) == ""


def test_who_may_take_on_a_role_of_a_member_is_decided_in_the_management_account(company: Company) -> None:
    # An SCP binds the callers in the member account, not the admin who comes from outside.
    company.attach(company.root, "no-sts", EVERYTHING, statement("sts:AssumeRole", "*", "Deny"))
    assert company.keys


# -- resource control policies -------------------------------------------------------------------------------


def outsiders(company: Company) -> dict[str, Any]:
    """Deny S3 to whoever is not of the organization."""
    here = company.organizations.describe_organization()["Organization"]["Id"]
    others = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": here}}
    return statement("s3:*", "*", "Deny", Principal="*", Condition=others)


def test_a_resource_control_policy_keeps_outsiders_out_whatever_the_bucket_says(company: Company) -> None:
    house, s3 = company.house, company.client("s3")
    s3.create_bucket(Bucket="basket")
    s3.delete_public_access_block(Bucket="basket")
    public = policy(statement("s3:ListBucket", "arn:aws:s3:::basket", Principal="*"))
    s3.put_bucket_policy(Bucket="basket", Policy=public)
    stranger = house.client("s3", f"{house.founded('999999999999')}:admin")
    assert code(stranger.list_objects_v2, Bucket="basket") == ""
    company.attach(company.root, "ours", outsiders(company), type=RCP)
    assert code(stranger.list_objects_v2, Bucket="basket") == "AccessDenied"
    assert code(house.client("s3", None).list_objects_v2, Bucket="basket") == "AccessDenied"
    assert code(s3.list_objects_v2, Bucket="basket") == ""
    # Those of the management account belong to the organization too.
    assert code(house.client("s3").list_objects_v2, Bucket="basket") == ""


def test_a_resource_control_policy_is_named_to_members_and_spares_the_management_account(
    company: Company,
) -> None:
    deny = statement("s3:*", "*", "Deny", Principal="*")
    arn = company.attach(company.root, "no-s3", deny, type=RCP)
    _, _, message = denied(company.client("s3").list_buckets)
    assert message.endswith(f"with an explicit deny in a resource control policy: {arn}")
    assert code(company.house.client("s3").list_buckets) == ""


def test_a_resource_control_policy_binds_only_services_that_support_it(company: Company) -> None:
    keys, house = company.keys, company.house
    company.attach(company.root, "nothing", statement("*", "*", "Deny", Principal="*"), type=RCP)
    assert code(house.client("s3", keys).list_buckets) == "AccessDenied"
    assert code(house.client("ec2", keys).describe_vpcs) == ""
    # A role is a resource of STS: from now on nobody takes it on.
    role = f"arn:aws:iam::{company.member}:role/OrganizationAccountAccessRole"
    assert code(house.client("sts").assume_role, RoleArn=role, RoleSessionName="one") == "AccessDenied"


# -- the organization in condition keys ----------------------------------------------------------------------


def test_a_bucket_may_be_open_to_the_organization(company: Company) -> None:
    house = company.house
    here = company.organizations.describe_organization()["Organization"]["Id"]
    house.client("s3").create_bucket(Bucket="ours")
    ours = {"StringEquals": {"aws:PrincipalOrgID": here}}
    document = policy(statement("s3:ListBucket", "arn:aws:s3:::ours", Principal="*", Condition=ours))
    house.client("s3").put_bucket_policy(Bucket="ours", Policy=document)
    assert code(company.client("s3").list_objects_v2, Bucket="ours") == ""
    stranger = house.client("s3", f"{house.founded('999999999999')}:admin")
    assert code(stranger.list_objects_v2, Bucket="ours") == "AccessDenied"


def test_the_path_of_a_unit_is_a_condition_key(company: Company) -> None:
    here = company.organizations.describe_organization()["Organization"]["Id"]
    path = f"{here}/{company.root}/{company.unit}/"
    found = organization.membership(company.member)
    assert found is not None
    assert (found.path, found.management_account) == (path, ACCOUNT)
    company.house.client("s3").create_bucket(Bucket="work")
    company.house.client("s3").delete_public_access_block(Bucket="work")
    within = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{here}/*/{company.unit}/*"}}
    document = policy(statement("s3:ListBucket", "arn:aws:s3:::work", Principal="*", Condition=within))
    company.house.client("s3").put_bucket_policy(Bucket="work", Policy=document)
    s3 = company.client("s3")
    assert code(s3.list_objects_v2, Bucket="work") == ""
    company.organizations.move_account(
        AccountId=company.member, SourceParentId=company.unit, DestinationParentId=company.root
    )
    assert code(s3.list_objects_v2, Bucket="work") == "AccessDenied"


def test_members_may_be_kept_to_resources_of_the_organization(company: Company) -> None:
    house = company.house
    here = company.organizations.describe_organization()["Organization"]["Id"]
    foreign = {"StringNotEquals": {"aws:ResourceOrgID": here}}
    company.attach(company.root, "inside", EVERYTHING, statement("s3:*", "*", "Deny", Condition=foreign))
    house.founded("999999999999")
    for owner, bucket in ((None, "ours"), ("999999999999:admin", "theirs")):
        s3 = house.client("s3", owner or "admin")
        s3.create_bucket(Bucket=bucket)
        s3.delete_public_access_block(Bucket=bucket)
        public = policy(statement("s3:ListBucket", f"arn:aws:s3:::{bucket}", Principal="*"))
        s3.put_bucket_policy(Bucket=bucket, Policy=public)
    s3 = company.client("s3")
    assert code(s3.list_objects_v2, Bucket="ours") == ""
    assert code(s3.list_objects_v2, Bucket="theirs") == "AccessDenied"


def test_an_account_without_an_organization_has_none(house: House) -> None:
    assert organization.membership(ACCOUNT) is None
    assert organization.membership(None) is None
    assert organization.policy_arn(ACCOUNT, "FullAWSAccess") is None


def test_another_world_has_no_organization(company: Company) -> None:
    moto_setup.reset_state(1)
    assert organization.membership(ACCOUNT) is None
    assert organization.membership(company.member) is None
