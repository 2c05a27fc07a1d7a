"""The emulator, which here keeps its state on disk all the time, and whose services know a few things more.

By itself it writes its state when it is asked to end, and only then: a crash or a power cut would lose everything that
Pulumi's state and the database's folder still remember.
"""

import asyncio

import emulator_alarms
import emulator_bucket_replication
import emulator_dashboards
import emulator_data_protection
import emulator_documents
import emulator_instances
import emulator_log_queries
import emulator_modifications
import emulator_network
import emulator_prefix_lists
import emulator_principals
import emulator_replicas
import emulator_resources
import emulator_rotation
import emulator_rules
import emulator_schedules
import emulator_speed
import emulator_subscriptions
import emulator_tasks
import emulator_trails
from ministack import app as ministack
from ministack.core.persistence import save_all

# Seconds from a request to the state on disk; requests in between are saved together.
SAVE_WITHIN = 0.25

_due = None


def _extend_cloudwatch(cloudwatch):
    emulator_alarms.extend(cloudwatch)
    emulator_dashboards.extend(cloudwatch)


def _extend_ec2(ec2):
    emulator_instances.extend(ec2)
    emulator_network.extend(ec2)
    emulator_prefix_lists.extend(ec2)
    emulator_resources.extend_ec2(ec2)


def _extend_rds(rds):
    emulator_replicas.extend(rds)
    emulator_modifications.extend(rds)


def _extend_logs(logs):
    emulator_alarms.extend_logs(logs)
    emulator_log_queries.extend(logs)
    emulator_data_protection.extend(logs)  # last: what is hidden is so before metrics are made of it


# What is added to services of the emulator's, when they are first used: they are large, and few are ever loaded.
EXTENSIONS = {
    "cloudtrail": emulator_trails.extend,
    "cloudwatch": _extend_cloudwatch,
    "cloudwatch_logs": _extend_logs,
    "ec2": _extend_ec2,
    "ecs": emulator_tasks.extend,
    "eventbridge": emulator_rules.extend,
    "rds": _extend_rds,
    "s3": emulator_bucket_replication.extend,
    "scheduler": emulator_schedules.extend,
    "secretsmanager": emulator_rotation.extend,
    "sns": emulator_subscriptions.extend,
    "ssm": emulator_documents.extend,
}

_load = ministack._get_module


def _load_extended(name):
    module = _load(name)
    extend = EXTENSIONS.pop(name, None)
    if extend is not None:
        extend(module)
    return module


ministack._get_module = _load_extended
emulator_principals.extend()
emulator_speed.extend()
emulator_resources.extend()


def _save():
    global _due
    _due = None
    save_all(ministack._build_persistence_save_dict())


async def app(scope, receive, send):
    global _due
    await ministack.app(scope, receive, send)
    # Nearly every action of AWS is a POST, reading ones too: which of them change something is the emulator's business.
    changes = scope["type"] == "http" and scope["method"] != "GET"
    if changes and _due is None:
        _due = asyncio.get_running_loop().call_later(SAVE_WITHIN, _save)
