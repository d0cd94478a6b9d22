import boto3


def still_billing(regions):
    """The ids of everything in these Regions that still costs money."""
    found = []
    ec2 = boto3.client("ec2")
    for reservation in ec2.describe_instances()["Reservations"]:
        for instance in reservation["Instances"]:
            print(instance["InstanceId"], instance["State"]["Name"])
    return found
