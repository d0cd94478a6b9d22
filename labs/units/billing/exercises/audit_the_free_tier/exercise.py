"""Audit what a handout says of what is free, and for whom."""

from __future__ import annotations

from labs.units.billing.audits import T3_CREDITS, AuditExercise, Claim

MICRO = (("t3.micro, an hour", "ec2.instance:t3.micro"),)
SMALL = (("t3.small, an hour", "ec2.instance:t3.small"),)
LAMBDA = (
    ("Lambda, a million requests", "lambda.requests:x86"),
    ("Lambda, a GB-second", "lambda.duration:x86"),
)
SHARED = ("0", "B2", "750 hours are for the account. Both machines draw on them.")


class AuditTheFreeTier(AuditExercise):
    title = "Audit the handout: what is free"
    minutes = 14
    points = 10

    always = (
        (
            Claim(13, "hours of two t3.micro", "two", "hours charged for two t3.micro", MICRO, SHARED),
            Claim(13, "dollars of two t3.micro", "two", "dollars for two t3.micro", MICRO, SHARED),
        ),
        (
            Claim(
                18,
                "hours charged of both together",
                "both",
                "hours charged for one t3.micro and one t2.micro together",
                (),
                SHARED,
            ),
        ),
    )
    sometimes = (
        (
            Claim(14, "hours used of 750", "one", "hours that one t3.micro takes of the 750"),
            Claim(14, "hours to spare", "one", "hours that one t3.micro leaves of the 750"),
        ),
        (
            Claim(
                19, "in the eleventh year", "downloads", "dollars for 100 GB, in the account's eleventh year"
            ),
        ),
        (
            Claim(
                4,
                "without Free Tier",
                "function",
                "dollars for them, with nothing free",
                LAMBDA,
            ),
            Claim(
                4,
                "with what is always free",
                "function",
                "dollars for them, with what is always free",
                LAMBDA,
            ),
        ),
        (
            Claim(3, "730 hours", "micro", "dollars for a t3.micro, 730 h, nothing free", MICRO),
            Claim(3, "a month of 30 days", "micro", "dollars for a t3.micro, all April, nothing free", MICRO),
            Claim(
                3, "a month of 31 days", "micro", "dollars for a t3.micro, all January, nothing free", MICRO
            ),
        ),
        (
            Claim(1, "t3.small", "sizes", "dollars for a t3.small, 730 h, nothing free", SMALL),
            Claim(1, "t3.micro", "sizes", "dollars for a t3.micro, 730 h, nothing free", MICRO),
        ),
        tuple(
            Claim(24, f"t3.{size}", "credits", f"CPU credits that a t3.{size} earns an hour", note=T3_CREDITS)
            for size in ("micro", "small", "medium", "large")
        ),
    )
