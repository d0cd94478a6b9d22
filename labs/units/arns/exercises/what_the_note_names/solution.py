import boto3

note = boto3.client("s3").get_object(Bucket="{{bucket}}", Key="{{note}}")["Body"].read().decode()
_, volume, _, user = note.split()

# The Region is in the ARN, and the client has to speak to that one.
region, resource = volume.split(":", 5)[3], volume.split(":", 5)[5]
boto3.client("ec2", region_name=region).delete_volume(VolumeId=resource.split("/")[1])

# The path stands between the type and the name.
_, *path, name = user.split(":", 5)[5].split("/")
boto3.client("iam").create_user(UserName=name, Path="/" + "".join(f"{each}/" for each in path))
