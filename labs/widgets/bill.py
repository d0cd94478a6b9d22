"""A month's bill that follows sliders: each line explained, a curve of the cost, and what a change does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import escape
from typing import Final

import ipywidgets

from labs.aws.billing import Account, Bill, Comparison, Usage, bill, what_if
from labs.aws.billing.account import FreeTier
from labs.aws.billing.charges import Item
from labs.aws.billing.compute import Ec2Instance
from labs.aws.billing.money import shown
from labs.aws.billing.network import Ipv4, NatGateway, Transfer
from labs.aws.billing.storage import EbsVolume
from labs.widgets.drawing import Point, curve_strokes
from labs.widgets.look import LABEL, styled, wide

__all__ = ["MONTH", "BillExplorer", "Design", "bill_html", "cost_by_hours", "usage_of"]

MONTH: Final = datetime(2026, 1, 1, tzinfo=UTC)
HOURS: Final = 744
"""Hours in January."""
TYPES: Final = ("t3.micro", "t3.small", "t3.medium", "m5.large", "c5.xlarge", "p3.2xlarge")
FREE_TIERS: Final = (
    ("none", "none"),
    ("an older account: monthly hours", "legacy"),
    ("a newer account: credits", "credits"),
)


@dataclass(frozen=True, slots=True)
class Design:
    """One machine and what stands around it, in January 2026, which has 744 hours.

    `hours` is how long the instance runs, `gib` the size of its gp3 volume, `out_gb` what goes to the
    internet, `zone_gb` what goes to another zone. Volume, address and gateway are there all month.
    """

    type: str = "t3.micro"
    hours: int = HOURS
    gib: int = 8
    address: bool = True
    gateway: bool = False
    out_gb: int = 0
    zone_gb: int = 0
    free_tier: FreeTier = "none"


def usage_of(design: Design) -> Usage:
    """What a design uses in the month, as it is metered."""
    items: list[Item] = [
        EbsVolume(type="gp3", gib=Decimal(design.gib)),
        Transfer(path="internet-out", gb=Decimal(design.out_gb)),
        Transfer(path="cross-az", gb=Decimal(design.zone_gb)),
    ]
    if design.hours:
        end = MONTH + timedelta(hours=design.hours)
        items.append(Ec2Instance(type=design.type, start=MONTH, end=end))
    if design.address:
        items.append(Ipv4())
    if design.gateway:
        items += [NatGateway(gb=Decimal(0)), Ipv4()]
    return Usage(tuple(items), Account(design.free_tier), MONTH, MONTH + timedelta(hours=HOURS))


def cost_by_hours(design: Design, steps: int = 12) -> tuple[Point, ...]:
    """What the design costs by the hours that the instance runs, in so many steps and at its own hours."""
    hours = {HOURS * step // steps for step in range(steps + 1)} | {design.hours}
    return tuple((each, bill(usage_of(replace(design, hours=each))).total) for each in sorted(hours))


def bill_html(
    found: Bill, points: Sequence[Point] = (), hours: int | None = None, change: Comparison | None = None
) -> str:
    """A bill as one HTML fragment: total, services, lines; the curve and the change where they are given."""
    total = f'<div class="total">${shown(found.total):,} <span class="quiet">in January, 744 h</span></div>'
    return styled(
        "bill", f"{total}{_services(found)}{_lines(found)}{_changed(change)}{_curve(points, hours)}"
    )


def _services(found: Bill) -> str:
    most = max((cost for _, cost in found.subtotals), default=Decimal(0))
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td class="bar"><i style="width:{_share(cost, most)}%"></i>'
        f'</td><td class="number">{_dollars(cost)}</td></tr>'
        for label, cost in found.subtotals
    )
    return f'<table class="bars">{rows}</table>'


def _share(cost: Decimal, most: Decimal) -> str:
    return f"{max(0, 100 * cost / most):.2f}" if most > 0 else "0"


def _lines(found: Bill) -> str:
    rows = "".join(
        f'<tr><td class="number">{_dollars(line.cost, 4)}</td><td>{escape(line.sentence)}</td></tr>'
        for line in found.lines
    )
    return (
        f"<table>{rows}</table>" if rows else '<div class="quiet">Nothing was used that costs anything.</div>'
    )


def _changed(change: Comparison | None) -> str:
    if change is None:
        return ""
    rows = "".join(
        f'<tr><td class="number">{_signed(each.delta)}</td><td>{escape(each.line.subject)}</td></tr>'
        for each in change.differences
    )
    return (
        f'<div class="headline">{_signed(change.delta)} against the design that was kept, '
        f"${shown(change.before.total):,}</div><table>{rows}</table>"
    )


def _curve(points: Sequence[Point], hours: int | None) -> str:
    if not points:
        return ""
    return (
        '<div class="curve-title quiet">The month’s bill by the hours that the instance runs</div>'
        f'<svg viewBox="0 0 720 190" width="720" role="img" aria-label="A curve of the cost">'
        f"{curve_strokes(points, at=hours)}</svg>"
    )


def _dollars(amount: Decimal, places: int = 2) -> str:
    return f"{'-' if amount < 0 else ''}${shown(abs(amount), places):,}"


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else '-' if amount < 0 else ''}${shown(abs(amount)):,}"


class BillExplorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets publishes no types
    """A machine and what stands around it, on sliders; the bill follows. Keep a design, then change it.

    Args:
        design: where the sliders stand at first.
    """

    def __init__(self, design: Design | None = None) -> None:
        first = design or Design()
        self.type = _choice(TYPES, first.type, "instance")
        self.hours = _slider(first.hours, HOURS, "hours it runs")
        self.gib = _slider(first.gib, 1000, "volume, GiB")
        self.out_gb = _slider(first.out_gb, 2000, "to internet, GB")
        self.zone_gb = _slider(first.zone_gb, 2000, "to a zone, GB")
        self.address = ipywidgets.Checkbox(first.address, description="a public IPv4 address", indent=False)
        self.gateway = ipywidgets.Checkbox(
            first.gateway, description="a NAT gateway, with its address", indent=False
        )
        self.free_tier = _choice(FREE_TIERS, first.free_tier, "Free Tier")
        self.keep = ipywidgets.Button(description="Keep this design")
        self.forget = ipywidgets.Button(description="Forget it", disabled=True)
        self.bill = ipywidgets.HTML()
        self.kept: Design | None = None
        self.settings = {
            "type": self.type,
            "hours": self.hours,
            "gib": self.gib,
            "out_gb": self.out_gb,
            "zone_gb": self.zone_gb,
            "address": self.address,
            "gateway": self.gateway,
            "free_tier": self.free_tier,
        }
        for setting in self.settings.values():
            setting.observe(self._refresh, names="value")
        self.keep.on_click(lambda _: self._keep(self.design))
        self.forget.on_click(lambda _: self._keep(None))
        super().__init__([*self.settings.values(), ipywidgets.HBox([self.keep, self.forget]), self.bill])
        self._refresh()

    @property
    def design(self) -> Design:
        """What the sliders say now."""
        return Design(**{name: setting.value for name, setting in self.settings.items()})

    def _keep(self, design: Design | None) -> None:
        self.kept = design
        self.forget.disabled = design is None
        self._refresh()

    def _refresh(self, _change: object = None) -> None:
        design = self.design
        usage = usage_of(design)
        change = what_if(usage_of(self.kept), lambda _: usage) if self.kept else None
        self.bill.value = bill_html(bill(usage), cost_by_hours(design), design.hours, change)


def _slider(value: int, most: int, name: str) -> ipywidgets.IntSlider:
    return ipywidgets.IntSlider(value, min=0, max=most, description=name, layout=wide(), style=LABEL)


def _choice(options: Sequence[object], value: str, name: str) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(options=options, value=value, description=name, layout=wide(), style=LABEL)
