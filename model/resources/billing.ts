/** A unit that AWS charges by. */
export const UNITS = ["hour", "month", "GB and month", "GB", "use"] as const;
export type Unit = (typeof UNITS)[number];

export interface Cost {
  unit: Unit;
  count: number;
  what: string;
}

export type Inputs = Record<string, unknown>;
const listed = (value: unknown) => (value as unknown[]).length;

const database = (inputs: Inputs) =>
  `RDS ${String(inputs.instanceClass)}, ${inputs.multiAz ? "with a standby in a second zone" : "single"}`;
const storage = (inputs: Inputs) =>
  `gp3 storage${inputs.multiAz ? ", twice" : ""}, growing to ${String(inputs.maxAllocatedStorage)}; backups beyond its size`;

/** `com.amazonaws.eu-central-1.ecr.api`: what comes after the region. */
const serviceIn = (name: string) => name.split(".").slice(3).join(".");

/** What enhanced monitoring writes. */
export const MONITORING: Cost = { unit: "GB", count: 1, what: "enhanced monitoring, which RDS logs to RDSOSMetrics" };

/** A database instance: its hours, its storage, and its metrics if they are asked for. */
export const billDatabase = (inputs: Inputs): Cost[] => [
  { unit: "hour", count: 1, what: database(inputs) },
  { unit: "GB and month", count: Number(inputs.allocatedStorage), what: storage(inputs) },
  ...(inputs.monitoringInterval ? [MONITORING] : []),
];

/** A host, by its type. */
export const billHost = (inputs: Inputs): Cost[] => [
  { unit: "hour", count: 1, what: `EC2 ${String(inputs.instanceType)}, the admin host` },
];

/** An interface endpoint, for each of its zones; a gateway endpoint is free. */
export const billEndpoint = (inputs: Inputs): Cost[] =>
  inputs.vpcEndpointType === "Interface"
    ? [
        {
          unit: "hour",
          count: listed(inputs.subnetIds),
          what: `interface endpoint of ${serviceIn(String(inputs.serviceName))}, one for each zone`,
        },
        { unit: "GB", count: 1, what: "what goes through an interface endpoint" },
      ]
    : [];

/** A task, while it runs. */
export const billTask = (inputs: Inputs): Cost[] => [
  { unit: "use", count: 1, what: `Fargate task, 1 vCPU and ${Number(inputs.memory) / 1024} GB, while it runs` },
];
