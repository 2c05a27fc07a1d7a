import { checkAws } from "./aws";
import { CheckConfig } from "./config";
import { checkDatabase, Way } from "./database";
import { Report } from "./report";

/** Looks at all of a stack at once. Fails when it cannot look; what it finds is no failure. */
export async function check(config: CheckConfig, way: Way = {}, now = new Date()): Promise<Report> {
  const begin = Date.now();
  const [database, aws] = await Promise.all([checkDatabase(config, way, now), checkAws(config, way.credentials, now)]);
  return {
    stack: config.stack,
    database: `${config.database.name} on ${config.database.host}`,
    at: now,
    seconds: (Date.now() - begin) / 1000,
    results: [...database.results, ...aws],
    matrix: database.matrix,
  };
}
