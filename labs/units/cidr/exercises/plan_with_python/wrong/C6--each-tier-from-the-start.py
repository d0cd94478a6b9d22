from ipaddress import ip_network


def plan(vpc, zones, tiers):
    whole = ip_network(vpc)
    subnets = []
    for tier, hosts in tiers.items():
        prefix = min(28, 32 - (hosts + 4).bit_length())
        blocks = whole.subnets(new_prefix=prefix)
        try:
            for zone in zones:
                subnets.append({"tier": tier, "zone": zone, "cidr": str(next(blocks))})
        except StopIteration:
            return None
    return subnets
