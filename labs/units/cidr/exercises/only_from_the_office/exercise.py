"""Complete a policy whose only blank is a block: the addresses of an office, and nobody else's."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from labs.course import Ask, PolicyExercise, Rule, Variant

if TYPE_CHECKING:
    from labs.aws.iam import Decision, Policy

ELSEWHERE = ("1.1.1.1", "8.8.8.8", "100.64.0.9", "192.88.99.1")
LAST_IN_A_24 = 255


class OnlyFromTheOffice(PolicyExercise):
    title = "Only from the office"
    minutes = 6
    points = 6

    def values(self, rng: random.Random) -> Mapping[str, Any]:
        from labs.aws.network.addresses import Block

        prefix = rng.choice((26, 27, 28))
        size = 1 << (32 - prefix)
        # In the middle of its /24: there is a neighbour on either side.
        start = rng.randrange(1, 256 // size - 1) * size
        net = rng.choice(("192.0.2", "198.51.100", "203.0.113"))
        office = Block.parse(f"{net}.{start}/{prefix}")
        mirrored = 48 - prefix
        return {
            "bucket": f"{rng.choice(('plans', 'drawings', 'minutes', 'ledgers'))}-{rng.randrange(16**4):04x}",
            "block": str(office),
            "net": net,
            "prefix": prefix,
            "size": size,
            "first": str(office[0]),
            "last": str(office[-1]),
            "middle": str(office[size // 2]),
            "before": f"{net}.{start - 1}",
            "behind": f"{net}.{start + size}",
            "mirrored": f"{office[0]}/{mirrored}",
            "mirrored_prefix": mirrored,
            "steps": prefix - 24,
        }

    def principal(self, variant: Variant) -> str:
        return "arn:aws:iam::123456789012:user/frida"

    def rules(self, variant: Variant) -> tuple[Rule, ...]:
        v = variant.values

        def reading(*addresses: str) -> tuple[Ask, ...]:
            key = f"arn:aws:s3:::{v['bucket']}/2026/plan.pdf"
            return tuple(Ask("s3:GetObject", key, {"aws:SourceIp": each}) for each in addresses)

        return (
            Rule(
                "frida reads from every address of the office",
                4,
                True,
                reading(v["first"], v["middle"], v["last"]),
                "This address is the office's. The block does not hold it, or the text is no block.",
            ),
            Rule(
                "but not from next door",
                1,
                False,
                reading(v["before"], v["behind"]),
                f"The office has {v['size']} addresses. The block holds others as well.",
            ),
            Rule(
                "nor from anywhere else",
                1,
                False,
                reading(f"{v['net']}.{LAST_IN_A_24}", *ELSEWHERE),
                "The block holds addresses of people who have nothing to do with the office.",
            ),
        )

    def diagnose(self, policy: Policy, rule: Rule, ask: Ask, decision: Decision) -> str | None:
        if rule.allowed:
            return None
        prefixes = list(_prefixes(policy.document))
        if 0 in prefixes:
            return "C15"
        # Three steps the wrong way from /24, as if a smaller number were a smaller network.
        return "C2" if any(16 <= each < 24 for each in prefixes) else None


def _prefixes(document: Any) -> Iterator[int]:
    """The prefix lengths of the blocks that stand in a document."""
    from labs.aws.network.addresses import AddressError, Block

    if isinstance(document, Mapping):
        document = list(document.values())
    if isinstance(document, list | tuple):
        for each in document:
            yield from _prefixes(each)
    elif isinstance(document, str) and "/" in document and "arn:" not in document:
        try:
            yield Block.parse(document).prefix
        except AddressError:
            return
