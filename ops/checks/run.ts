import type { AwsClients } from "./aws";
import { CheckConfig } from "../../model/outputs/check";
import { checkDatabase, WayToDatabase } from "./database";
import { CheckResult } from "./finding";
import { Report } from "./report";

export interface Way extends WayToDatabase {
  /** Stands in for those with `credentials`, in tests without TLS. */
  clients?: AwsClients;
}

/** The clients for AWS take longer to load than all else: the database has work to do meanwhile. */
async function lookAround(config: CheckConfig, way: Way, now: Date): Promise<CheckResult[]> {
  const { checkAws, clientsFor } = await import("./aws");
  return checkAws(config, way.clients ?? clientsFor(way.credentials), now);
}

/** Looks at all of a stack at once. Fails when it cannot look; what it finds is no failure. */
export async function runChecks(config: CheckConfig, way: Way = {}, now = new Date()): Promise<Report> {
  const begin = Date.now();
  const [database, aws] = await Promise.all([checkDatabase(config, way, now), lookAround(config, way, now)]);
  return {
    stack: config.stack,
    database: `${config.database.name} on ${config.database.host}`,
    at: now,
    seconds: (Date.now() - begin) / 1000,
    results: [...database.results, ...aws],
    matrix: database.matrix,
  };
}
