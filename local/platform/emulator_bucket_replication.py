"""What S3 refuses of a bucket's replication, and ministack takes (API reference, PutBucketReplication)."""

from defusedxml.ElementTree import ParseError, fromstring

SCHEMA = ("{} must be specified for this version of Cross Region Replication configuration schema. "
          "Please refer to S3 Developer Guide for more information.")


def extend(s3):
    put = s3._put_bucket_replication

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

    s3._put_bucket_replication = put_if_valid
