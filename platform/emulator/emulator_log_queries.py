"""Saved queries of Logs Insights, and trying a pattern out (PutQueryDefinition, TestMetricFilter), which ministack lacks. They are kept with its other state."""

import copy
import json
import uuid

from emulator_filter_patterns import Unreadable, matcher
from emulator_log_metrics import as_json
from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response

_definitions = AccountRegionScopedDict()


def _put(data):
    identifier = data.get("queryDefinitionId") or str(uuid.uuid4())
    if data.get("queryDefinitionId") and identifier not in _definitions:
        return error_response_json("ResourceNotFoundException", "The specified query definition does not exist.", 400)
    kept = {key: data[key] for key in ("name", "queryString", "logGroupNames") if key in data}
    _definitions[identifier] = {"queryDefinitionId": identifier, "logGroupNames": [], **kept}
    return json_response({"queryDefinitionId": identifier})


def _describe(data):
    prefix = data.get("queryDefinitionNamePrefix", "")
    found = [it for it in _definitions.values() if it["name"].startswith(prefix)]
    return json_response({"queryDefinitions": found})


def _delete(data):
    if _definitions.pop(data.get("queryDefinitionId"), None) is None:
        return error_response_json("ResourceNotFoundException", "The specified query definition does not exist.", 400)
    return json_response({"success": True})


def _test(data):
    try:
        fits = matcher(data.get("filterPattern", ""))
    except Unreadable as error:
        return error_response_json("InvalidParameterException", f"Invalid metric filter pattern: {error}", 400)
    messages = data.get("logEventMessages") or []
    if not 1 <= len(messages) <= 50:
        return error_response_json("InvalidParameterException", "1 to 50 messages can be tried at once", 400)
    found = [(number, it) for number, it in enumerate(messages, 1) if fits(it, as_json(it))]
    return json_response({"matches": [
        {"eventNumber": number, "eventMessage": it, "extractedValues": {}} for number, it in found
    ]})


ACTIONS = {
    "PutQueryDefinition": _put,
    "DescribeQueryDefinitions": _describe,
    "DeleteQueryDefinition": _delete,
    "TestMetricFilter": _test,
}


def extend(logs):
    get_state, load_state, reset, handle = logs.get_state, logs.load_persisted_state, logs.reset, logs.handle_request

    async def handle_request(method, path, headers, body, query_params):
        action = ACTIONS.get(headers.get("x-amz-target", "").split(".")[-1])
        return await handle(method, path, headers, body, query_params) if action is None else action(json.loads(body))

    def load(data):
        load_state(data)
        if data:
            _definitions.update(data.get("query_definitions", {}))

    def forget():
        reset()
        _definitions.clear()

    logs.handle_request, logs.load_persisted_state, logs.reset = handle_request, load, forget
    logs.get_state = lambda: {**get_state(), "query_definitions": copy.deepcopy(_definitions)}
