"""Trails as CloudTrail takes, keeps and refuses them ("Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for
CloudTrail"). By itself ministack forgets a new trail's tags and log group, and asks for no bucket and no policy.

Nothing is ever written into the bucket.
"""

import json
from fnmatch import fnmatchcase

PRINCIPAL = "cloudtrail.amazonaws.com"
CATEGORIES = ("Management", "Data", "NetworkActivity")


def _listed(value):
    return value if isinstance(value, list) else [value]


def _allows(document, action, resource):
    """Whether the policy lets CloudTrail do it. Conditions are not looked at."""
    policy = json.loads(document) if isinstance(document, (str, bytes)) else document or {}
    for statement in _listed(policy.get("Statement", [])):
        principal = statement.get("Principal")
        services = _listed(principal.get("Service", [])) if isinstance(principal, dict) else []
        if (statement.get("Effect") == "Allow" and PRINCIPAL in services
                and any(fnmatchcase(action.lower(), it.lower()) for it in _listed(statement.get("Action", [])))
                and any(fnmatchcase(resource, it) for it in _listed(statement.get("Resource", [])))):
            return True
    return False


def _bucket_refusal(bucket, prefix, account):
    from ministack.services import s3

    if bucket not in s3._buckets:
        return "S3BucketDoesNotExistException", f"S3 bucket {bucket} does not exist!"
    document, arn = s3._bucket_policies.get(bucket) or "{}", f"arn:aws:s3:::{bucket}"
    file = "/".join([arn, *([prefix] if prefix else []), "AWSLogs", account, "CloudTrail", "one.json.gz"])
    if not _allows(document, "s3:GetBucketAcl", arn) or not _allows(document, "s3:PutObject", file):
        return ("InsufficientS3BucketPolicyException",
                f"Incorrect S3 bucket policy is detected for bucket: {bucket}")
    return None


def _key_refusal(key_arn):
    from ministack.services import kms

    rec = kms._resolve_key(key_arn)
    if rec is None:
        return "KmsKeyNotFoundException", f"KMS key with ID {key_arn} does not exist."
    if not _allows(rec.get("Policy") or "{}", "kms:GenerateDataKey", rec["Arn"]):
        return ("InsufficientEncryptionPolicyException",
                "Insufficient permissions to access S3 bucket or KMS key, or the key is not in the bucket's region.")
    return None


def _selector_refusal(selector):
    fields = {it.get("Field"): it.get("Equals") or [] for it in selector.get("FieldSelectors") or []}
    category = fields.get("eventCategory")
    if not category or category[0] not in CATEGORIES:
        return "Every selector needs the field eventCategory, equal to Management, Data or NetworkActivity."
    if category == ["Data"] and len(fields.get("resources.type") or []) != 1:
        return "A selector of data events needs the field resources.type, equal to one type."
    return None


def extend(cloudtrail):
    dispatch = cloudtrail._DISPATCH
    create, update, delete = dispatch["CreateTrail"], dispatch["UpdateTrail"], dispatch["DeleteTrail"]
    put_selectors = dispatch["PutEventSelectors"]

    def refusal(settings):
        if settings.get("IsMultiRegionTrail") and not settings.get("IncludeGlobalServiceEvents", True):
            return ("InvalidParameterCombinationException", "Multi-Region trail must include global service events.")
        prefix = settings.get("S3KeyPrefix")
        refused = _bucket_refusal(settings.get("S3BucketName"), prefix, cloudtrail.get_account_id())
        return refused or (_key_refusal(settings["KmsKeyId"]) if settings.get("KmsKeyId") else None)

    def create_as_asked(body):
        refused = refusal(body)
        if refused:
            return cloudtrail._err(*refused)
        answer = create(body)
        if answer[0] == 200:
            trail = cloudtrail._trails[body["Name"]]
            for name in ("CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"):
                if body.get(name):
                    trail[name] = body[name]
            cloudtrail._trail_tags[trail["TrailARN"]] = {it["Key"]: it.get("Value", "") for it in body.get("TagsList") or []}
        return answer

    def update_if_valid(body):
        trail = cloudtrail._find_visible_trail(body.get("Name", ""))[2]
        refused = refusal({**trail, **body}) if trail else None
        return cloudtrail._err(*refused) if refused else update(body)

    def delete_with_tags(body):
        trail = cloudtrail._find_visible_trail(body.get("Name", ""))[2]
        answer = delete(body)
        if trail and answer[0] == 200:
            cloudtrail._trail_tags.pop(trail["TrailARN"], None)
        return answer

    def put_valid_selectors(body):
        for selector in body.get("AdvancedEventSelectors") or []:
            refused = _selector_refusal(selector)
            if refused:
                return cloudtrail._err("InvalidEventSelectorsException", refused)
        return put_selectors(body)

    dispatch.update(CreateTrail=create_as_asked, UpdateTrail=update_if_valid, DeleteTrail=delete_with_tags,
                    PutEventSelectors=put_valid_selectors)
