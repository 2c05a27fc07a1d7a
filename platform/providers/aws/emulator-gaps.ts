/**
 * What ministack 1.5.33 loses or lacks, by its source and by trying it. A property listed here is kept as the program said it, so
 * that a refresh stays quiet; the service is told all the same. Everything else is read from the service.
 *
 * What it lacks of EC2's instances, of SNS's subscriptions by mail and of SSM's documents is added to the emulator itself
 * (platform/emulator/emulator_*.py), and RDS's event subscriptions to the local RDS: they are real there, for every client. So is
 * what AWS refuses of tasks, schedules, alarms, rules, trails, copies of buckets and protected logs, and the emulator takes.
 *
 * Of these it keeps the settings, and does little: a schedule starts no task, and knows no time zone; an alarm looks at its
 * metric only when one is written, and never misses any; a trail writes nothing. Log lines do become metrics, events reach their
 * targets, and objects their other bucket.
 *
 * Nothing is done about three more: an object that is uploaded in parts gets no default retention, a "<" in a group's
 * description or in a parameter's value breaks its XML, and the name of a secret that waits for its end is answered with
 * ResourceExistsException instead of InvalidRequestException.
 */
export const GAPS = {
  /** ModifyVpcAttribute ignores it; DescribeVpcAttribute always says false. */
  vpc: ["enableNetworkAddressUsageMetrics"],

  /** ModifySubnetAttribute ignores both. */
  subnet: ["assignIpv6AddressOnCreation", "enableDns64"],

  /** Never stored, and there is no call to change it. */
  ec2Instance: ["creditSpecification"],

  /** New subnets have no association that another list could take over, and the one that is made loses its subnet. */
  networkAcl: ["subnetIds"],

  /** Never stored, or never told. */
  vpcEndpoint: ["policy", "privateDnsEnabled", "securityGroupIds"],

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

/**
 * Policies of Amazon's own that the emulator does not have; it attaches them all the same, as it would any ARN. Of other
 * policies the stand-in asks first whether they are there. None of these gives anything here.
 */
export const UNKNOWN_AMAZON_POLICIES = ["service-role/AmazonRDSEnhancedMonitoringRole", "AmazonSSMPatchAssociation"];

/**
 * Public parameters that the emulator does not have, with made-up images: of Amazon Linux it knows only those for
 * x86_64. It launches whatever image it is told to, and boots none.
 */
export const PUBLIC_PARAMETERS: Record<string, string> = {
  "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64": "ami-0a2023a2b3c4d5e6f",
  "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64": "ami-0a2023a2b3c4d5e70",
};

/** The emulator does not know most images, and calls every root volume so, as Amazon Linux does. */
export const ROOT_DEVICE_OF_UNKNOWN_IMAGES = "/dev/xvda";
