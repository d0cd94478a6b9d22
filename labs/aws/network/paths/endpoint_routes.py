"""The routes that AWS itself writes into route tables: those of gateway endpoints.

Source: AWS PrivateLink Guide, "Gateway endpoints", section "Routing".
"""

from __future__ import annotations

from dataclasses import replace

from labs.aws.network.paths.network import Network
from labs.aws.network.paths.values import Endpoint, PrefixList, Route, TargetKind

__all__ = ["with_endpoint_routes"]


def with_endpoint_routes(network: Network, endpoint: Endpoint) -> Network:
    """The network with a route to the endpoint in each table that it is associated with.

    A route for the same prefix list gives way; a prefix list that nobody describes goes by its service.
    """
    lists = [each.id for each in network.prefix_lists.values() if each.name == endpoint.service]
    prefix_list = next(iter(lists), f"pl-{endpoint.service}")
    tables = dict(network.route_tables)
    for id in endpoint.route_tables:
        table = tables[id]
        if not any(each.target == endpoint.id for each in table.routes):
            others = tuple(each for each in table.routes if each.destination != prefix_list)
            route = Route(prefix_list, TargetKind.ENDPOINT, endpoint.id)
            tables[id] = replace(table, routes=(*others, route))
    if tables == network.route_tables:
        return network
    known = {**network.prefix_lists}
    known.setdefault(prefix_list, PrefixList(prefix_list, endpoint.service))
    return replace(network, route_tables=tables, prefix_lists=known)
