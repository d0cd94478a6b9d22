import boto3

ec2 = boto3.client("ec2")
named = [{"Name": "tag:Name", "Values": ["{{name}}"]}]
table = ec2.describe_route_tables(Filters=named)["RouteTables"][0]
ec2.create_vpc_endpoint(
    VpcId=table["VpcId"],
    ServiceName="com.amazonaws.us-east-1.s3",
    RouteTableIds=[table["RouteTableId"]],
)
