"""What S3 refuses of a bucket's replication, and ministack takes (API reference, PutBucketReplication); and copies as S3 makes them.

By itself ministack asks for no right of the role's, copies what is encrypted with KMS without being told to, leaves it encrypted
with the key of the original, and locks no copy ("Setting up permissions for live replication", "Replicating encrypted objects",
"Using Object Lock with S3 Replication").
"""

from defusedxml.ElementTree import ParseError, fromstring
from ministack.core.responses import get_region, request_scope

SCHEMA = ("{} must be specified for this version of Cross Region Replication configuration schema. "
          "Please refer to S3 Developer Guide for more information.")
ENCRYPTION = "x-amz-server-side-encryption"
KEY = f"{ENCRYPTION}-aws-kms-key-id"


def _may(role, action, arn, context):
    """Whether the role may, by its own policies and the resource's."""
    from ministack.core import iam_evaluator as iam

    account, name = role.split(":")[4], role.split("/")[-1]
    service = action.split(":")[0]
    region = arn.split(":")[3] or get_region()
    ctx = iam.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/s3-replication",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=arn,
        region=region,
        secure_transport=True,
        service_context={key.lower(): value for key, value in context.items()},
    )
    own = iam.evaluate(ctx, iam._gather_role_policies(name, account))
    with request_scope(account, region):
        policy, owner = iam._resource_policy(service, arn) or (None, account)
    return iam.combine_resource_policy(own, ctx, policy, owner, service == "kms").decision == "Allow"



def extend(s3):
    put, replicate = s3._put_bucket_replication, s3._maybe_replicate

    def refusal(body):
        try:
            root = fromstring(body)
        except ParseError:
            return None
        for rule in root.findall("{*}Rule"):
            if rule.find("{*}Filter") is not None:
                for name in ("Priority", "DeleteMarkerReplication"):
                    if rule.find(f"{{*}}{name}") is None:
                        return SCHEMA.format(name)
            destination = rule.findtext("{*}Destination/{*}Bucket") or ""
            if s3._bucket_owner_account(destination.split(":::")[-1]) is None:
                return "Destination bucket must exist."
        return None

    def put_if_valid(bucket_name, body):
        refused = refusal(body)
        return s3._error("InvalidRequest", refused, 400, f"/{bucket_name}") if refused else put(bucket_name, body)

    def through_s3(key_arn, bucket, key):
        """What KMS is told when S3 asks: where objects share a key of the bucket's, its ARN, and otherwise the object's."""
        shared = "<BucketKeyEnabled>true<" in str(s3._bucket_encryption.get(bucket))
        service = f"s3.{key_arn.split(':')[3]}.amazonaws.com"
        arn = f"arn:aws:s3:::{bucket}"
        return {"kms:ViaService": service, "kms:EncryptionContext:aws:s3:arn": arn if shared else f"{arn}/{key}"}

    def role_may(role, source, target, key, original, copy):
        rights = [
            ("s3:GetObjectVersionForReplication", f"arn:aws:s3:::{source}/{key}", {}),
            ("s3:ReplicateObject", f"arn:aws:s3:::{target}/{key}", {f"s3:{name}": it for name, it in copy.items()}),
        ]
        if s3._bucket_object_lock.get(source):
            rights += [(f"s3:GetObject{name}", f"arn:aws:s3:::{source}/{key}", {}) for name in ("Retention", "LegalHold")]
        if KEY in copy:
            rights += [
                ("kms:Decrypt", original[KEY], through_s3(original[KEY], source, key)),
                ("kms:Encrypt", copy[KEY], through_s3(copy[KEY], target, key)),
            ]
        return all(_may(role, *right) for right in rights)

    def replicate_as_told(bucket_name, key, obj, data, tags=None):
        rule, role = s3._replication_rule_for(bucket_name, key, tags)
        if rule is None:
            return
        original = obj.get("preserved_headers") or {}
        copy = dict(original)
        if original.get(ENCRYPTION) == "aws:kms" and original.get(KEY):
            criteria = (rule.get("SourceSelectionCriteria") or {}).get("SseKmsEncryptedObjects") or {}
            if criteria.get("Status") != "Enabled":
                return
            copy[KEY] = rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"]
        target = rule["Destination"]["Bucket"].split(":::")[-1]
        if not role_may(role, bucket_name, target, key, original, copy):
            obj["replication_status"] = "FAILED"
            return
        obj["preserved_headers"] = copy
        replicate(bucket_name, key, obj, data, tags)
        obj["preserved_headers"] = original
        if obj.get("_replica"):
            name, version, account = obj["_replica"]
            with s3._in_account(account):
                s3._apply_object_lock_from_headers(name, key, {}, version)

    s3._put_bucket_replication = put_if_valid
    s3._maybe_replicate = replicate_as_told
