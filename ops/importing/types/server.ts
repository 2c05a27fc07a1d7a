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
    untold: ["allowMajorVersionUpgrade", "applyImmediately", "manageMasterUserPassword"],
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
