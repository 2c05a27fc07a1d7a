"""Which resources a request is about, where ministack names one of them, another, or none.

AWS asks the policies once for each ("Actions, resources, and condition keys for AWS services"), once more for each role that is
handed to a service (iam:PassRole), and for the tags that something is made with (ec2:CreateTags). Of IAM roles it tells the
permissions boundary, of EC2's resources their tags.
"""

import contextvars
import json
import os
import re

from emulator_resource_types import EC2, EC2_IDS, RDS, RDS_LISTS
from ministack.core import iam_actions, iam_evaluator

# Where a request names the role that it hands to a service, and to which.
PASSED = {
    "ec2": {"DeliverLogsPermissionArn": "vpc-flow-logs.amazonaws.com"},
    "ecs": {"taskRoleArn": "ecs-tasks.amazonaws.com", "executionRoleArn": "ecs-tasks.amazonaws.com"},
    "rds": {"MonitoringRoleArn": "monitoring.rds.amazonaws.com"},
    "scheduler": {"RoleArn": "scheduler.amazonaws.com"},
}

# What the local RDS asks with before it does something itself, and how it is told that whoever calls may.
ONLY_ASKS = "x-local-rds-asks"
ALLOWED = "Somebody who may do it"

_request = contextvars.ContextVar("resources_of_the_request", default=None)
_resource_of = iam_actions.extract_resource_arn
_enforce = iam_evaluator.enforce


def _json(body):
    try:
        said = json.loads(body or b"{}")
    except (ValueError, UnicodeDecodeError):
        return {}
    return said if isinstance(said, dict) else {}


class Request:
    """One request, in the words of its service."""

    def __init__(self, service, method, path, headers, body, params, region, account):
        self.service, self.method, self.path, self.body = service, method, path, body
        self.params, self.region, self.account = params, region, account
        self.json = _json(body)
        self.only_asks = ONLY_ASKS in headers
        self.action = iam_actions._query_param(params, "Action") or headers.get("x-amz-target", "").rsplit(".", 1)[-1]

    def arn(self, service, resource, region=None):
        return f"arn:aws:{service}:{self.region if region is None else region}:{self.account}:{resource}"

    def value(self, name):
        found = iam_actions._param(self.body, self.params, name) or self.json.get(name)
        return found if isinstance(found, str) else ""

    def values(self, name):
        """Of a list as well: `SubnetId.1`, `AlarmNames.member.1`, or JSON's."""
        if isinstance(self.json.get(name), list):
            return [value for value in self.json[name] if isinstance(value, str)]
        pattern = re.compile(rf"^{name}(\.member)?(\.\d+)?$")
        return [iam_actions._query_param(self.params, key) for key in self.params if pattern.match(key)]

    def resources(self):
        named = getattr(self, f"_{self.service}", lambda: [])()
        return [arn for arn in named if arn]

    def _ec2(self):
        if self.action.startswith("Describe"):
            return ["*"]
        if self.action in ("CreateTags", "DeleteTags"):
            kinds = [(EC2_IDS.get(name.split("-")[0]), name) for name in self.values("ResourceId")]
            return [self.arn("ec2", f"{kind}/{name}") for kind, name in kinds]
        found = []
        for field, kind in EC2.get(self.action, {}).items():
            found += [f"{kind}/{value}" for value in (self.values(field) if field else ["*"])]
        if self.action == "DisassociateRouteTable":
            found = [f"route-table/{table}" for table in self._tables_of(self.value("AssociationId"))]
        return [
            f"arn:aws:ec2:{self.region}::{resource}" if resource.startswith("image/") else self.arn("ec2", resource)
            for resource in found
        ]

    def _tables_of(self, association):
        from ministack.services import ec2

        has = lambda table: any(a["RouteTableAssociationId"] == association for a in table["Associations"])  # noqa: E731
        return [name for name, table in ec2._route_tables.items() if has(table)]

    def _rds(self):
        names = [self.value("ResourceName")]
        for field, kind in RDS.items():
            value = self.value(field)
            names.append(value if value.startswith("arn:") else value and self.arn("rds", f"{kind}:{value}"))
        kind = RDS_LISTS.get(self.action)
        return names if any(names) or kind is None else [self.arn("rds", f"{kind}:*")]

    def _kms(self):
        from ministack.services import kms

        alias = self.value("AliasName")
        # An ARN of an alias stands for its key, too.
        key = kms._aliases.get(self.arn("kms", self.value("KeyId"))) or self.value("TargetKeyId") or self.value("KeyId")
        arn = key if key.startswith("arn:") else key and self.arn("kms", f"key/{key}")
        return [alias and self.arn("kms", alias), arn]

    def _iam(self):
        if self.value("RoleName") and not self.action.endswith("InstanceProfile"):
            return []
        profile, policy = self.value("InstanceProfileName"), self.value("PolicyName")
        return [
            profile and self.arn("iam", f"instance-profile/{profile}", ""),
            policy and self.action == "CreatePolicy" and self.arn("iam", f"policy/{policy}", ""),
        ]

    def _sns(self):
        subscription = self.value("SubscriptionArn").rsplit(":", 1)[0]
        return [self.value("ResourceArn") or subscription]

    def _logs(self):
        group = self.value("logGroupIdentifier")
        return [group if group.startswith("arn:") else group and self.arn("logs", f"log-group:{group}")]

    def _monitoring(self):
        names = {"alarm:": ["AlarmName", "AlarmNames"], "dashboard/": ["DashboardName", "DashboardNames"]}
        if self.action.startswith("Describe"):
            return ["*"]
        found = [self.value("ResourceARN")]
        for kind, fields in names.items():
            region = "" if kind == "dashboard/" else None
            named = [value for field in fields for value in [self.value(field), *self.values(field)] if value]
            found += [self.arn("cloudwatch", kind + value, region) for value in named]
        return found

    def _ecs(self):
        family, cluster = self.json.get("family"), self.json.get("clusterName")
        clusters = self.json.get("clusters") or [""]
        definition = self.value("taskDefinition")
        return [
            self.value("resourceArn"),
            family and self.arn("ecs", f"task-definition/{family}:*"),
            cluster and self.arn("ecs", f"cluster/{cluster}"),
            clusters[0] if clusters[0].startswith("arn:") else clusters[0] and self.arn("ecs", f"cluster/{clusters[0]}"),
            definition if definition.startswith("arn:") else "",
        ]

    def _events(self):
        name = self.value("Rule") or self.value("Name")
        return [self.value("ResourceARN") or name and self.arn("events", f"rule/{name}")]

    def _ssm(self):
        document = self.value("Name") if self.action.endswith("Document") or "DefaultVersion" in self.action else ""
        if self.json.get("ResourceType") == "Document":
            document = self.value("ResourceId")
        # Amazon's own parameters are no account's.
        public = self.value("Name") if self.value("Name").startswith("/aws/service/") else ""
        return [
            document and self.arn("ssm", f"document/{document}"),
            public and f"arn:aws:ssm:{self.region}::parameter{public}",
        ]

    def _cloudtrail(self):
        return [self.value("ResourceId"), *self.values("ResourceIdList")[:1]]

    def _scheduler(self):
        return []

    def passed_roles(self):
        """Roles that the request hands to a service, each with that service."""
        text = self.body.decode("utf-8", "replace")
        found = [(self.value(field), to) for field, to in PASSED.get(self.service, {}).items()]
        if self.service == "scheduler":
            found = [((self.json.get("Target") or {}).get("RoleArn"), "scheduler.amazonaws.com")]
        if self.service == "s3" and self.method == "PUT" and "replication" in self.params:
            found = [(role, "s3.amazonaws.com") for role in re.findall(r"<Role>(.*?)</Role>", text)]
        if self.service == "iam" and self.action == "AddRoleToInstanceProfile":
            found = [(self.arn("iam", f"role/{self.value('RoleName')}", ""), "ec2.amazonaws.com")]
        if self.service == "ec2" and self.action in ("RunInstances", "AssociateIamInstanceProfile"):
            found = [(role, "ec2.amazonaws.com") for role in self._roles_of_profile()]
        return [(role, to) for role, to in found if role]

    def _roles_of_profile(self):
        from ministack.services import iam

        name = self.value("IamInstanceProfile.Name") or self.value("IamInstanceProfile.Arn").rsplit("/", 1)[-1]
        profile = iam._instance_profiles.get(name) or {}
        return [self.arn("iam", f"role/{role}", "") for role in profile.get("Roles", [])]

    def tagged(self):
        """Types of EC2's that the request tags as it makes them."""
        kinds = [self.params[key] for key in self.params if re.match(r"^TagSpecification\.\d+\.ResourceType$", key)]
        return [kind[0] if isinstance(kind, list) else kind for kind in kinds] if self.service == "ec2" else []

    def context(self):
        if self.service == "ec2":
            return self._tags_of_what_is_made()
        if self.service != "iam" or not self.value("RoleName"):
            return {}
        from ministack.services import iam

        role = iam._roles.get(self.value("RoleName")) or {}
        boundary = self.value("PermissionsBoundary") or role.get("PermissionsBoundary")
        return {"iam:PermissionsBoundary": boundary} if boundary else {}

    def _tags_of_what_is_made(self):
        keys = [key for key in self.params if re.match(r"^TagSpecification\.\d+\.Tag\.\d+\.Key$", key)]
        query = iam_actions._query_param
        return {f"aws:RequestTag/{query(self.params, k)}": query(self.params, k[:-3] + "Value") for k in keys}


def resource_of(service, method, path, headers, body, query_params, region, account_id):
    primary = _resource_of(service, method, path, headers, body, query_params, region, account_id)
    request = Request(service, method, path, headers, body, query_params, region, account_id)
    _request.set((primary, request))
    return primary


def _tags_of(arn):
    from ministack.services import ec2

    return {tag["Key"]: tag["Value"] for tag in ec2._tags.get(arn.rsplit("/", 1)[-1]) or []}


def _know_tags():
    from ministack.services import tagging

    known = tagging.resource_tags
    if not hasattr(known, "of_ec2"):
        tagging.resource_tags = lambda arn: _tags_of(arn) if arn.startswith("arn:aws:ec2:") else known(arn)
        tagging.resource_tags.of_ec2 = True


def _note(access_key, action, arn, denied):
    """For tests that want to know what was asked."""
    file = os.environ.get("EMULATOR_REQUESTS")
    if file:
        with open(file, "a", encoding="utf-8") as notes:
            asked = {"key": access_key, "action": action, "resource": arn, "denied": denied is not None}
            notes.write(json.dumps(asked) + "\n")


def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    def ask(action, of, arn, context):
        denied = _enforce(access_key_id, action, of, region, resource_arn=arn, service_context=context)
        _note(access_key_id, action, arn, denied)
        return denied

    _know_tags()
    primary, request = _request.get() or (None, None)
    if request is None or primary != resource_arn:
        return ask(iam_action, service, resource_arn, service_context)
    _request.set(None)
    context = {**(service_context or {}), **request.context()}
    checks = [(iam_action, service, arn, context) for arn in request.resources() or [resource_arn]]
    for role, to in request.passed_roles():
        checks.append(("iam:PassRole", "iam", role, {"iam:PassedToService": to}))
    for kind in request.tagged():
        made = {**context, "ec2:CreateAction": request.action}
        checks.append(("ec2:CreateTags", "ec2", request.arn("ec2", f"{kind}/*"), made))
    refused = next((denied for check in checks if (denied := ask(*check)) is not None), None)
    return iam_evaluator.EvalResult("Allow", ALLOWED) if refused is None and request.only_asks else refused


def extend_ec2(ec2):
    """Flow logs are tagged by AWS's name of their type."""
    parse = ec2._parse_tag_specs
    ec2._parse_tag_specs = lambda p, kind, name: parse(p, "vpc-flow-log" if kind == "flow-log" else kind, name)


def extend():
    iam_actions.extract_resource_arn = resource_of
    iam_evaluator.enforce = enforce
