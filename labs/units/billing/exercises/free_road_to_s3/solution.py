import boto3

ec2 = boto3.client("ec2")
named = [{"Name": "tag:Name", "Values": ["{{name}}"]}]
table = ec2.describe_route_tables(Filters=named)["RouteTables"][0]
ec2.create_vpc_endpoint(
    VpcId=table["VpcId"],
    ServiceName="com.amazonaws.us-east-1.s3",
    RouteTableIds=[table["RouteTableId"]],
)
ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")
for gateway in ec2.describe_nat_gateways()["NatGateways"]:
    ec2.delete_nat_gateway(NatGatewayId=gateway["NatGatewayId"])
for address in ec2.describe_addresses()["Addresses"]:
    ec2.release_address(AllocationId=address["AllocationId"])
