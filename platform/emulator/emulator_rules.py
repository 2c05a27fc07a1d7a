"""Rules of EventBridge as it keeps and refuses them (API reference, PutRule, DeleteRule, PutTargets; "Transforming input").

By itself ministack keeps of an old rule what a new one leaves out, deletes a rule together with its targets, and takes templates
that would never become a message.
"""

import json
import re

LIMIT_OF_TARGETS = 5
PLACEHOLDER = re.compile(r"<([\w.-]+)>")


def _is_json(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


def _template_refusal(target):
    transformer = target.get("InputTransformer")
    if not transformer:
        return None
    template, known = transformer.get("InputTemplate", ""), transformer.get("InputPathsMap") or {}
    for name in PLACEHOLDER.findall(template):
        if name not in known and not name.startswith("aws.events."):
            return f"Invalid InputTemplate for target {target.get('Id')} : placeholder <{name}> is not in InputPathsMap."
    # A placeholder is a value of its own, or part of a text; several lines are a text each.
    filled = PLACEHOLDER.sub("0", template)
    if not _is_json(filled) and not all(_is_json(line) for line in filled.splitlines() if line.strip()):
        return f"Invalid InputTemplate for target {target.get('Id')} : it is neither JSON nor a text in quotes."
    return None


def extend(eventbridge):
    from ministack.core.responses import error_response_json

    put, delete, put_targets = eventbridge._put_rule, eventbridge._delete_rule, eventbridge._put_targets

    def key_of(data, name):
        return eventbridge._rule_key(data.get(name), data.get("EventBusName", "default"))

    def put_whole(data):
        return put({"State": "ENABLED", "Description": "", "RoleArn": "", **data})

    def delete_without_targets(data):
        if eventbridge._targets.get(key_of(data, "Name")):
            return error_response_json("ValidationException", "Rule can't be deleted since it has targets.", 400)
        return delete(data)

    def put_valid_targets(data):
        targets = data.get("Targets", [])
        for target in targets:
            refused = _template_refusal(target)
            if refused:
                return error_response_json("ValidationException", refused, 400)
        ids = {it["Id"] for it in [*eventbridge._targets.get(key_of(data, "Rule"), []), *targets]}
        if len(ids) > LIMIT_OF_TARGETS:
            message = "The requested resource exceeds the maximum number allowed."
            return error_response_json("LimitExceededException", message, 400)
        return put_targets(data)

    def known_rule(call):
        """RemoveTargets and ListTargetsByRule: AWS tells when the rule is not there."""
        def handler(data):
            if key_of(data, "Rule") not in eventbridge._rules:
                message = f"Rule {data.get('Rule')} does not exist on EventBus {data.get('EventBusName', 'default')}."
                return error_response_json("ResourceNotFoundException", message, 400)
            return call(data)
        return handler

    eventbridge._put_rule, eventbridge._delete_rule = put_whole, delete_without_targets
    eventbridge._put_targets = put_valid_targets
    eventbridge._remove_targets = known_rule(eventbridge._remove_targets)
    eventbridge._list_targets_by_rule = known_rule(eventbridge._list_targets_by_rule)
