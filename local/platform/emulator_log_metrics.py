"""Metrics that CloudWatch Logs makes of what is logged ("Filter pattern syntax for metric filters"); ministack only keeps filters.

A pattern is a JSON expression or a list of terms. Filters with patterns for columns, in brackets, are kept and make nothing.
"""

import json
import operator
import re

from ministack import app as ministack

TOKEN = re.compile(r"""\s*(\(|\)|\|\||&&|<=|>=|!=|=|<|>|"(?:[^"\\]|\\.)*"|[^\s()=<>!&|"]+)""")
TERM = re.compile(r'([?-]?)(?:"([^"]*)"|(\S+))')
NUMBERS = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}
STATES = {"NULL": None, "TRUE": True, "FALSE": False}
MISSING = object()


class Unreadable(Exception):
    """A pattern that is wrong, or that is not known here."""


def _field(line, selector):
    """What "$.a.b[0]" stands for."""
    value = line
    for part in re.findall(r"[^.\[\]]+", selector.removeprefix("$")):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return MISSING
    return value


def _equals(value, wanted):
    if value is MISSING or isinstance(value, (dict, list)):
        return False
    if wanted.startswith('"') or isinstance(value, str):
        expected = ".*".join(re.escape(part) for part in wanted.strip('"').split("*"))
        return isinstance(value, str) and re.fullmatch(expected, value, re.DOTALL) is not None
    try:
        return not isinstance(value, bool) and value is not None and float(value) == float(wanted)
    except ValueError:
        return False


def _compare(value, sign, wanted):
    if sign in NUMBERS:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return is_number and NUMBERS[sign](value, float(wanted))
    return _equals(value, wanted) if sign == "=" else value is not MISSING and not _equals(value, wanted)


def _readable(sign, wanted):
    if sign == "NOT":
        return wanted == "EXISTS"
    if sign == "IS":
        return wanted in STATES
    if sign in NUMBERS:
        return re.fullmatch(r"-?\d+(\.\d+)?", wanted) is not None
    # No regular expressions, and no signs.
    return sign in ("=", "!=") and re.match(r"[^%()=<>!&|]", wanted) is not None


class _Expression:
    def __init__(self, text):
        self.tokens, end = [], 0
        while text[end:].strip():
            found = TOKEN.match(text, end)
            if not found:
                raise Unreadable(text)
            self.tokens.append(found[1])
            end = found.end()

    def next(self):
        if not self.tokens:
            raise Unreadable("the pattern ends too early")
        return self.tokens.pop(0)

    def joined(self, sign, part):
        parts = [part()]
        while self.tokens[:1] == [sign]:
            self.next()
            parts.append(part())
        return parts

    def either(self):
        parts = self.joined("||", self.both)
        return lambda line: any(part(line) for part in parts)

    def both(self):
        parts = self.joined("&&", self.one)
        return lambda line: all(part(line) for part in parts)

    def one(self):
        selector = self.next()
        if selector == "(":
            inner = self.either()
            if self.next() != ")":
                raise Unreadable("a bracket is not closed")
            return inner
        sign = self.next()
        wanted = self.next()
        if not selector.startswith("$") or not _readable(sign, wanted):
            raise Unreadable(f"{selector} {sign} {wanted}")
        if sign == "NOT":
            return lambda line: _field(line, selector) is MISSING
        if sign == "IS":
            value = STATES[wanted]
            return lambda line: _field(line, selector) is value
        return lambda line: _compare(_field(line, selector), sign, wanted)


def matcher(pattern):
    """Whether a message fits the pattern, as a function of the message and of what it says as JSON."""
    text = pattern.strip()
    if text.startswith("["):
        return lambda message, line: False
    if text.startswith("{"):
        if not text.endswith("}"):
            raise Unreadable("a brace is not closed")
        expression = _Expression(text[1:-1])
        fits = expression.either()
        if expression.tokens:
            raise Unreadable(" ".join(expression.tokens))
        return lambda message, line: isinstance(line, dict) and fits(line)
    terms = [(sign, phrase or word) for sign, phrase, word in TERM.findall(text)]
    optional = [word for sign, word in terms if sign == "?"]

    def has_terms(message, _line):
        return (all((word in message) == (sign == "") for sign, word in terms if sign != "?")
                and (not optional or any(word in message for word in optional)))

    return has_terms


def _as_json(message):
    try:
        return json.loads(message)
    except ValueError:
        return None


def _number(line, value):
    found = _field(line, value) if value.startswith("$") else value
    try:
        return None if found is MISSING or isinstance(found, bool) else float(found)
    except (TypeError, ValueError):
        return None


def _points(transformation, fits, events):
    """(time, value, dimensions) of each message that fits; the default value when none of them does."""
    found = []
    for event in events:
        message = event.get("message", "")
        line = _as_json(message)
        if not fits(message, line):
            continue
        value = _number(line, transformation.get("metricValue", ""))
        chosen = {name: _field(line, selector) for name, selector in (transformation.get("dimensions") or {}).items()}
        if value is not None and MISSING not in chosen.values():
            found.append((event["timestamp"] / 1000, value, {name: str(it) for name, it in chosen.items()}))
    if not found and "defaultValue" in transformation and events:
        found.append((events[-1]["timestamp"] / 1000, transformation["defaultValue"], {}))
    return found


def extend(logs):
    put_filter, put_events = logs._put_metric_filter, logs._put_log_events

    def put_readable_filter(data):
        try:
            matcher(data.get("filterPattern", ""))
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
