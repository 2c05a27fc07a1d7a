import { Cost, Inputs, MONITORING } from "./resources/billing";
import { RESOURCE_TYPES } from "./resources/types";

/** Resources that AWS makes by itself for these, and charges for. */
const MASTER_SECRET: Cost = { unit: "month", count: 1, what: "secret of the master, made by RDS" };

/** Everything that is charged for, of these resources, summed up. */
export function costsOf(resources: { type: string; inputs: Inputs }[]): Cost[] {
  const sums = new Map<string, Cost>();
  /** A metric is one, however many filters make it. */
  const metrics = new Set<unknown>();
  const isAnother = ({ metricTransformation }: Inputs) => {
    const name = (metricTransformation as Inputs | undefined)?.name;
    return name !== undefined && metrics.has(name) ? true : void metrics.add(name);
  };
  for (const { type, inputs } of resources.filter((resource) => resource.type.startsWith("aws:"))) {
    const known = RESOURCE_TYPES[type];
    if (!known) {
      throw new Error(`model/resources/types.ts has no row of ${type}`);
    }
    const costs = typeof known.costs === "function" ? known.costs(inputs) : (known.costs ?? []);
    for (const cost of isAnother(inputs) ? [] : costs) {
      const key = `${cost.unit} ${cost.what}`;
      sums.set(key, { ...cost, count: cost.count + (sums.get(key)?.count ?? 0) });
    }
    if (inputs.manageMasterUserPassword) {
      sums.set("master", MASTER_SECRET);
    }
  }
  return [...sums.values()].sort((a, b) => `${a.unit} ${a.what}`.localeCompare(`${b.unit} ${b.what}`));
}

const COMMON: Cost[] = [
  { unit: "month", count: 1, what: "dashboard" },
  { unit: "month", count: 6, what: "metric of a log" },
  { unit: "month", count: 4, what: "KMS key" },
  { unit: "month", count: 5, what: "secret of a role" },
  MASTER_SECRET,
  { unit: "GB and month", count: 2, what: "bucket, by what is in it" },
  { unit: "use", count: 1, what: "topic of events" },
  { unit: "use", count: 1, what: "trail of who reads and writes backups" },
  MONITORING,
];

/** One in each of three zones. */
const interfaceEndpoints = (...services: string[]): Cost[] =>
  services.map((service) => ({ unit: "hour", count: 3, what: `interface endpoint of ${service}, one for each zone` }));

/** What `backup.image` adds to dev: the tasks and the endpoints that they need. */
export const TASK_COSTS: Cost[] = [
  ...interfaceEndpoints("ecr.api", "ecr.dkr", "kms", "logs", "secretsmanager"),
  { unit: "GB", count: 5, what: "what goes through an interface endpoint" },
  { unit: "GB", count: 1, what: "log group" },
  { unit: "month", count: 2, what: "alarm" },
  { unit: "month", count: 2, what: "metric of a log" },
  { unit: "use", count: 1, what: "Fargate task, 1 vCPU and 2 GB, while it runs" },
  { unit: "use", count: 1, what: "Fargate task, 1 vCPU and 4 GB, while it runs" },
];

/**
 * What each environment is made of that AWS charges for, which `make docs` writes into costs.md. A test compares the lists with what the program declares, so that
 * nothing that costs by the hour comes in unseen. Prices change: see AWS's pages for RDS, VPC (PrivateLink), EC2, KMS,
 * Secrets Manager, CloudWatch and S3.
 */
export const COSTS: Record<"dev" | "prod", Cost[]> = {
  dev: [
    { unit: "month", count: 10, what: "alarm" },
    { unit: "hour", count: 1, what: "RDS db.t4g.micro, single" },
    { unit: "GB and month", count: 20, what: "gp3 storage, growing to 50; backups beyond its size" },
    { unit: "GB", count: 3, what: "log group" },
    ...COMMON,
  ],
  prod: [
    { unit: "month", count: 9, what: "alarm" },
    { unit: "hour", count: 1, what: "RDS db.m7g.large, with a standby in a second zone" },
    { unit: "hour", count: 1, what: "EC2 t4g.nano, the admin host" },
    ...interfaceEndpoints("logs", "secretsmanager", "ssm", "ssmmessages"),
    { unit: "GB and month", count: 100, what: "gp3 storage, twice, growing to 1000; backups beyond its size" },
    { unit: "GB", count: 4, what: "log group" },
    { unit: "GB", count: 1, what: "log group, for hiding columns in it" },
    { unit: "GB", count: 4, what: "what goes through an interface endpoint" },
    ...COMMON,
  ],
};
