"""Cost Explorer in an organization: the management account sees the costs of its members."""

from __future__ import annotations

from decimal import Decimal

from tests.labs.sandbox.houses import ACCOUNT, House
from tests.labs.sandbox.metering.clocks import DAY, START, at


def test_a_management_account_sees_what_its_members_spend_and_a_member_its_own(house: House) -> None:
    with at(house, START):
        organizations = house.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        made = organizations.create_account(Email="dev@example.com", AccountName="dev")["CreateAccountStatus"]
        member = house.founded(made["AccountId"])
        for who in ("admin", f"{member}:admin"):
            house.client("ec2", who).create_volume(AvailabilityZone="us-east-1a", Size=310, VolumeType="gp3")

    def spent(who: str) -> dict[str, Decimal]:
        with at(house, START + DAY):
            [month] = house.client("ce", who).get_cost_and_usage(
                TimePeriod={"Start": "2026-01-01", "End": "2026-02-01"},
                Granularity="MONTHLY",
                Metrics=["UnblendedCost"],
                GroupBy=[{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}],
            )["ResultsByTime"]
        return {
            group["Keys"][0]: Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
            for group in month["Groups"]
        }

    assert spent("admin") == {ACCOUNT: Decimal("0.8"), member: Decimal("0.8")}
    assert spent(f"{member}:admin") == {member: Decimal("0.8")}
