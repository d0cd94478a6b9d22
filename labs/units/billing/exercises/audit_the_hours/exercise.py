"""Audit what a handout says of hours: of machines that run, of gateways, of weekends."""

from __future__ import annotations

from labs.units.billing.audits import T3_CREDITS, AuditExercise, Claim

NAT = (("NAT gateway, an hour", "nat.hours"),)
SPENT = (*NAT, ("NAT gateway, a GB", "nat.bytes"))
CLOSED = ("0", "L3", "Whoever goes home on Friday closes a notebook. The instance runs until it is stopped.")
IDLE = ("0", "B5", "It exists, so each of its hours is billed, traffic or none.")


def _hour(machine: str) -> tuple[tuple[str, str], ...]:
    return ((f"{machine}, an hour", f"ec2.instance:{machine}"),)


def _month(row: int, name: str, machine: str, article: str) -> Claim:
    return Claim(row, machine, name, f"dollars for {article} {machine}, 730 h", _hour(machine))


_GPU = _hour("p3.2xlarge")


class AuditTheHours(AuditExercise):
    title = "Audit the handout: hours"
    minutes = 14
    points = 10

    always = (
        (
            Claim(6, "72 hours", "weekend", "dollars for 72 h", _GPU, CLOSED),
            Claim(
                6,
                "Saturday and Sunday",
                "weekend",
                "dollars for Saturday and Sunday, both whole",
                _GPU,
                CLOSED,
            ),
            Claim(
                6,
                "Friday 17:00 to Monday 09:00",
                "weekend",
                "dollars from Friday 17:00 to Monday 09:00",
                _GPU,
                CLOSED,
            ),
        ),
        (
            Claim(10, "a month of 30 days", "gateway", "dollars for an idle one in April", NAT, IDLE),
            Claim(10, "730 hours", "gateway", "dollars for an idle one, 730 h", NAT, IDLE),
            Claim(10, "a month of 31 days", "gateway", "dollars for an idle one in January", NAT, IDLE),
        ),
    )
    sometimes = (
        tuple(_month(1, "sizes", machine, "a") for machine in ("t3.micro", "t3.small", "t3.medium")),
        tuple(_month(2, "m5", machine, "an") for machine in ("m5.large", "m5.xlarge")),
        (
            Claim(3, "730 hours", "micro", "dollars for a t3.micro, 730 h", _hour("t3.micro")),
            Claim(3, "a month of 30 days", "micro", "dollars for a t3.micro, all April", _hour("t3.micro")),
            Claim(3, "a month of 31 days", "micro", "dollars for a t3.micro, all January", _hour("t3.micro")),
        ),
        (Claim(5, "8 hours", "day", "dollars for 8 h", _GPU),),
        (
            Claim(8, "20 p3.2xlarge", "twenty", "dollars for 20 p3.2xlarge, 1 h", _GPU),
            Claim(8, "20 m5.xlarge", "twenty", "dollars for 20 m5.xlarge, 1 h", _hour("m5.xlarge")),
        ),
        (
            Claim(11, "GB for $50", "moderate", "GB a month at which it is 50 dollars, 730 h", SPENT),
            Claim(11, "GB for $100", "moderate", "GB a month at which it is 100 dollars, 730 h", SPENT),
        ),
        tuple(
            Claim(24, f"t3.{size}", "credits", f"credits that a t3.{size} earns an hour", note=T3_CREDITS)
            for size in ("micro", "small", "medium", "large")
        ),
    )
