"""S3 buckets: their names and defaults, who may open them to the public, and in which Region they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from labs.aws.bucket_names import bucket_name_fault
from labs.aws.iam import Policy, parse_policy
from labs.aws.iam.public import public_statements
from labs.errors import PolicyError
from labs.sandbox.live import live_bucket
from labs.sandbox.strict.documents import read
from labs.sandbox.strict.pages import page, s3_api
from labs.sandbox.strict.patching import instead
from labs.sandbox.strict.rules import Asked, Refusal, Rule, clause

__all__ = ["RULES", "bucket_of", "patch"]

_BLOCK = page(
    "S3 User Guide", "Blocking public access to your Amazon S3 storage", "access-control-block-public-access"
)
_OWNERSHIP = page(
    "S3 User Guide", "Controlling ownership of objects and disabling ACLs", "about-object-ownership"
)
_ENFORCED = "BucketOwnerEnforced"


def bucket_of(name: object) -> Any:
    """moto's bucket of a name, whoever owns it; None where there is none."""
    return live_bucket(str(name))


def _asked(ask: Asked) -> Any:
    return bucket_of(ask.text("Bucket"))


# -- names and Regions -------------------------------------------------------------------------------------


def _name(ask: Asked) -> Refusal | None:
    name = ask.text("Bucket")
    fault = bucket_name_fault(name)
    if fault is None:
        return None
    details = {"BucketName": name}
    return Refusal("InvalidBucketName", "The specified bucket is not valid.", fault, details=details)


# These answer from every Region.
_ANYWHERE = frozenset({"CreateBucket", "GetBucketLocation", "ListBuckets"})


def _region(ask: Asked) -> Refusal | None:
    if ask.call.operation in _ANYWHERE:
        return None
    bucket = _asked(ask)
    if bucket is None or bucket.region_name == ask.call.region:
        return None
    region = bucket.region_name
    return Refusal(
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send "
        "all future requests to this endpoint.",
        f"the bucket is in {region}, and the request was sent to {ask.call.region}",
        f"Make the client for {region}; boto3 does so by itself after this answer.",
        status=301,
        details={
            "Endpoint": f"{bucket.name}.s3.{region}.amazonaws.com",
            "Bucket": bucket.name,
            "Region": region,
        },
        headers={"x-amz-bucket-region": region},
    )


# -- access control lists ----------------------------------------------------------------------------------

_GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
_PUBLIC_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})
_PUBLIC_GROUPS = ("global/AllUsers", "global/AuthenticatedUsers")
_ACL_OPERATIONS = ("s3:PutBucketAcl", "s3:PutObjectAcl")
_WITH_ACL = ("s3:PutObject", "s3:CopyObject", "s3:CreateMultipartUpload")


def _ownership(bucket: Any) -> str:
    """The object ownership of a bucket; ACLs count where there is none."""
    rule = bucket.ownership_rule
    return str(rule) if rule else "ObjectWriter"


def _no_acls(ask: Asked) -> Refusal | None:
    bucket = _asked(ask)
    if bucket is None or _ownership(bucket) != _ENFORCED:
        return None
    named = ask.text("ACL") or any(ask.params.get(each) for each in _GRANTS)
    on_acl = f"s3:{ask.call.operation}" in _ACL_OPERATIONS
    if ask.text("ACL") == "bucket-owner-full-control" or not (named or on_acl):
        return None
    return Refusal(
        "AccessControlListNotSupported",
        "The bucket does not allow ACLs",
        "the object ownership of the bucket is BucketOwnerEnforced, as of every new bucket, which turns "
        "access control lists off",
        "Leave the ACL out, and let others in with a bucket policy.",
    )


def _new_with_acl(ask: Asked) -> Refusal | None:
    enforced = (ask.text("ObjectOwnership") or _ENFORCED) == _ENFORCED
    named = ask.text("ACL") not in ("", "private") or any(ask.params.get(each) for each in _GRANTS)
    if not (enforced and named):
        return None
    return Refusal(
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        "a new bucket has its access control lists turned off",
        "Leave the ACL out, or name another ObjectOwnership.",
    )


def _public_acl(ask: Asked) -> Refusal | None:
    bucket = _asked(ask)
    block = bucket.public_access_block if bucket is not None else None
    if block is None or not block.block_public_acls or not _opens(ask.params):
        return None
    return _blocked(ask, "public access control lists (ACLs) are blocked by the BlockPublicAcls", "the ACL")


def _opens(params: Mapping[str, Any]) -> bool:
    if params.get("ACL") in _PUBLIC_ACLS:
        return True
    grants = (params.get("AccessControlPolicy") or {}).get("Grants") or ()
    named = [str((each.get("Grantee") or {}).get("URI", "")) for each in grants]
    named += [str(params[each]) for each in _GRANTS if params.get(each)]
    return any(group in text for text in named for group in _PUBLIC_GROUPS)


def _blocked(ask: Asked, what: str, subject: str) -> Refusal:
    resource = f"arn:aws:s3:::{ask.text('Bucket')}" + (f"/{ask.text('Key')}" if ask.text("Key") else "")
    who = f"User: {ask.caller.principal.arn} is not authorized to perform: s3:{ask.call.operation}"
    return Refusal(
        "AccessDenied",
        f'{who} on resource: "{resource}" because {what} block public access setting.',
        f"{subject} would let in everybody, and the bucket blocks public access, as every new bucket does",
        "Name those who may come in; or, if everybody is to come in, change the bucket's public access block "
        "first.",
        403,
    )


# -- bucket policies ---------------------------------------------------------------------------------------


def _policy_fits(ask: Asked) -> Refusal | None:
    from labs.aws.iam.lint import lint  # the first policy of a bucket loads it

    policy, name = read(ask), ask.text("Bucket")
    if policy is None:
        return None
    for statement in policy.statements:
        for text in statement.action.texts:
            if text != "*" and not text.lower().startswith("s3:"):
                return _malformed("Policy has invalid action", f"{text} is no action of S3")
        for text in statement.resource.texts if statement.resource else ():
            if text != "*" and not _of_bucket(text, name):
                hint = f"Write arn:aws:s3:::{name} and arn:aws:s3:::{name}/*."
                return _malformed("Policy has invalid resource", f"{text} is not in the bucket {name}", hint)
    for finding in lint(ask.text("Policy"), "bucket"):
        words = _LINT_WORDS.get(finding.code)
        if words is not None:
            because = f"{clause(finding.sentence)} ({finding.path})"
            return _malformed(words, because, finding.repair)
    return None


def _of_bucket(arn: str, name: str) -> bool:
    """Whether an ARN is that of a bucket, or of objects in it: without a Region, and without an account."""
    head, found, rest = arn.partition(":s3:::")
    return bool(found) and ":" in head and fnmatchcase(name, rest.partition("/")[0])


_LINT_WORDS = {
    "action-needs-star": "Action does not apply to any resource(s) in statement",
    "action-resource-mismatch": "Action does not apply to any resource(s) in statement",
    "unknown-action": "Policy has invalid action",
}


def _malformed(message: str, because: str, hint: str = "") -> Refusal:
    return Refusal("MalformedPolicy", message, because, hint)


def _public_policy(ask: Asked) -> Refusal | None:
    bucket, policy = _asked(ask), read(ask)
    block = bucket.public_access_block if bucket is not None else None
    if policy is None or block is None or not block.block_public_policy:
        return None
    opening = public_statements(policy)
    if not opening:
        return None
    words = "public policies are blocked by the BlockPublicPolicy"
    return _blocked(ask, words, f"statement {opening[0].label} of the policy")


def _held(bucket: Any) -> Policy | None:
    text = bucket.policy.decode() if isinstance(bucket.policy, bytes) else bucket.policy
    try:
        return parse_policy(text) if text else None
    except PolicyError:
        return None


def _restricted(ask: Asked) -> Refusal | None:
    bucket = _asked(ask)
    if bucket is None or ask.caller.principal.account == bucket.account_id:
        return None
    block, policy = bucket.public_access_block, _held(bucket)
    if block is None or not block.restrict_public_buckets or policy is None or not public_statements(policy):
        return None
    return Refusal(
        "AccessDenied",
        "Access Denied",
        "the policy of the bucket is public, and its public access block then lets in its own account only",
        "Take the public statements out of the policy, or set RestrictPublicBuckets to false.",
        403,
    )


# -- what a bucket begins with -----------------------------------------------------------------------------


def patch() -> None:
    """Have moto's buckets begin as AWS's do."""
    from moto.s3 import responses
    from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend

    @instead(FakeBucket, "__init__")
    def begun(begin: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        if NEW_BLOCKED.on:
            self.public_access_block = PublicAccessBlock(True, True, True, True)
        if NEW_OWNED.on:
            self.ownership_rule = _ENFORCED
        if NEW_ENCRYPTED.on:
            self.encryption = _encryption()

    @instead(S3Backend, "delete_bucket_encryption")
    def reset(delete: Any, self: Any, bucket_name: str) -> None:
        delete(self, bucket_name)
        if NEW_ENCRYPTED.on:
            self.get_bucket(bucket_name).encryption = _encryption()

    judge: Callable[[Any], bool] = responses.bucket_policy_is_public

    def is_public(document: Any) -> bool:
        if not POLICY_STATUS.on:
            return judge(document)
        text = document.decode() if isinstance(document, bytes) else document
        try:
            return bool(public_statements(parse_policy(text)))
        except PolicyError:
            return False

    responses.bucket_policy_is_public = is_public


def _encryption() -> dict[str, Any]:
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    return {"Rule": default}


NEW_BLOCKED = Rule(
    "s3.new-bucket-blocked",
    "repairs",
    "A new bucket blocks public access, in all four ways.",
    "It blocks nothing.",
    _BLOCK,
    operations=("s3:CreateBucket",),
)
NEW_OWNED = Rule(
    "s3.new-bucket-without-acls",
    "repairs",
    "A new bucket has the object ownership BucketOwnerEnforced: access control lists are off.",
    "It has none.",
    _OWNERSHIP,
    operations=("s3:CreateBucket",),
)
NEW_ENCRYPTED = Rule(
    "s3.new-bucket-encrypted",
    "repairs",
    "A bucket encrypts new objects with AES256 unless it says otherwise.",
    "It encrypts nothing.",
    page(
        "S3 User Guide", "Setting default server-side encryption behavior for S3 buckets", "bucket-encryption"
    ),
    operations=("s3:CreateBucket", "s3:DeleteBucketEncryption"),
)
POLICY_STATUS = Rule(
    "s3.policy-status",
    "repairs",
    "GetBucketPolicyStatus tells whether a policy is public, conditions and all.",
    "It takes any condition for one that keeps strangers out.",
    _BLOCK,
    operations=("s3:GetBucketPolicyStatus",),
)


RULES = (
    Rule(
        "s3.bucket-region",
        "refuses",
        "A request for a bucket is answered in the Region of the bucket; elsewhere it is redirected.",
        "It answers in every Region.",
        page("S3 User Guide", "Making requests using the REST API: redirection", "Redirects"),
        operations=("s3:*",),
        code="PermanentRedirect",
        check=_region,
    ),
    Rule(
        "s3.bucket-name",
        "refuses",
        "A bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens, and is no IP address.",
        "It takes capitals, underscores, IP addresses and the names that AWS keeps for itself.",
        page("S3 User Guide", "General purpose bucket naming rules", "bucketnamingrules"),
        operations=("s3:CreateBucket",),
        code="InvalidBucketName",
        check=_name,
    ),
    Rule(
        "s3.new-bucket-acl",
        "refuses",
        "A bucket is made with an access control list only if it names another object ownership.",
        "It takes any.",
        s3_api("CreateBucket"),
        operations=("s3:CreateBucket",),
        code="InvalidBucketAclWithObjectOwnership",
        check=_new_with_acl,
    ),
    Rule(
        "s3.acls-off",
        "refuses",
        "Where access control lists are off, none can be set, but for bucket-owner-full-control.",
        "It sets any.",
        _OWNERSHIP,
        operations=(*_ACL_OPERATIONS, *_WITH_ACL),
        code="AccessControlListNotSupported",
        check=_no_acls,
    ),
    Rule(
        "s3.public-acl-blocked",
        "refuses",
        "BlockPublicAcls refuses access control lists that let in everybody.",
        "It keeps the setting and takes no notice.",
        _BLOCK,
        operations=(*_ACL_OPERATIONS, *_WITH_ACL),
        code="AccessDenied",
        check=_public_acl,
    ),
    Rule(
        "s3.bucket-policy",
        "refuses",
        "A bucket policy is about actions of S3 and about its own bucket, and each action fits a resource.",
        "It takes any text.",
        page("S3 User Guide", "Policies and permissions in Amazon S3", "access-policy-language-overview"),
        operations=("s3:PutBucketPolicy",),
        code="MalformedPolicy",
        check=_policy_fits,
    ),
    Rule(
        "s3.public-policy-blocked",
        "refuses",
        "BlockPublicPolicy refuses a bucket policy that lets in everybody.",
        "It keeps the setting and takes no notice.",
        _BLOCK,
        operations=("s3:PutBucketPolicy",),
        code="AccessDenied",
        check=_public_policy,
    ),
    Rule(
        "s3.public-bucket-restricted",
        "refuses",
        "RestrictPublicBuckets keeps a bucket with a public policy to its own account.",
        "It keeps the setting and takes no notice.",
        _BLOCK,
        operations=("s3:*",),
        code="AccessDenied",
        check=_restricted,
    ),
    NEW_BLOCKED,
    NEW_OWNED,
    NEW_ENCRYPTED,
    POLICY_STATUS,
)
