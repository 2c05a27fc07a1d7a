"""What ECS refuses of a task definition, and ministack takes: it would be found out only in AWS.

Messages are ECS's own where they are known ("Task definition differences for Fargate", "Troubleshoot Amazon ECS task definition
invalid CPU or memory errors").
"""

from ministack.core.responses import error_response_json

GIB = 1024

# CPU units of a task on Fargate, and the memory, in MiB, that goes with them.
FARGATE = {
    256: [512, 1 * GIB, 2 * GIB],
    512: range(1 * GIB, 4 * GIB + 1, GIB),
    1024: range(2 * GIB, 8 * GIB + 1, GIB),
    2048: range(4 * GIB, 16 * GIB + 1, GIB),
    4096: range(8 * GIB, 30 * GIB + 1, GIB),
    8192: range(16 * GIB, 60 * GIB + 1, 4 * GIB),
    16384: range(32 * GIB, 120 * GIB + 1, 8 * GIB),
}

LOG_OPTIONS = ("awslogs-group", "awslogs-region")


def _number(value, unit):
    """"512", "0.5 vCPU" and "1 GB" as ECS keeps them: units of CPU, or MiB."""
    text = str(value).lower().replace(" ", "")
    return round(float(text.removesuffix(unit)) * GIB) if text.endswith(unit) else int(text)


def _log_driver(container):
    return (container.get("logConfiguration") or {}).get("logDriver")


def _fargate_refusal(data, containers):
    if data.get("networkMode", "awsvpc") != "awsvpc":
        return "Fargate only supports network mode 'awsvpc'."
    for name in ("cpu", "memory"):
        if not data.get(name):
            return f"Fargate requires that '{name}' be defined at the task level."
    cpu, memory = int(data["cpu"]), int(data["memory"])
    if memory not in FARGATE.get(cpu, []):
        return (f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
                "See the Amazon ECS documentation for the valid values.")
    if not data.get("executionRoleArn"):
        if any(_log_driver(container) == "awslogs" for container in containers):
            return "Fargate requires task definition to have execution role ARN to support log driver awslogs."
        if any(".dkr.ecr." in container.get("image", "") for container in containers):
            return "Fargate requires task definition to have execution role ARN to support ECR images."
    for volume in data.get("volumes") or []:
        if (volume.get("host") or {}).get("sourcePath"):
            return "Fargate compatible task definitions do not support sourcePath."
    return None


def _refusal(data):
    containers = data.get("containerDefinitions") or []
    fargate = "FARGATE" in (data.get("requiresCompatibilities") or [])
    names = [container.get("name") for container in containers]
    if len(set(names)) < len(names):
        return "The names of a task's containers must differ."
    if containers and not any(container.get("essential", True) for container in containers):
        return "At least one container must be marked as essential."
    volumes = {volume.get("name") for volume in data.get("volumes") or []}
    for container in containers:
        for mount in container.get("mountPoints") or []:
            if mount.get("sourceVolume") not in volumes:
                return f"Unknown volume '{mount.get('sourceVolume')}'."
        for other in container.get("dependsOn") or []:
            if other.get("containerName") not in names:
                return f"Container '{container.get('name')}' depends on '{other.get('containerName')}', which is not there."
        if container.get("secrets") and not data.get("executionRoleArn"):
            return "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
        needed = LOG_OPTIONS + (("awslogs-stream-prefix",) if fargate else ())
        options = (container.get("logConfiguration") or {}).get("options") or {}
        missing = [name for name in needed if name not in options]
        if _log_driver(container) == "awslogs" and missing:
            return f"Log driver awslogs requires options: {', '.join(missing)}."
    return _fargate_refusal(data, containers) if fargate else None


def extend(ecs):
    register, describe = ecs._ACTION_MAP["RegisterTaskDefinition"], ecs._ACTION_MAP["DescribeTaskDefinition"]

    def register_if_valid(data):
        try:
            for name, unit in (("cpu", "vcpu"), ("memory", "gb")):
                if data.get(name):
                    data[name] = str(_number(data[name], unit))
        except ValueError:
            return error_response_json("ClientException", f"Invalid '{name}' setting for task.", 400)
        refused = _refusal(data)
        return error_response_json("ClientException", refused, 400) if refused else register(data)

    def describe_latest(data):
        """A family stands for its latest revision that is active; by itself the emulator takes the latest."""
        family = data.get("taskDefinition", "").split("task-definition/")[-1]
        active = [it["revision"] for it in ecs._task_defs.values()
                  if it["family"] == family and it["status"] == "ACTIVE"]
        if ":" in family or not family:
            return describe(data)
        if not active:
            return error_response_json("ClientException", "Unable to describe task definition.", 400)
        return describe({**data, "taskDefinition": f"{family}:{max(active)}"})

    ecs._ACTION_MAP["RegisterTaskDefinition"] = register_if_valid
    ecs._ACTION_MAP["DescribeTaskDefinition"] = describe_latest
