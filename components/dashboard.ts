import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output, output } from "@pulumi/pulumi";
import { Account } from "./account";
import { capacityOf } from "./alarms/capacity";
import { alarmDefinitions } from "./alarms/definitions";
import { dashboardBody } from "./dashboard/body";
import { Database } from "./database";
import { ServerParameter } from "./parameters";

export interface DashboardArgs {
  account: Pick<Account, "region">;
  database: Pick<Database, "instanceIdentifier" | "replica" | "allocatedGb" | "logGroupName">;
  instanceClass: string;
  /** The server's settings: how many connections it has. */
  parameters: ServerParameter[];
  /** Alarms that have a tile: 100 at most. */
  alarmArns: Output<string[]>;
}

/**
 * One page for whoever is woken at three in the morning: the alarms, what to do, every alarm's graph with its limit, the last
 * errors (guide: "Monitoring & Alerting"). CloudWatch's dashboards take no tags.
 */
export class Dashboard extends ComponentResource {
  readonly name: Output<string>;

  constructor(stack: string, args: DashboardArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:Dashboard", stack, {}, options);
    const { account, database, instanceClass, parameters, alarmArns } = args;
    const { instanceIdentifier, replica, logGroupName } = database;
    const known = { stack, ...capacityOf(instanceClass, parameters), replica: replica !== undefined };
    const body = output({
      ...{ instanceIdentifier, logGroupName, alarmArns, allocatedGb: database.allocatedGb },
      replicaIdentifier: replica?.identifier,
    }).apply(({ allocatedGb, ...names }) =>
      dashboardBody({
        ...{ stack, region: account.region, ...names },
        definitions: alarmDefinitions({ ...known, allocatedGb }),
      }),
    );
    const dashboard = new aws.cloudwatch.Dashboard(
      stack,
      { dashboardName: stack, dashboardBody: body.apply((it) => JSON.stringify(it)) },
      { parent: this },
    );
    this.name = dashboard.dashboardName;
    this.registerOutputs({ name: this.name });
  }
}
