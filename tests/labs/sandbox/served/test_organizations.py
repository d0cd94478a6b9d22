"""What the sandbox adds to moto's Organizations.

Source: AWS Organizations User Guide, "Accessing member accounts", "Enabling a policy type".
"""

from __future__ import annotations

from tests.labs.sandbox.houses import House, code, denied, policy, statement


def test_a_new_account_has_a_role_for_its_administrators(house: House) -> None:
    organizations = house.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    for name in ("OrganizationAccountAccessRole", "Boss"):
        given = {} if name.startswith("Org") else {"RoleName": name}
        made = organizations.create_account(AccountName=name, Email=f"{name}@example.com", **given)
        account = made["CreateAccountStatus"]["AccountId"]
        keys = house.assume("admin", f"arn:aws:iam::{account}:role/{name}")
        assert house.client("sts", keys).get_caller_identity()["Account"] == account
        assert code(house.client("iam", keys).create_user, UserName="first") == ""


def test_a_policy_of_a_type_that_is_not_enabled_cannot_be_attached(house: House) -> None:
    organizations = house.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    made = organizations.create_policy(
        Name="no-s3",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=policy(statement("s3:*", "*", "Deny")),
    )
    asked = {"PolicyId": made["Policy"]["PolicySummary"]["Id"], "TargetId": root}
    assert denied(organizations.attach_policy, **asked) == (
        "PolicyTypeNotEnabledException",
        400,
        "This operation can be performed only for enabled policy types.",
    )
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    assert code(organizations.attach_policy, **asked) == ""
