"""What ministack tells policies about a request, where it differs from AWS.

Of a role AWS tells the role's own ARN, not the session's; of every request whether a service of AWS's makes it; of an object
that is written the key that it is to be encrypted with; and of a request to KMS its encryption context ("AWS global condition
context keys", "Actions, resources, and condition keys for Amazon S3", "… for AWS Key Management Service").
"""

import json

from ministack.core import iam_actions, iam_evaluator
from ministack.services import iam

KEY = "x-amz-server-side-encryption-aws-kms-key-id"

_resolve = iam_evaluator._resolve_condition_key
_object_context = iam_actions._s3_object_context
_request_context = iam_actions.request_tag_context


def _role_arn(session_arn, account):
    role = iam._roles.get_scoped(account, None, session_arn.split("/")[1]) or {}
    return role.get("Arn", session_arn)


def resolve(key, ctx):
    known = key.lower()
    if known == "aws:principalarn" and ":assumed-role/" in ctx.principal_arn:
        return _role_arn(ctx.principal_arn, ctx.principal_account)
    if known == "aws:principalisawsservice":
        return "false"
    if known == "kms:calleraccount":
        return ctx.principal_account
    return _resolve(key, ctx)


def _key_of_upload(upload_id):
    """A part carries no headers of its own: what the upload began with counts."""
    from ministack.services import s3

    return (s3._multipart_uploads.get(upload_id) or {}).get("preserved_headers", {}).get(KEY)


def object_context(iam_action, query_params, path, headers):
    context = _object_context(iam_action, query_params, path, headers)
    if iam_action == "s3:PutObject":
        upload_id = iam_actions._query_param(query_params, "uploadId")
        given = _key_of_upload(upload_id) if upload_id else headers.get(KEY)
        if given:
            context[f"s3:{KEY}"] = given
    return context


def request_context(service, iam_action, body, params):
    context = _request_context(service, iam_action, body, params)
    if service == "kms":
        said = json.loads(body or b"{}").get("EncryptionContext") or {}
        context.update({f"kms:EncryptionContext:{key}": value for key, value in said.items()})
    return context


def extend():
    iam_evaluator._resolve_condition_key = resolve
    iam_actions._s3_object_context = object_context
    iam_actions.request_tag_context = request_context
