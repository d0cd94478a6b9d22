from ipaddress import ip_network


def prefix_for(hosts):
    """The prefix length of the smallest subnet for so many hosts."""
    # Which of these does AWS make, and how many addresses does it keep?
    ...


def plan(vpc, zones, tiers):
    """A subnet for each tier in each zone, or None if they do not fit."""
    whole = ip_network(vpc)
    place = int(whole.network_address)
    subnets = []
    # Which order leaves no gaps?
    for tier, hosts in tiers.items():
        for zone in zones:
            ...
    return subnets
