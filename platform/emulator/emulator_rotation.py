"""Rotation in Secrets Manager as a setting, which is all that ministack lacks of it here.

By itself it makes a new version whenever rotation is set up, even when it is told not to, and knows no way back. Secrets are
not rotated by it at their time: what RDS manages, the local RDS rotates when it is asked to.
"""

import json

from ministack.core.responses import error_response_json, json_response


def extend(secrets):
    handle = secrets.handle_request

    def set_up(data, secret):
        if secret.get("DeletedDate"):
            message = "You can't perform this operation on the secret because it was marked for deletion."
            return error_response_json("InvalidRequestException", message, 400)
        secret["RotationEnabled"] = True
        secret["RotationRules"] = data.get("RotationRules") or secret.get("RotationRules")
        return json_response({"ARN": secret["ARN"], "Name": secret["Name"]})

    def cancel(_data, secret):
        secret["RotationEnabled"] = False
        secret["RotationRules"] = None
        return json_response({"ARN": secret["ARN"], "Name": secret["Name"]})

    async def handle_request(method, path, headers, body, query_params):
        action = headers.get("x-amz-target", "").split(".")[-1]
        if action not in ("RotateSecret", "CancelRotateSecret"):
            return await handle(method, path, headers, body, query_params)
        data = json.loads(body)
        _, secret = secrets._resolve(data.get("SecretId"))
        if not secret:
            message = "Secrets Manager can't find the specified secret."
            return error_response_json("ResourceNotFoundException", message, 400)
        if action == "CancelRotateSecret":
            return cancel(data, secret)
        if data.get("RotateImmediately") is False:
            return set_up(data, secret)
        return await handle(method, path, headers, body, query_params)

    secrets.handle_request = handle_request
