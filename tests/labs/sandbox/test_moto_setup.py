"""How a world begins; its ids follow from its seed and the number of the change alone."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labs.aws.arn import Arn
from labs.sandbox import moto_setup, moto_types, principals
from labs.sandbox.gate import Gate
from labs.sandbox.state import WorldState
from labs.sandbox.values import ACCOUNT, REGION

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"},
        ],
    }
)
READ = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
)
# What differs between two runs for a good reason: time passes, and RSA keys come from the system.
_PASSING = {"ResponseMetadata", "KeyMaterial", "KeyFingerprint"}
_TIME = re.compile(r"\d{4}-\d\d-\d\d.\d\d:\d\d:\d\d|date|time", re.IGNORECASE)

Clients = Callable[[str], Any]


@pytest.fixture
def begin(in_process: Callable[[Any], Any]) -> Iterator[Callable[[int], Clients]]:
    """Start a world with a seed; what comes back makes clients of its admin."""

    def start(seed: int) -> Clients:
        moto_setup.reset_state(seed)
        state = WorldState(seed=seed)
        state.journal.mark()
        wires = in_process(Gate(state))
        admin = principals.admin_credential()
        return lambda service: wires.client(service, admin.access_key_id, admin.secret)

    yield start
    moto_setup.reset_state(0)


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(zipfile.ZipInfo("app.py", (2026, 1, 1, 0, 0, 0)), "def handler(event, context): pass")
    return buffer.getvalue()


def thirty_calls(client: Clients, *, looking_around: bool = False) -> dict[str, Any]:
    """Thirty changes in nine services, and what each answered."""
    made: dict[str, Any] = {}
    s3, iam, sts, ec2 = (client(name) for name in ("s3", "iam", "sts", "ec2"))
    sqs, sns, table, functions, rds = (client(name) for name in ("sqs", "sns", "dynamodb", "lambda", "rds"))

    def do(call: Any, /, **params: Any) -> Any:
        if looking_around:
            ec2.describe_vpcs()
            iam.list_users()
        answer = call(**params)
        made[f"{len(made)} {call.__name__}"] = {k: v for k, v in answer.items() if k not in _PASSING}
        return answer

    do(iam.create_user, UserName="ann", Path="/staff/")
    do(iam.create_access_key, UserName="ann")
    do(iam.create_group, GroupName="staff")
    do(iam.create_policy, PolicyName="read", PolicyDocument=READ)
    role = do(iam.create_role, RoleName="app", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    do(iam.create_instance_profile, InstanceProfileName="app")
    do(iam.create_virtual_mfa_device, VirtualMFADeviceName="phone")
    do(sts.assume_role, RoleArn=role, RoleSessionName="one")
    do(s3.create_bucket, Bucket="basket")
    do(s3.put_bucket_versioning, Bucket="basket", VersioningConfiguration={"Status": "Enabled"})
    do(s3.put_object, Bucket="basket", Key="a", Body=b"one")
    do(s3.put_object, Bucket="basket", Key="a", Body=b"two")
    do(s3.delete_object, Bucket="basket", Key="a")
    do(s3.create_multipart_upload, Bucket="basket", Key="b")
    vpc = do(ec2.create_vpc, CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    do(ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.1.0/24")
    do(ec2.create_security_group, VpcId=vpc, GroupName="web", Description="web")
    do(ec2.create_internet_gateway)
    do(ec2.allocate_address)
    do(ec2.create_key_pair, KeyName="door")
    image = image_of(ec2)
    # The client would make up a token.
    launch = {"InstanceType": "t3.micro", "MinCount": 2, "MaxCount": 2, "ClientToken": "once"}
    do(ec2.run_instances, ImageId=image, **launch)
    do(ec2.create_volume, Size=1, AvailabilityZone="us-east-1a")
    queue = do(sqs.create_queue, QueueName="jobs")["QueueUrl"]
    do(sqs.send_message, QueueUrl=queue, MessageBody="hello")
    do(sqs.receive_message, QueueUrl=queue)
    topic = do(sns.create_topic, Name="news")["TopicArn"]
    do(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="ann@example.com")
    do(
        table.create_table,
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    do(
        functions.create_function,
        FunctionName="hello",
        Runtime="python3.12",
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": archive()},
    )
    do(
        rds.create_db_instance,
        DBInstanceIdentifier="books",
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="ann",
        ManageMasterUserPassword=True,
    )
    return made


def image_of(ec2: Any) -> str:
    images = ec2.describe_images(Filters=[{"Name": "name", "Values": ["al2023-*-x86_64"]}])["Images"]
    return str(images[0]["ImageId"])


def timeless(value: Any) -> Any:
    """A value without what says when it was made."""
    if isinstance(value, dict):
        return {k: timeless(v) for k, v in value.items() if not _TIME.search(k) and k not in _PASSING}
    if isinstance(value, list):
        return [timeless(each) for each in value]
    return value if isinstance(value, str | int | bool) and not _TIME.search(str(value)) else type(value)


# -- ids -------------------------------------------------------------------------------------------------


def test_the_same_thirty_calls_make_the_same_ids(begin: Callable[[int], Clients]) -> None:
    first = timeless(thirty_calls(begin(3)))
    assert len(first) == 30
    assert timeless(thirty_calls(begin(3))) == first


def test_reads_between_the_calls_shift_no_ids(begin: Callable[[int], Clients]) -> None:
    assert timeless(thirty_calls(begin(3), looking_around=True)) == timeless(thirty_calls(begin(3)))


def test_another_seed_makes_other_ids(begin: Callable[[int], Clients]) -> None:
    ids = []
    for seed in (3, 4):
        client = begin(seed)
        user = client("iam").create_user(UserName="ann")["User"]["UserId"]
        ids.append((user, client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]))
    (ann, vpc), (other_ann, other_vpc) = ids
    assert ann != other_ann
    assert vpc != other_vpc


def test_ids_are_the_same_in_another_process() -> None:
    """No id may hang on how Python hashes strings, which differs from process to process."""
    script = (
        "from labs.sandbox import moto_setup, principals\n"
        "moto_setup.reset_state(5)\n"
        "from moto.ec2.models import ec2_backends\n"
        "ec2 = ec2_backends['123456789012']['us-east-1']\n"
        "print(principals.admin_credential().access_key_id, ec2.get_default_vpc().id,\n"
        "      *sorted(subnet.id for subnet in ec2.describe_subnets()))\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_threads_draw_from_sources_of_their_own() -> None:
    moto_setup.dispatcher()
    from moto.moto_api._internal import mock_random

    def drawn(number: int, meet: Callable[[], object] = lambda: None) -> list[str]:
        with moto_setup.randomness(1, number):
            ids = []
            for _ in range(50):
                meet()
                ids.append(f"{mock_random.get_random_hex(17)} {mock_random.uuid4()}")
            return ids

    together: dict[int, list[str]] = {}
    barrier = threading.Barrier(4)
    threads = [
        threading.Thread(target=lambda number=number: together.update({number: drawn(number, barrier.wait)}))
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == {number: drawn(number) for number in range(4)}


def test_a_read_draws_what_nobody_can_foretell() -> None:
    moto_setup.dispatcher()
    from moto.moto_api._internal import mock_random

    drawn = set()
    for _ in range(3):
        with moto_setup.randomness(1, None):
            drawn.add(mock_random.getrandbits(128))
    assert len(drawn) == 3


def test_a_source_ends_with_its_request() -> None:
    moto_setup.dispatcher()
    from moto.moto_api._internal import mock_random

    def after(number: int) -> int:
        with moto_setup.randomness(1, number):
            mock_random.random()
        return int(mock_random.getrandbits(128))

    assert after(1) != after(1)


def test_unique_ids_tell_their_kind(begin: Callable[[int], Clients]) -> None:
    iam = begin(1)("iam")
    made = {
        "AIDA": iam.create_user(UserName="ann")["User"]["UserId"],
        "AGPA": iam.create_group(GroupName="staff")["Group"]["GroupId"],
        "ANPA": iam.create_policy(PolicyName="read", PolicyDocument=READ)["Policy"]["PolicyId"],
        "AROA": iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)["Role"]["RoleId"],
        "AIPA": iam.create_instance_profile(InstanceProfileName="app")["InstanceProfile"][
            "InstanceProfileId"
        ],
        "AKIA": iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"],
    }
    for prefix, unique_id in made.items():
        # Twenty signs for a key, one more for everything else.
        assert re.fullmatch(f"{prefix}[A-Z2-7]{{{16 if prefix == 'AKIA' else 17}}}", unique_id), unique_id


# -- the beginning ---------------------------------------------------------------------------------------


def test_a_world_begins_with_admin_and_root_and_nothing_else(begin: Callable[[int], Clients]) -> None:
    client = begin(1)
    iam = client("iam")
    (admin,) = iam.list_users()["Users"]
    assert admin["UserName"] == "admin"
    (policy,) = iam.list_attached_user_policies(UserName="admin")["AttachedPolicies"]
    assert policy["PolicyName"] == "AdministratorAccess"
    assert len(iam.list_access_keys(UserName="admin")["AccessKeyMetadata"]) == 1
    assert iam.list_user_tags(UserName="admin")["Tags"] == [{"Key": "skylab", "Value": "course"}]
    assert iam.list_roles()["Roles"] == []
    assert client("s3").list_buckets()["Buckets"] == []
    assert principals.root_credential().principal.arn == "arn:aws:iam::123456789012:root"


def test_a_reset_forgets_everything(begin: Callable[[int], Clients]) -> None:
    client = begin(1)
    client("s3").create_bucket(Bucket="basket")
    iam = client("iam")
    iam.create_user(UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    client = begin(1)
    assert client("s3").list_buckets()["Buckets"] == []
    assert [user["UserName"] for user in client("iam").list_users()["Users"]] == ["admin"]
    policy = client("iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")["Policy"]
    assert policy["AttachmentCount"] == 0


def test_keys_of_admin_and_root_need_the_secret_of_the_world() -> None:
    def keys(seed: int, secret: bytes) -> tuple[str, ...]:
        moto_setup.reset_state(seed, secret)
        admin, root = principals.admin_credential(), principals.root_credential()
        return admin.access_key_id, admin.secret, root.access_key_id, root.secret

    same = keys(1, b"one")
    assert keys(1, b"one") == same
    assert not set(same) & set(keys(1, b"two"))
    assert not set(same) & set(keys(2, b"one"))


@pytest.mark.parametrize(
    "change",
    [
        lambda iam, arn: iam.create_policy_version(PolicyArn=arn, PolicyDocument=READ, SetAsDefault=True),
        lambda iam, arn: iam.delete_policy(PolicyArn=arn),
        lambda iam, arn: iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "mine", "Value": "yes"}]),
        lambda iam, arn: iam.set_default_policy_version(PolicyArn=arn, VersionId="v1"),
    ],
)
def test_nobody_changes_the_policies_of_aws(begin: Callable[[int], Clients], change: Any) -> None:
    """They are shared by all worlds of a process, so a change would outlive the world."""
    iam = begin(1)("iam")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    before = timeless(iam.get_policy(PolicyArn=arn)["Policy"])
    with pytest.raises(ClientError, match="AccessDenied"):
        change(iam, arn)
    assert timeless(iam.get_policy(PolicyArn=arn)["Policy"]) == before


# -- images and instance types ---------------------------------------------------------------------------


def test_of_motos_table_the_families_of_the_course_are_read_as_they_stand_there() -> None:
    moto_setup.dispatcher()
    from moto.utilities.utils import load_resource

    whole = load_resource(moto_types._TYPES)
    for families in ({"t3"}, {"m7i-flex", "p4d"}, {"none"}, {name.partition(".")[0] for name in whole}):
        wanted = {name: row for name, row in whole.items() if name.partition(".")[0] in families}
        assert moto_types._types_of(families) == wanted


def test_the_types_of_the_course_are_there(begin: Callable[[int], Clients]) -> None:
    ec2 = begin(1)("ec2")
    types = ec2.describe_instance_types(InstanceTypes=["t3.micro", "p3.2xlarge"])["InstanceTypes"]
    facts = {each["InstanceType"]: each for each in types}
    assert facts["t3.micro"]["VCpuInfo"]["DefaultVCpus"] == 2
    assert facts["t3.micro"]["MemoryInfo"]["SizeInMiB"] == 1024
    assert facts["p3.2xlarge"]["VCpuInfo"]["DefaultVCpus"] == 8
    assert facts["p3.2xlarge"]["GpuInfo"]["Gpus"][0]["Name"] == "V100"
    offered = ec2.describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["p3.2xlarge"]}]
    )
    assert {offer["InstanceType"] for offer in offered["InstanceTypeOfferings"]} == {"p3.2xlarge"}


@pytest.mark.parametrize("kind", ["t3.micro", "p3.2xlarge"])
def test_instances_of_these_types_start(begin: Callable[[int], Clients], kind: str) -> None:
    ec2 = begin(1)("ec2")
    (instance,) = ec2.run_instances(ImageId=image_of(ec2), InstanceType=kind, MinCount=1, MaxCount=1)[
        "Instances"
    ]
    assert instance["InstanceType"] == kind


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"InstanceType": "t3.gigantic"}, "InvalidParameterValue"),
        ({"ImageId": "ami-00000000000000000"}, "InvalidAMIID.NotFound"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
    ],
)
def test_what_does_not_exist_is_refused(
    begin: Callable[[int], Clients], params: dict[str, str], code: str
) -> None:
    ec2 = begin(1)("ec2")
    launch = {"ImageId": image_of(ec2), "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    with pytest.raises(ClientError) as caught:
        ec2.run_instances(**{**launch, **params})
    assert caught.value.response["Error"]["Code"] == code


def test_images_have_proper_ids_and_both_architectures(begin: Callable[[int], Clients]) -> None:
    images = begin(1)("ec2").describe_images()["Images"]
    assert {image["Architecture"] for image in images} == {"x86_64", "arm64"}
    for image in images:
        assert re.fullmatch(r"ami-[0-9a-f]{17}", image["ImageId"])
        assert image["Name"]
        assert image["State"] == "available"


def test_arns_of_what_the_calls_made_are_proper(begin: Callable[[int], Clients]) -> None:
    """Every ARN in the thirty answers can be read, and names the world's account."""
    text = json.dumps(thirty_calls(begin(3)), default=str)
    arns = {Arn.parse(found) for found in re.findall(r"arn:aws:[^\"\\ ]+", text)}
    assert len(arns) > 8
    assert {arn.account for arn in arns} <= {"123456789012", ""}


# What moto keeps


def test_moto_lets_go_of_what_is_gone() -> None:
    import gc
    import weakref

    from moto.s3.models import FakeKey, s3_backends

    moto_setup.warm()
    moto_setup.reset_state(1)
    s3 = s3_backends[ACCOUNT]["aws"]
    s3.create_bucket("bucket", REGION)
    gone = weakref.ref(s3.put_object("bucket", "k", b"x"))
    s3.delete_object("bucket", "k")
    gc.collect()
    assert gone() is None
    assert FakeKey.instances_tracked == []


def test_the_policies_of_aws_are_told_from_those_of_the_account() -> None:
    from moto.iam.models import iam_backends

    moto_setup.warm()
    moto_setup.reset_state(1)
    iam = iam_backends[ACCOUNT]["aws"]
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    own = iam.create_policy(
        "", "/", json.dumps({"Version": "2012-10-17", "Statement": [statement]}), "own", []
    )

    assert iam.get_account_authorization_details(["LocalManagedPolicy"])["managed_policies"] == [own]
    told = iam.get_account_authorization_details(["AWSManagedPolicy"])["managed_policies"]
    assert len(told) > 1000
    assert own not in told
    assert iam.get_policy("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess") in told


def test_a_subnet_gives_out_the_lowest_address_that_came_back() -> None:
    from moto.ec2.models import ec2_backends

    moto_setup.warm()
    moto_setup.reset_state(1)
    ec2 = ec2_backends[ACCOUNT][REGION]
    subnet = next(iter(next(iter(ec2.subnets.values())).values()))
    given = [subnet.get_available_subnet_ip(None) for _ in range(30)]
    for address in given[3:25]:
        subnet.del_subnet_ip(address)
    assert [subnet.get_available_subnet_ip(None) for _ in range(23)] == [*given[3:25], _after(given[-1])]


def _after(address: str) -> str:
    from ipaddress import ip_address

    return str(ip_address(address) + 1)


def test_a_message_can_be_deleted_twice_and_an_unknown_one_not_once() -> None:
    from moto.sqs.exceptions import ReceiptHandleIsInvalid
    from moto.sqs.models import sqs_backends

    moto_setup.warm()
    moto_setup.reset_state(1)
    sqs = sqs_backends[ACCOUNT][REGION]
    sqs.create_queue("q", {})
    sqs.send_message("q", "hello")
    (message,) = sqs.receive_message("q", 1, 0, 30)
    for _ in range(2):
        sqs.delete_message("q", message.receipt_handle)
    assert all(isinstance(each, int) for each in sqs.queues["q"].deleted_messages)
    with pytest.raises(ReceiptHandleIsInvalid):
        sqs.delete_message("q", "none")
