import {
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeEventSubscriptionsCommand,
} from "@aws-sdk/client-rds";
import { AwsClients, unlessMissing } from "../aws-clients";
import type { Entry } from "../table";
import { known } from "../wanted";

/** RDS's own: all of them have a name that the program chooses, and are imported by it. */
function named(property: string, look: (aws: AwsClients, name: string) => Promise<unknown>): Entry {
  return {
    find: async (it, search) => {
      const name = known(it, property);
      return name !== undefined && (await unlessMissing(look(search.aws(it), name))) ? [name] : [];
    },
  };
}

export const SERVER: Record<string, Entry> = {
  "aws:rds/instance:Instance": {
    ...named("identifier", ({ rds }, DBInstanceIdentifier) =>
      rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier })),
    ),
    untold: ["allowMajorVersionUpgrade", "applyImmediately", "deleteAutomatedBackups", "skipFinalSnapshot"],
    // As if they were new, the next update would set them, and RDS refuses another key for a secret that it has made.
    told: async (it, search) => {
      const DBInstanceIdentifier = known(it, "identifier");
      const call = search.aws(it).rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
      const master = (await unlessMissing(call))?.DBInstances?.[0]?.MasterUserSecret;
      return master ? { manageMasterUserPassword: true, masterUserSecretKmsKeyId: master.KmsKeyId } : {};
    },
  },
  "aws:rds/subnetGroup:SubnetGroup": named("name", ({ rds }, DBSubnetGroupName) =>
    rds.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName })),
  ),
  "aws:rds/parameterGroup:ParameterGroup": named("name", ({ rds }, DBParameterGroupName) =>
    rds.send(new DescribeDBParameterGroupsCommand({ DBParameterGroupName })),
  ),
  "aws:rds/eventSubscription:EventSubscription": named("name", ({ rds }, SubscriptionName) =>
    rds.send(new DescribeEventSubscriptionsCommand({ SubscriptionName })),
  ),
};
