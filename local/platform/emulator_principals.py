"""What ministack tells policies about who asks, where it differs from AWS ("AWS global condition context keys").

Of a role AWS tells the role's own ARN, not the session's; and of every request whether a service of AWS's makes it.
"""

from ministack.core import iam_evaluator
from ministack.services import iam

_resolve = iam_evaluator._resolve_condition_key


def _role_arn(session_arn, account):
    role = iam._roles.get_scoped(account, None, session_arn.split("/")[1]) or {}
    return role.get("Arn", session_arn)


def resolve(key, ctx):
    known = key.lower()
    if known == "aws:principalarn" and ":assumed-role/" in ctx.principal_arn:
        return _role_arn(ctx.principal_arn, ctx.principal_account)
    if known == "aws:principalisawsservice":
        return "false"
    return _resolve(key, ctx)


def extend():
    iam_evaluator._resolve_condition_key = resolve
