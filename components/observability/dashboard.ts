import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output, output } from "@pulumi/pulumi";
import { Account } from "../../model/aws/account";
import type { Alarms } from "./alarms";
import { dashboardBody } from "../../model/observability/dashboard";
import { Database } from "../database/database";

export interface DashboardArgs {
  account: Pick<Account, "region">;
  database: Pick<Database, "instanceIdentifier" | "replica" | "logGroupNames">;
  /** The alarms, each of which gets a tile, 100 at most, and a graph. */
  alarms: Pick<Alarms, "arns" | "definitions">;
}

/**
 * One page for whoever is woken at three in the morning: the alarms, what to do, every alarm's graph with its limit, the last
 * errors (guide: "Monitoring & Alerting"). CloudWatch's dashboards take no tags.
 */
export class Dashboard extends ComponentResource {
  readonly name: Output<string>;

  constructor(stack: string, args: DashboardArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:Dashboard", stack, {}, options);
    const { account, database, alarms } = args;
    const { instanceIdentifier, replica, logGroupNames } = database;
    const body = output({
      instanceIdentifier,
      logGroupNames,
      alarmArns: alarms.arns,
      definitions: alarms.definitions,
      replicaIdentifier: replica?.identifier,
    }).apply((known) => dashboardBody({ stack, region: account.region, ...known }));
    const dashboard = new aws.cloudwatch.Dashboard(
      stack,
      { dashboardName: stack, dashboardBody: body.apply((it) => JSON.stringify(it)) },
      { parent: this },
    );
    this.name = dashboard.dashboardName;
    this.registerOutputs({ name: this.name });
  }
}
