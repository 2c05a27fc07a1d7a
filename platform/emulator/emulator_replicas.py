"""ministack's read replicas are copies of their source's record; RDS makes them as they are asked for.

By itself it ignores every setting of the request but two, and a deleted replica stays in its source's list.
"""

# Of the request, and of the record.
TEXTS = {"DBInstanceClass": "DBInstanceClass", "StorageType": "StorageType", "MonitoringRoleArn": "MonitoringRoleArn"}
NUMBERS = {"MonitoringInterval": "MonitoringInterval"}
FLAGS = {
    "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "CopyTagsToSnapshot": "CopyTagsToSnapshot",
    "DeletionProtection": "DeletionProtection",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EnablePerformanceInsights": "PerformanceInsightsEnabled",
    "MultiAZ": "MultiAZ",
    "PubliclyAccessible": "PubliclyAccessible",
}


def extend(rds):
    create, delete = rds._ACTION_MAP["CreateDBInstanceReadReplica"], rds._ACTION_MAP["DeleteDBInstance"]

    def create_as_asked(p):
        status, headers, body = create(p)
        if status != 200:
            return status, headers, body
        replica = rds._instances[rds._p(p, "DBInstanceIdentifier")]
        for asked, kept in TEXTS.items():
            replica[kept] = rds._p(p, asked) or replica[kept]
        for asked, kept in NUMBERS.items():
            replica[kept] = int(rds._p(p, asked) or 0)
        for asked, kept in FLAGS.items():
            replica[kept] = rds._p(p, asked) == "true"
        groups = rds._parse_member_list(p, "VpcSecurityGroupIds")
        if groups:
            replica["VpcSecurityGroups"] = [{"VpcSecurityGroupId": group, "Status": "active"} for group in groups]
        if rds._p(p, "Port"):
            replica["Endpoint"]["Port"] = int(rds._p(p, "Port"))
        # A replica has no backups of its own until it is given some (RDS: "Working with DB instance read replicas").
        replica["BackupRetentionPeriod"] = 0
        action = "CreateDBInstanceReadReplica"
        return rds._single_instance_response(f"{action}Response", f"{action}Result", replica)

    def delete_from_source(p):
        replica = rds._resolve_instance(rds._p(p, "DBInstanceIdentifier")) or {}
        answer = delete(p)
        source = rds._instances.get(replica.get("ReadReplicaSourceDBInstanceIdentifier"))
        if answer[0] == 200 and source:
            source["ReadReplicaDBInstanceIdentifiers"].remove(replica["DBInstanceIdentifier"])
        return answer

    rds._ACTION_MAP["CreateDBInstanceReadReplica"] = create_as_asked
    rds._ACTION_MAP["DeleteDBInstance"] = delete_from_source
