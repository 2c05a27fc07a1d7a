/**
 * What ministack 1.5.33 loses or lacks, by its source and by trying it. A property listed here is kept as the program said it, so
 * that a refresh stays quiet; the service is told all the same. Everything else is read from the service.
 *
 * Nothing is done about two more: a "<" in a group's description or in a parameter's value breaks its XML, and the name of
 * a secret that waits for its end is answered with ResourceExistsException instead of InvalidRequestException.
 */
export const GAPS = {
  /** ModifyVpcAttribute ignores it; DescribeVpcAttribute always says false. */
  vpc: ["enableNetworkAddressUsageMetrics"],

  /** ModifySubnetAttribute ignores both. */
  subnet: ["assignIpv6AddressOnCreation", "enableDns64"],

  instance: [
    // Never stored.
    ...["databaseInsightsMode", "dedicatedLogVolume", "enabledCloudwatchLogsExports", "engineLifecycleSupport"],
    ...["licenseModel", "networkType", "optionGroupName", "storageThroughput"],
    // Stored by CreateDBInstance, ignored by ModifyDBInstance.
    ...["autoMinorVersionUpgrade", "dbSubnetGroupName", "performanceInsightsEnabled", "performanceInsightsKmsKeyId"],
    "performanceInsightsRetentionPeriod",
  ],
};

/** CreateDBInstance ignores these, ModifyDBInstance does not: they are sent a second time. */
export const INSTANCE_LOST_ON_CREATE = ["backupWindow", "caCertIdentifier"];

/** ModifyDBInstance ignores NewDBInstanceIdentifier: better an error than a name that is not there. */
export const INSTANCE_CANNOT_BE_RENAMED =
  "the emulator cannot rename an instance; in AWS it could be done in place. Keep `identifier`, or destroy the stack first";

/**
 * ModifySecurityGroupRules ignores a new group on the other side: the rule is made anew, and so has another id than its
 * resource.
 */
export const RULES_KEEP_THEIR_GROUP = true;
