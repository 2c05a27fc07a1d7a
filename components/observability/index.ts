import type { Database } from "../database/database";
import type { Encryption } from "../encryption/encryption";
import type { Stack } from "../stack/context";
import { Alarms } from "./alarms";
import { Dashboard } from "./dashboard";
import { LogFilters } from "./log-filters";
import { Monitoring } from "./notifications";

/** The database's metrics, alarms, notifications and dashboard. */
export interface Observability {
  /** The topic for alarms and for AWS's own events about the database. */
  notifications: Monitoring;
  logFilters: LogFilters;
  alarms: Alarms;
  dashboard: Dashboard;
}

/** Creates the metrics from the database's log, the alarms with the topic that mails them, and the dashboard. */
export function createObservability(
  { name, account, settings, parameters, tags }: Stack,
  encryption: Encryption,
  database: Database,
): Observability {
  const notifications = new Monitoring(name, {
    account,
    instanceIdentifier: database.instanceIdentifier,
    parameterGroupName: database.parameterGroupName,
    logsKeyArn: encryption.logsKeyArn,
    emails: settings.notifications.emails,
    tags: tags("monitoring", "internal"),
  });
  const logFilters = new LogFilters(name, { database });
  const alarms = new Alarms(name, {
    database,
    instanceClass: settings.database.instanceClass,
    parameters,
    topicArn: notifications.topicArn,
    tags: tags("monitoring", "internal"),
  });
  const dashboard = new Dashboard(name, { account, database, alarms });
  return { notifications, logFilters, alarms, dashboard };
}
