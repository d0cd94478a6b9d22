"""What works out bills is loaded when somebody asks for it, and then does as ever."""

from __future__ import annotations

import subprocess
import sys

from labs.sandbox import World

BILLS = {"labs.aws.billing.meters", "labs.sandbox.metering.spending", "labs.sandbox.served.budgets"}


def test_a_world_begins_without_what_works_out_bills_and_one_that_waits_has_it() -> None:
    code = (
        "import sys; from labs.sandbox import server\n"
        "server.warm(); print(*sys.modules)\n"
        "server.warm_services(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    begun, waits = (set(line.split()) for line in done.stdout.splitlines())

    assert not begun & BILLS
    assert waits >= BILLS


def test_the_first_thing_that_a_world_is_asked_may_be_a_bill_a_budget_or_a_cost(world: World) -> None:
    assert world.bill().bill.lines == ()
    assert world.client("budgets").describe_budgets(AccountId=world.account)["Budgets"] == []
    spent = world.client("ce").get_cost_and_usage(
        TimePeriod={"Start": "2026-01-01", "End": "2026-01-02"}, Granularity="DAILY", Metrics=["BlendedCost"]
    )
    assert spent["ResultsByTime"][0]["Total"]["BlendedCost"]["Amount"] == "0"
