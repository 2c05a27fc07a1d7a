"""SSM's documents, of which ministack knows nothing. They are kept, by account and region, with its other state."""

import copy
import hashlib
import json
import time

LARGEST_CONTENT = 64 * 1024


def extend(ssm):
    from ministack.core.responses import AccountRegionScopedDict, error_response_json, json_response

    documents = AccountRegionScopedDict()
    get_state, load_state, reset, handle = ssm.get_state, ssm.load_persisted_state, ssm.reset, ssm.handle_request

    def parsed(content):
        """The content's fields. A YAML document keeps its own to itself: there is no parser for it here."""
        try:
            fields = json.loads(content)
            return fields if isinstance(fields, dict) else {}
        except ValueError:
            return {}

    def content_error(content, document_format):
        if len(content.encode()) > LARGEST_CONTENT:
            return error_response_json("MaxDocumentSizeExceeded", "The size limit of a document is 64 KB.", 400)
        if document_format == "JSON" and "schemaVersion" not in parsed(content):
            message = "Content is not a JSON object with a schemaVersion."
            return error_response_json("InvalidDocumentContent", message, 400)
        return None

    def version_of(document, asked):
        number = {"$LATEST": str(len(document["Versions"])), "$DEFAULT": document["Default"], None: document["Default"]}
        index = number.get(asked, asked)
        return index if index.isdigit() and 0 < int(index) <= len(document["Versions"]) else None

    def described(document, version):
        kept = document["Versions"][int(version) - 1]
        fields = parsed(kept["Content"])
        parameters = [
            {"Name": name, "Type": rule.get("type"), "Description": rule.get("description"),
             "DefaultValue": rule["default"] if isinstance(rule.get("default"), str) else None}
            for name, rule in fields.get("parameters", {}).items()
        ]
        return {
            "Name": document["Name"],
            "DocumentType": document["Type"],
            "DocumentFormat": kept["Format"],
            "DocumentVersion": version,
            "DefaultVersion": document["Default"],
            "LatestVersion": str(len(document["Versions"])),
            "SchemaVersion": fields.get("schemaVersion"),
            "Description": fields.get("description"),
            "Parameters": [{k: v for k, v in parameter.items() if v is not None} for parameter in parameters],
            "Owner": ssm.get_account_id(),
            "CreatedDate": document["Created"],
            "Status": "Active",
            "Hash": hashlib.sha256(kept["Content"].encode()).hexdigest(),
            "HashType": "Sha256",
            "PlatformTypes": ["Windows", "Linux", "MacOS"],
            "TargetType": kept.get("TargetType"),
            "VersionName": kept.get("VersionName"),
            "Tags": [{"Key": k, "Value": v} for k, v in ssm._tags.get(document["Name"], {}).items()],
        }

    def answer(document, version, member="DocumentDescription"):
        found = {k: v for k, v in described(document, version).items() if v is not None}
        return json_response({member: found})

    def version_from(data):
        return {"Content": data["Content"], "Format": data.get("DocumentFormat", "JSON"),
                "TargetType": data.get("TargetType"), "VersionName": data.get("VersionName")}

    def create(data):
        name = data["Name"]
        if name in documents:
            return error_response_json("DocumentAlreadyExists", f"Document with same name {name} already exists", 400)
        refused = content_error(data["Content"], data.get("DocumentFormat", "JSON"))
        if refused:
            return refused
        documents[name] = {"Name": name, "Type": data.get("DocumentType", "Command"), "Created": time.time(),
                           "Default": "1", "Versions": [version_from(data)], "Shared": []}
        ssm._tags[name] = {tag["Key"]: tag["Value"] for tag in data.get("Tags", [])}
        return answer(documents[name], "1")

    def update(data, document):
        refused = content_error(data["Content"], data.get("DocumentFormat", "JSON"))
        if refused:
            return refused
        if data["Content"] == document["Versions"][-1]["Content"]:
            message = "The content of the document version is the same as that of the latest one."
            return error_response_json("DuplicateDocumentContent", message, 400)
        document["Versions"].append(version_from(data))
        return answer(document, str(len(document["Versions"])))

    def update_default(data, document):
        version = version_of(document, data["DocumentVersion"])
        if version is None:
            message = "The document version is not valid or does not exist."
            return error_response_json("InvalidDocumentVersion", message, 400)
        document["Default"] = version
        return json_response({"Description": {"Name": document["Name"], "DefaultVersion": version}})

    def describe(data, document):
        version = version_of(document, data.get("DocumentVersion"))
        if version is None:
            return error_response_json("InvalidDocumentVersion", "The document version does not exist.", 400)
        return answer(document, version, "Document")

    def get(data, document):
        version = version_of(document, data.get("DocumentVersion"))
        if version is None:
            return error_response_json("InvalidDocumentVersion", "The document version does not exist.", 400)
        kept = document["Versions"][int(version) - 1]
        return json_response({"Name": document["Name"], "DocumentVersion": version, "Status": "Active",
                              "Content": kept["Content"], "DocumentType": document["Type"],
                              "DocumentFormat": kept["Format"]})

    def delete(_data, document):
        documents.pop(document["Name"], None)
        ssm._tags.pop(document["Name"], None)
        return json_response({})

    def describe_permission(_data, document):
        return json_response({"AccountIds": document["Shared"]})

    def modify_permission(data, document):
        gone, added = data.get("AccountIdsToRemove", []), data.get("AccountIdsToAdd", [])
        document["Shared"] = sorted({*document["Shared"], *added} - set(gone))
        return json_response({})

    on_existing = {
        "UpdateDocument": update,
        "UpdateDocumentDefaultVersion": update_default,
        "DescribeDocument": describe,
        "GetDocument": get,
        "DeleteDocument": delete,
        "DescribeDocumentPermission": describe_permission,
        "ModifyDocumentPermission": modify_permission,
    }
    tagging = ("AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource")

    async def handle_request(method, path, headers, body, query_params):
        action = headers.get("x-amz-target", "").split(".")[-1]
        data = json.loads(body) if body and (action == "CreateDocument" or action in (*on_existing, *tagging)) else {}
        if action == "CreateDocument":
            return create(data)
        if action in on_existing:
            document = documents.get(data["Name"])
            if document is None:
                message = f"Document with name {data['Name']} does not exist."
                return error_response_json("InvalidDocument", message, 400)
            return on_existing[action](data, document)
        if data.get("ResourceType") == "Document" and data.get("ResourceId") not in documents:
            return error_response_json("InvalidResourceId", "The resource ID is not valid.", 400)
        return await handle(method, path, headers, body, query_params)

    def load(data):
        load_state(data)
        documents.update((data or {}).get("documents", {}))

    def forget():
        reset()
        documents.clear()

    ssm.handle_request, ssm.load_persisted_state, ssm.reset = handle_request, load, forget
    ssm.get_state = lambda: {**get_state(), "documents": copy.deepcopy(documents)}
