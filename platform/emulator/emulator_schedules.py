"""What EventBridge Scheduler refuses of a schedule, and ministack takes ("Schedule types in EventBridge Scheduler", "Setting up
the execution role"): it would be found out only in AWS, some of it only when nothing happens at its time.
"""

import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from ministack.core.arn import ArnParseError, parse_arn

PRINCIPAL = "scheduler.amazonaws.com"
FIELD = r"[A-Z0-9*?,/#LW-]+"


def valid_cron(fields):
    parts = fields.upper().split()
    # Of the day of the month and the day of the week, one is left open.
    return (len(parts) == 6 and all(re.fullmatch(FIELD, part) for part in parts)
            and (parts[2], parts[4]).count("?") == 1)


def _valid_expression(expression):
    kind, _, rest = expression.partition("(")
    inner = rest.removesuffix(")")
    if inner == rest:
        return False
    if kind == "cron":
        return valid_cron(inner)
    if kind == "rate":
        return re.fullmatch(r"[1-9]\d* (minute|hour|day)s?", inner) is not None
    try:
        return kind == "at" and datetime.strptime(inner, "%Y-%m-%dT%H:%M:%S") is not None
    except ValueError:
        return False


def _listed(value):
    return value if isinstance(value, list) else [value]


def _assumable(role_arn):
    """Whether the role is there, and lets EventBridge Scheduler in. The conditions of its policy are not looked at."""
    from ministack.services import iam

    role = iam._roles.get(role_arn.split("/")[-1])
    document = (role or {}).get("AssumeRolePolicyDocument", "{}")
    policy = json.loads(document) if isinstance(document, str) else document
    return any(
        statement.get("Effect") == "Allow"
        and isinstance(statement.get("Principal"), dict)
        and PRINCIPAL in _listed(statement["Principal"].get("Service", []))
        for statement in _listed(policy.get("Statement", []))
    )


def _refusal(body):
    expression, zone = body.get("ScheduleExpression") or "", body.get("ScheduleExpressionTimezone") or "UTC"
    if not _valid_expression(expression):
        return f"Invalid Schedule Expression {expression}."
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return f"Invalid Schedule Expression Timezone {zone}."
    window, target = body.get("FlexibleTimeWindow") or {}, body.get("Target") or {}
    if (window.get("Mode") == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        return "MaximumWindowInMinutes goes with the flexible mode of a time window, and only with it."
    try:
        service = parse_arn(target.get("Arn", "")).service
    except ArnParseError:
        return f"Invalid target ARN {target.get('Arn')}."
    if (service == "ecs") != ("EcsParameters" in target):
        return "EcsParameters go with a target that is a cluster of ECS, and only with it."
    if not _assumable(target.get("RoleArn", "")):
        return "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
    return None


def extend(scheduler):
    def refusing(call):
        def handler(name, body):
            refused = _refusal(body)
            return scheduler._error(400, "ValidationException", refused) if refused else call(name, body)
        return handler

    scheduler._create_schedule = refusing(scheduler._create_schedule)
    scheduler._update_schedule = refusing(scheduler._update_schedule)
