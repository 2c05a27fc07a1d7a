"""Data protection policies of log groups as CloudWatch Logs takes, keeps and refuses them ("Understanding data protection policies",
"Custom data identifier constraints"); ministack knows none.

What a custom identifier finds is replaced by asterisks when it comes in, and so for filters and metrics too. Nobody can see it
unmasked here, and identifiers of AWS's own find nothing.
"""

import json
import re
import time

MOST_IDENTIFIERS, LONGEST_NAME, LONGEST_REGEX = 10, 128, 200
NAME = re.compile(r"[A-Za-z0-9_-]+")
REGEX = re.compile(r"[A-Za-z0-9_#=@/;, ^$?\[\]{}|\\*+.-]+")


def _identifier_refusal(identifier):
    name, regex = identifier.get("Name") or "", identifier.get("Regex") or ""
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        return f"The custom data identifier name {name} is not valid."
    if not REGEX.fullmatch(regex) or len(regex) > LONGEST_REGEX:
        return f"The regex of the custom data identifier {name} is not valid."
    return None


def _refusal(policy):
    identifiers = (policy.get("Configuration") or {}).get("CustomDataIdentifier") or []
    if len(identifiers) > MOST_IDENTIFIERS:
        return f"A data protection policy has {MOST_IDENTIFIERS} custom data identifiers at most."
    refused = next(filter(None, map(_identifier_refusal, identifiers)), None)
    if refused:
        return refused
    statements = policy.get("Statement") or []
    if not policy.get("Name") or policy.get("Version") != "2021-06-01" or not statements:
        return "A data protection policy needs a name, the version 2021-06-01 and statements."
    audits = [it for it in statements if "Audit" in it.get("Operation", {})]
    hides = [it for it in statements if "Deidentify" in it.get("Operation", {})]
    if len(audits) != 1 or "FindingsDestination" not in audits[0]["Operation"]["Audit"]:
        return "A data protection policy needs one statement with an Audit operation and its FindingsDestination."
    if not hides or any(it["Operation"]["Deidentify"].get("MaskConfig") != {} for it in hides):
        return "A data protection policy needs a statement with a Deidentify operation and an empty MaskConfig."
    if any(it.get("DataIdentifier") != audits[0].get("DataIdentifier") for it in hides):
        return "The data identifiers of the Audit and Deidentify statements have to be the same."
    known = {it["Name"] for it in identifiers}
    custom = [it for it in audits[0]["DataIdentifier"] if not it.startswith("arn:")]
    if not audits[0]["DataIdentifier"] or not known.issuperset(custom):
        return "A data identifier of the policy is not known."
    return None


def _masked(message, regexes):
    for regex in regexes:
        message = re.sub(regex, lambda found: "*" * len(found[0]), message)
    return message


def extend(logs):
    from ministack.core.responses import error_response_json, json_response

    handle, put_events = logs.handle_request, logs._put_log_events

    def put(data, group):
        try:
            refused = _refusal(json.loads(data.get("policyDocument") or ""))
        except ValueError:
            refused = "The policy document is no JSON."
        if refused:
            return error_response_json("InvalidParameterException", refused, 400)
        group["dataProtectionPolicy"] = {"policyDocument": data["policyDocument"], "lastUpdatedTime": int(time.time() * 1000)}
        return json_response({"logGroupIdentifier": data["logGroupIdentifier"], **group["dataProtectionPolicy"]})

    def get(data, group):
        return json_response({"logGroupIdentifier": data["logGroupIdentifier"], **group.get("dataProtectionPolicy", {})})

    def delete(_data, group):
        group.pop("dataProtectionPolicy", None)
        return json_response({})

    actions = {"PutDataProtectionPolicy": put, "GetDataProtectionPolicy": get, "DeleteDataProtectionPolicy": delete}

    async def handle_request(method, path, headers, body, query_params):
        action = actions.get(headers.get("x-amz-target", "").split(".")[-1])
        if action is None:
            return await handle(method, path, headers, body, query_params)
        data = json.loads(body)
        name = logs._resolve_log_group_name({"logGroupIdentifier": data.get("logGroupIdentifier")})
        group = logs._log_groups.get(name)
        if group is None:
            return error_response_json("ResourceNotFoundException", f"The specified log group does not exist: {name}", 400)
        return action(data, group)

    def put_masked(data):
        group = logs._log_groups.get(data.get("logGroupName")) or {}
        policy = json.loads(group.get("dataProtectionPolicy", {}).get("policyDocument") or "{}")
        regexes = [it["Regex"] for it in policy.get("Configuration", {}).get("CustomDataIdentifier", [])]
        events = [{**it, "message": _masked(it.get("message", ""), regexes)} for it in data.get("logEvents", [])]
        return put_events({**data, "logEvents": events})

    logs.handle_request, logs._put_log_events = handle_request, put_masked
