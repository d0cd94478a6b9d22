import boto3

note = boto3.client("s3").get_object(Bucket="{{bucket}}", Key="{{note}}")["Body"].read().decode()
_, volume, _, user = note.split()

ec2 = boto3.client("ec2")
named = [{"Name": "tag:Name", "Values": ["{{label}}"]}]
for each in ec2.describe_volumes(Filters=named)["Volumes"]:
    ec2.delete_volume(VolumeId=each["VolumeId"])

# The path stands between the type and the name.
_, *path, name = user.split(":", 5)[5].split("/")
boto3.client("iam").create_user(UserName=name, Path="/" + "".join(f"{each}/" for each in path))
