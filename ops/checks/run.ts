import { AwsClients, checkAws, clientsFor } from "./aws";
import { CheckConfig } from "./config";
import { checkDatabase, WayToDatabase } from "./database";
import { Report } from "./report";

export interface Way extends WayToDatabase {
  /** Stands in for those with `credentials`, in tests without TLS. */
  clients?: AwsClients;
}

/** Looks at all of a stack at once. Fails when it cannot look; what it finds is no failure. */
export async function check(config: CheckConfig, way: Way = {}, now = new Date()): Promise<Report> {
  const begin = Date.now();
  const [database, aws] = await Promise.all([
    checkDatabase(config, way, now),
    checkAws(config, way.clients ?? clientsFor(way.credentials), now),
  ]);
  return {
    stack: config.stack,
    database: `${config.database.name} on ${config.database.host}`,
    at: now,
    seconds: (Date.now() - begin) / 1000,
    results: [...database.results, ...aws],
    matrix: database.matrix,
  };
}
