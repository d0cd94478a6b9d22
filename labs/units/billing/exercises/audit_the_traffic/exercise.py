"""Audit what a handout says of traffic and storage: of zones, Regions, gateways and buckets."""

from __future__ import annotations

from labs.units.billing.audits import AuditExercise, Claim

ZONES = (("between two zones, a GB, at each end", "transfer:cross-az"),)
ABROAD = (
    ("to another Region, a GB", "transfer:cross-region"),
    ("from N. Virginia to Ohio, a GB", "transfer:cross-region:us-east-2"),
)
OUT = ("from N. Virginia to the internet, a GB", "transfer:internet-out")
GP3 = (("gp3, a GB-month", "ebs.storage:gp3"),)
S3 = (("S3, a GB-month", "s3.storage"),)
SPENT = (("NAT gateway, an hour", "nat.hours"), ("NAT gateway, a GB", "nat.bytes"))
ENDS = ("0", "B6", "It stays within AWS, and is billed at both ends.")
LEAVES = ("0", "B6", "It stays within AWS, and is billed where it leaves the Region.")


class AuditTheTraffic(AuditExercise):
    title = "Audit the handout: traffic"
    minutes = 14
    points = 10

    always = (
        (
            Claim(
                15,
                "a GB moved, by the later page",
                "zones",
                "dollars for one GB, from a zone to another",
                ZONES,
                ENDS,
            ),
        ),
        (
            Claim(
                16,
                "to Ireland, by the first page",
                "regions",
                "dollars for one GB to Ireland",
                ABROAD,
                LEAVES,
            ),
            Claim(16, "at most, by the later page", "regions", "dollars for one GB to Tokyo", ABROAD, LEAVES),
            Claim(16, "to Ohio", "regions", "dollars for one GB to Ohio", ABROAD, LEAVES),
        ),
    )
    sometimes = (
        (Claim(7, "500 GB", "forgotten", "dollars for 500 GB, all month", S3),),
        (
            Claim(9, "2,250 GB to another Region", "replica", "dollars for 2,250 GB to Ireland", ABROAD),
            Claim(9, "500 GB to another Region", "replica", "dollars for 500 GB to Ireland", ABROAD),
            Claim(9, "500 GB to the internet", "replica", "dollars for 500 GB to the internet", (OUT,)),
        ),
        (
            Claim(11, "GB for $50", "moderate", "GB a month at which it is 50 dollars, 730 h", SPENT),
            Claim(11, "GB for $100", "moderate", "GB a month at which it is 100 dollars, 730 h", SPENT),
        ),
        (
            Claim(12, "100 GB of gp3", "hundred", "dollars for 100 GB of gp3", GP3),
            Claim(12, "100 GB in S3", "hundred", "dollars for 100 GB in S3", S3),
            Claim(12, "50 GB in S3", "hundred", "dollars for 50 GB in S3", S3),
        ),
        (
            Claim(
                17,
                "egress from São Paulo, % more",
                "elsewhere",
                "per cent by which a GB to the internet is dearer from São Paulo",
                (OUT, ("from São Paulo to the internet, a GB", "transfer:internet-out@sa-east-1")),
            ),
        ),
        (
            Claim(
                19,
                "in the eleventh year",
                "downloads",
                "dollars for 100 GB to the internet, in the account's eleventh year",
                (OUT,),
            ),
        ),
    )
