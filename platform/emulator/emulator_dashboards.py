"""Dashboards as CloudWatch takes and refuses them (API reference, PutDashboard and "Dashboard body structure and syntax").

ministack by itself keeps whatever it is given. Refused is here what the reference rules out for the widgets of this project's kinds;
two widgets in one place are not, in AWS either.
"""

import json
import re
from datetime import datetime

KINDS = ("metric", "text", "log", "alarm", "explorer", "custom", "chart")
MOST_WIDGETS = 500
# Where a widget may be, and how large: least and most.
GRID = {"x": (0, 23), "y": (0, None), "width": (1, 24), "height": (1, 1000)}
MOST_DIMENSIONS = 30
MOST_ALARMS = 100
COLOR = re.compile(r"#[0-9a-fA-F]{6}$")
ID = re.compile(r"[a-z]\w*$")
NOT_A_METRIC = ('Field "metrics" has to be an array of array of strings, '
                "with an optional metricRenderer object as last element")


def _required(value, names, path):
    return [(path, f"Should have required property '{name}'") for name in names if not value.get(name)]


def _place(widget, path):
    for name, (least, most) in GRID.items():
        value = widget.get(name)
        # Left out, CloudWatch finds a place for it.
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            yield f"{path}/{name}", "Should be integer"
        elif value < least:
            yield f"{path}/{name}", f"Should be >= {least}"
        elif most is not None and value > most:
            yield f"{path}/{name}", f"Should be <= {most}"
    if ("x" in widget) != ("y" in widget):
        yield path, "Should have both x and y, or neither"


def _color(value, path):
    if value is not None and not COLOR.match(str(value)):
        yield f"{path}/color", "Should be a color of six hexadecimal digits"


def _metric_row(row, path):
    if not isinstance(row, list):
        yield path, "Should be array"
        yield path, NOT_A_METRIC
        return
    options = row[-1] if row and isinstance(row[-1], dict) else {}
    names = row[:-1] if options else row
    if not all(isinstance(name, str) for name in names):
        yield path, NOT_A_METRIC
    elif "expression" in options:
        if names:
            yield path, NOT_A_METRIC
    # Namespace, name, and pairs of a dimension and its value; "..." stands for those of the row before.
    elif "..." not in names and (len(names) < 2 or len(names) % 2 or len(names) > 2 + 2 * MOST_DIMENSIONS):
        yield path, NOT_A_METRIC
    if "id" in options and not ID.match(str(options["id"])):
        yield f"{path}/id", "Should begin with a lowercase letter"
    yield from _color(options.get("color"), path)


def _metric(properties, path):
    yield from _required(properties, ("region",), path)
    rows, annotations = properties.get("metrics"), properties.get("annotations") or {}
    if rows is None and not annotations.get("alarms"):
        yield path, "Should have required property 'metrics'"
    if rows is not None and not isinstance(rows, list):
        yield f"{path}/metrics", "Should be array"
        rows = None
    ids = []
    for at, row in enumerate(rows or []):
        yield from _metric_row(row, f"{path}/metrics/{at}")
        if isinstance(row, list) and row and isinstance(row[-1], dict) and "id" in row[-1]:
            ids.append(row[-1]["id"])
    if len(ids) != len(set(ids)):
        yield f"{path}/metrics", "Ids should be unique"
    period = properties.get("period")
    if period is not None and period not in (1, 5, 10, 20, 30) and (not isinstance(period, int) or period <= 0 or period % 60):
        yield f"{path}/period", "Should be 1, 5, 10, 20, 30 or a multiple of 60"
    for at, line in enumerate(annotations.get("horizontal") or []):
        where = f"{path}/annotations/horizontal/{at}"
        # Two of them are a band.
        if isinstance(line, dict):
            if not isinstance(line.get("value"), (int, float)):
                yield f"{where}/value", "Should be number"
            if line.get("fill", "none") not in ("above", "below", "none"):
                yield f"{where}/fill", "Should be equal to one of the allowed values"
            yield from _color(line.get("color"), where)


def _alarm(properties, path):
    alarms = properties.get("alarms")
    if not isinstance(alarms, list) or not 1 <= len(alarms) <= MOST_ALARMS:
        yield f"{path}/alarms", f"Should be an array of 1 to {MOST_ALARMS} ARNs"
    elif not all(isinstance(arn, str) and ":alarm:" in arn for arn in alarms):
        yield f"{path}/alarms", "Should be ARNs of alarms"


CONTENTS = {
    "metric": _metric,
    "alarm": _alarm,
    "text": lambda properties, path: _required(properties, ("markdown",), path),
    "log": lambda properties, path: _required(properties, ("region", "query"), path),
}


def mistakes(text):
    """What is wrong with a body: places and messages."""
    try:
        body = json.loads(text)
    except ValueError:
        return [("", "The field DashboardBody must be a valid JSON object")]
    widgets = body.get("widgets") if isinstance(body, dict) else None
    if not isinstance(widgets, list):
        return [("", "Should have required property 'widgets'")]
    if len(widgets) > MOST_WIDGETS:
        return [("/widgets", f"Should NOT have more than {MOST_WIDGETS} items")]
    found = []
    for at, widget in enumerate(widgets):
        path = f"/widgets/{at}"
        if not isinstance(widget, dict) or widget.get("type") not in KINDS:
            found.append((f"{path}/type", "Should be equal to one of the allowed values"))
            continue
        found += _place(widget, path)
        properties = widget.get("properties")
        if not isinstance(properties, dict):
            found.append((path, "Should have required property 'properties'"))
        elif widget["type"] in CONTENTS:
            found += CONTENTS[widget["type"]](properties, f"{path}/properties")
    return found


def extend(cloudwatch):
    put, list_them = cloudwatch._put_dashboard, cloudwatch._list_dashboards

    def put_if_valid(params, request, is_cbor, is_json=False):
        asked = request if is_cbor or is_json else params
        text = asked.get("DashboardBody", "")
        found = mistakes(text[0] if isinstance(text, list) else text)
        if not found:
            return put(params, request, is_cbor, is_json)
        listed = json.dumps([{"dataPath": path, "message": message} for path, message in found], indent=2)
        message = f"The dashboard body is invalid, there are {len(found)} validation errors:\n{listed}"
        return cloudwatch._error("InvalidParameterInput", message, 400, use_json=is_json, use_cbor=is_cbor)

    def list_with_times(params, request, is_cbor, is_json=False):
        status, headers, body = list_them(params, request, is_cbor, is_json)
        if is_json and status == 200:
            answer = json.loads(body)
            # ministack writes the time in words, which SDKs do not read in JSON.
            for entry in answer["DashboardEntries"]:
                if isinstance(entry.get("LastModified"), str):
                    entry["LastModified"] = datetime.fromisoformat(entry["LastModified"].replace("Z", "+00:00")).timestamp()
            body = json.dumps(answer).encode()
        return status, headers, body

    cloudwatch._put_dashboard, cloudwatch._list_dashboards = put_if_valid, list_with_times
