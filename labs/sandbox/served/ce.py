"""Cost Explorer, answered from what the world has metered; moto answers it from a list that somebody fills.

Source: AWS Cost Management API Reference, "GetCostAndUsage", "GetCostForecast", "GetUsageForecast",
"GetDimensionValues" and "GetTags". Costs are at list prices, each account's on its own.
"""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from labs.aws.billing.money import add, plain, shown, times, total
from labs.aws.billing.periods import month_of
from labs.sandbox.metering.costs import Spent, Table, costs_between
from labs.sandbox.metering.dimensions import Kind, normalized_factor, unit_of
from labs.sandbox.metering.forecast import Forecast, days_of
from labs.sandbox.metering.spending import first_use
from labs.sandbox.organization import paid_by
from labs.sandbox.served.ask import Ask, Handler, Key
from labs.sandbox.served.ce_filters import dimension, filter_from, groups_from, invalid
from labs.sandbox.served.ce_times import cut, future, past, unavailable, written

__all__ = ["HANDLERS"]

_COSTS: Final = ("AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost")
_METRICS: Final = (*_COSTS, "NormalizedUsageAmount", "UsageQuantity")
_PLACES: Final = 10
_COST_METRICS: Final = frozenset(
    ("AMORTIZED_COST", "BLENDED_COST", "NET_AMORTIZED_COST", "NET_UNBLENDED_COST", "UNBLENDED_COST")
)
_USAGE_METRICS: Final = frozenset(("NORMALIZED_USAGE_AMOUNT", "USAGE_QUANTITY"))


# -- cost and usage ----------------------------------------------------------------------------------------


def _cost_and_usage(ask: Ask) -> Mapping[str, Any]:
    params = ask.params
    start, end, granularity = past(params, ask.now)
    metrics = _metrics(ask.texts("Metrics"))
    wanted = filter_from(params.get("Filter"))
    definitions = params.get("GroupBy") or ()
    groups = groups_from(definitions)
    moments = cut(start, end, granularity)
    tables = _tables(ask, moments)
    month = month_of(ask.now).start
    results = []
    for place, table in enumerate(tables):
        kept = {kind: spent for kind, spent in table.items() if wanted(kind)}
        results.append(
            {
                "TimePeriod": written(moments[place], moments[place + 1], granularity),
                "Total": {} if groups else _measured(kept, metrics),
                "Groups": _grouped(kept, groups, metrics) if groups else [],
                "Estimated": moments[place + 1] > month,
            }
        )
    answer: dict[str, Any] = {"ResultsByTime": results, "DimensionValueAttributes": []}
    if groups:
        answer["GroupDefinitions"] = [{"Type": each["Type"], "Key": each["Key"]} for each in definitions]
    if any(each.get("Key") == "LINKED_ACCOUNT" for each in definitions):
        answer["DimensionValueAttributes"] = [_account(each) for each in paid_by(ask.account)]
    return answer


def _tables(ask: Ask, moments: Sequence[datetime]) -> tuple[Table, ...]:
    """What all accounts whose costs the caller sees spent between each two moments."""
    metering, accounts = ask.state.metering, paid_by(ask.account)
    parts = (costs_between(metering, account, moments, ask.now) for account in accounts)
    return tuple(dict(ChainMap(*map(dict, tables))) for tables in zip(*parts, strict=True))


def _account(account: str) -> dict[str, Any]:
    return {"Value": account, "Attributes": {"description": account}}


def _metrics(names: Sequence[str]) -> tuple[str, ...]:
    """The metrics that are asked for; AWS's tools also write them as UNBLENDED_COST."""
    found = []
    for name in names:
        plainly = "".join(word.capitalize() for word in name.split("_")) if name.isupper() else name
        if plainly not in _METRICS:
            raise invalid(f"Metrics is invalid. Valid values for metric are {', '.join(_METRICS)}")
        found.append(plainly)
    if not found:
        raise invalid("Metrics is invalid. At least one metric must be specified")
    return tuple(dict.fromkeys(found))


def _grouped(
    table: Table, groups: Sequence[Callable[[Kind], str]], metrics: Sequence[str]
) -> list[dict[str, Any]]:
    parts: dict[tuple[str, ...], dict[Kind, Spent]] = defaultdict(dict)
    for kind, spent in table.items():
        parts[tuple(read(kind) for read in groups)][kind] = spent
    return [{"Keys": list(keys), "Metrics": _measured(parts[keys], metrics)} for keys in sorted(parts)]


def _measured(table: Table, metrics: Iterable[str]) -> dict[str, dict[str, str]]:
    measured = {}
    for metric in metrics:
        if metric in _COSTS:
            amount, unit = total(spent.cost for spent in table.values()), "USD"
        elif metric == "UsageQuantity":
            amount, unit = total(spent.quantity for spent in table.values()), _one(map(unit_of, table))
        else:
            amount = Decimal(0)
            for kind, spent in table.items():
                amount = add(amount, times(spent.quantity, normalized_factor(kind)))
            unit = "N/A"
        measured[metric] = {"Amount": _amount(amount), "Unit": unit}
    return measured


def _one(units: Iterable[str]) -> str:
    """The unit of all; N/A where there are several, whose sum means nothing."""
    found = set(units)
    return found.pop() if len(found) == 1 else "N/A"


def _amount(amount: Decimal) -> str:
    return plain(shown(amount, _PLACES))


# -- what there is to filter by ----------------------------------------------------------------------------


def _kinds(ask: Ask) -> dict[Kind, Spent]:
    """All that was spent in the time of a request, as far as its filter lets it through."""
    start, end, _ = past(ask.params, ask.now, "DAILY")
    wanted = filter_from(ask.params.get("Filter"))
    (table,) = _tables(ask, (start, end))
    return {kind: spent for kind, spent in table.items() if wanted(kind)}


def _dimension_values(ask: Ask) -> Mapping[str, Any]:
    name = ask.text("Dimension")
    read = dimension(name)
    values = _found(ask, {value for kind in _kinds(ask) if (value := read(kind))})
    told = [
        _account(value) if name == "LINKED_ACCOUNT" else {"Value": value, "Attributes": {}}
        for value in values
    ]
    return {"DimensionValues": told, "ReturnSize": len(told), "TotalSize": len(told)}


def _tags(ask: Ask) -> Mapping[str, Any]:
    key = ask.text("TagKey")
    tagged = [dict(kind.where.tags) for kind in _kinds(ask)]
    if key:
        found = {tags.get(key, "") for tags in tagged} if any(key in tags for tags in tagged) else set()
    else:
        found = {name for tags in tagged for name in tags}
    values = _found(ask, found)
    return {"Tags": values, "ReturnSize": len(values), "TotalSize": len(values)}


def _found(ask: Ask, values: Iterable[str]) -> list[str]:
    wanted = ask.text("SearchString").casefold()
    return sorted(value for value in values if wanted in value.casefold())


# -- forecasts ---------------------------------------------------------------------------------------------


def _cost_forecast(ask: Ask) -> Mapping[str, Any]:
    metric = ask.text("Metric")
    if metric not in _COST_METRICS:
        raise invalid(f"Metric is invalid. Valid values for metric are {', '.join(sorted(_COST_METRICS))}")
    return _forecast(ask, lambda _, spent: spent.cost, "USD")


def _usage_forecast(ask: Ask) -> Mapping[str, Any]:
    metric = ask.text("Metric")
    if metric not in _USAGE_METRICS:
        raise invalid(f"Metric is invalid. Valid values for metric are {', '.join(sorted(_USAGE_METRICS))}")
    if metric == "NORMALIZED_USAGE_AMOUNT":
        return _forecast(ask, lambda kind, spent: times(spent.quantity, normalized_factor(kind)), "N/A")
    return _forecast(ask, lambda _, spent: spent.quantity, None)


def _forecast(ask: Ask, measure: Callable[[Kind, Spent], Decimal], unit: str | None) -> Mapping[str, Any]:
    start, end, granularity = future(ask.params, ask.now)
    wanted = filter_from(ask.params.get("Filter"))
    since = min(first_use(ask.state.metering, each, ask.now) for each in paid_by(ask.account))
    days = days_of(since, ask.now)
    tables = _tables(ask, days) if len(days) > 1 else ()
    kept = [{kind: spent for kind, spent in table.items() if wanted(kind)} for table in tables]
    known = Forecast(days, [total(measure(kind, spent) for kind, spent in each.items()) for each in kept])
    if not known.possible:
        raise unavailable()
    level = ask.params.get("PredictionIntervalLevel")
    moments = cut(start, end, granularity)
    results = []
    for low, high in pairwise(moments):
        told = {"TimePeriod": written(low, high, granularity), "MeanValue": _amount(known.mean(low, high))}
        if level is not None:
            lower, upper = known.bounds(low, high, int(level))
            told["PredictionIntervalLowerBound"] = _amount(lower)
            told["PredictionIntervalUpperBound"] = _amount(upper)
        results.append(told)
    unit = unit or _one(unit_of(kind) for each in kept for kind in each)
    return {
        "Total": {"Amount": _amount(known.mean(start, end)), "Unit": unit},
        "ForecastResultsByTime": results,
    }


HANDLERS: Mapping[Key, Handler] = {
    ("ce", "GetCostAndUsage"): _cost_and_usage,
    ("ce", "GetCostForecast"): _cost_forecast,
    ("ce", "GetUsageForecast"): _usage_forecast,
    ("ce", "GetDimensionValues"): _dimension_values,
    ("ce", "GetTags"): _tags,
}
