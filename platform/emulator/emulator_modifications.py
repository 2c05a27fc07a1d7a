"""What ministack does with changes of an RDS instance otherwise than RDS.

By itself it never makes what waited for the maintenance window, forgets it with the next change that waits, and deletes parameter
groups that instances use.
"""


def extend(rds):
    modify, delete_group = rds._ACTION_MAP["ModifyDBInstance"], rds._ACTION_MAP["DeleteDBParameterGroup"]

    def modify_and_remember(p):
        instance = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier")) or {}
        waiting = dict(instance.get("PendingModifiedValues", {}))
        answer = modify(p)
        if answer[0] != 200:
            return answer
        if rds._p(p, "ApplyImmediately") == "true":
            # Together with what is asked for, all that waits is made (RDS: "Using the schedule modifications setting").
            instance.update({name: value for name, value in waiting.items() if not rds._p(p, name)})
            instance["PendingModifiedValues"] = {}
        else:
            later = {**waiting, **instance.get("PendingModifiedValues", {})}
            # What is so already waits for nothing.
            instance["PendingModifiedValues"] = {n: value for n, value in later.items() if instance.get(n) != value}
        return rds._single_instance_response("ModifyDBInstanceResponse", "ModifyDBInstanceResult", instance)

    def delete_unused_group(p):
        name = rds._p(p, "DBParameterGroupName")
        used = [group["DBParameterGroupName"] for i in rds._instances.values() for group in i.get("DBParameterGroups", [])]
        if name in used:
            message = "One or more database instances are still members of this parameter group, so the group cannot be deleted"
            return rds._error("InvalidDBParameterGroupState", message, 400)
        return delete_group(p)

    rds._ACTION_MAP["ModifyDBInstance"] = modify_and_remember
    rds._ACTION_MAP["DeleteDBParameterGroup"] = delete_unused_group
