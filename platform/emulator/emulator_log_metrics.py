"""Metrics that CloudWatch Logs makes of what is logged ("Creating metrics from log events using filters"); ministack only keeps filters."""

import json

from emulator_filter_patterns import MISSING, Unreadable, field, has_regex, matcher
from ministack import app as ministack

# "CloudWatch Logs quotas": filter patterns with regular expressions for each log group.
MOST_WITH_REGEX = 5


def as_json(message):
    try:
        return json.loads(message)
    except ValueError:
        return None


def _number(line, value):
    found = field(line, value) if value.startswith("$") else value
    try:
        return None if found is MISSING or isinstance(found, bool) else float(found)
    except (TypeError, ValueError):
        return None


def _points(transformation, fits, events):
    """(time, value, dimensions) of each message that fits; the default value when none of them does."""
    found = []
    for event in events:
        message = event.get("message", "")
        line = as_json(message)
        if not fits(message, line):
            continue
        value = _number(line, transformation.get("metricValue", ""))
        chosen = {name: field(line, selector) for name, selector in (transformation.get("dimensions") or {}).items()}
        if value is not None and MISSING not in chosen.values():
            found.append((event["timestamp"] / 1000, value, {name: str(it) for name, it in chosen.items()}))
    if not found and "defaultValue" in transformation and events:
        found.append((events[-1]["timestamp"] / 1000, transformation["defaultValue"], {}))
    return found


def extend(logs):
    put_filter, put_events = logs._put_metric_filter, logs._put_log_events

    def put_readable_filter(data):
        group, name, pattern = (data.get(it, "") for it in ("logGroupName", "filterName", "filterPattern"))
        try:
            matcher(pattern)
            others = [it for it in logs._metric_filters.values() if it["logGroupName"] == group and it["filterName"] != name]
            if has_regex(pattern) and sum(has_regex(it["filterPattern"]) for it in others) >= MOST_WITH_REGEX:
                message = f"The log group has {MOST_WITH_REGEX} metric filters with regular expressions already"
                return logs.error_response_json("LimitExceededException", message, 400)
        except Unreadable as error:
            message = f"Invalid metric filter pattern, or one that is not known on this machine: {error}"
            return logs.error_response_json("InvalidParameterException", message, 400)
        return put_filter(data)

    def put_events_and_metrics(data):
        answer = put_events(data)
        group = data.get("logGroupName")
        filters = [it for it in logs._metric_filters.values() if it["logGroupName"] == group]
        if answer[0] != 200 or not filters:
            return answer
        cloudwatch = ministack._get_module("cloudwatch")
        for it in filters:
            fits = matcher(it["filterPattern"])
            for transformation in it["metricTransformations"]:
                for at, value, dimensions in _points(transformation, fits, data.get("logEvents", [])):
                    cloudwatch._store_datum(
                        transformation["metricNamespace"], transformation["metricName"], dimensions, at,
                        transformation.get("unit", "None"), value, None, None, None)
        cloudwatch._evaluate_all_alarms()
        return answer

    logs._put_metric_filter, logs._put_log_events = put_readable_filter, put_events_and_metrics
