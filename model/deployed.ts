import type { Settings } from "./settings";
import { Account } from "./aws/account";
import { applicationsOf } from "./access/applications";
import { describeRotations, findRotationProblems, Rotations } from "./access/rotation";

/**
 * The facts of a stack that an update must not change, because the database, its key, the bucket or the owner of the tables
 * would be replaced, and with them what they hold.
 *
 * Every update leaves its facts in the stack's output `deployed`; the next one compares them with its own before it does anything.
 */
export interface Deployed<Roles = Rotations> {
  accountId: string;
  region: string;
  application: string;
  masterUsername: string;
  /** The id of an existing VPC, or the address range of the stack's own. */
  vpc: string;
  databaseSubnets: number | string[];
  storageGb: number;
  /** The major version of PostgreSQL. */
  engineVersion: number;
  /** Whether the update itself makes an upgrade, instead of leaving it to the maintenance window. */
  applyImmediately: boolean;
  readReplica: boolean;
  roles: Roles;
  /** The further applications, by name. */
  applications: Record<string, { database: string; roles: Roles }>;
  /** Whether RDS and Pulumi refuse to delete what holds data. */
  deletionProtection: boolean;
  /** The region of the copies of backups, if there are any. */
  replicaRegion?: string;
}

/** The facts that an update finds; an older program may have known fewer roles. */
export type DeployedBefore = Deployed<Partial<Rotations>>;

/** Computes the facts of a stack with these settings, in this account. */
export function factsOf(settings: Settings, account: Account): Deployed {
  const { application, network, database, roles, backup } = settings;
  const { existing, vpcCidr, availabilityZones } = network;
  const [, ...further] = applicationsOf(settings);
  return {
    accountId: account.id,
    region: account.region,
    application,
    masterUsername: database.masterUsername ?? `${application}_admin`,
    vpc: existing?.vpcId ?? vpcCidr,
    databaseSubnets: existing?.databaseSubnetIds ?? availabilityZones,
    storageGb: database.storageGb,
    engineVersion: parseInt(database.engineVersion, 10),
    applyImmediately: database.applyImmediately,
    readReplica: database.readReplica,
    roles,
    applications: Object.fromEntries(
      further.map(({ name, database: its, rotations }) => [name, { database: its, roles: rotations }]),
    ),
    deletionProtection: database.deletionProtection,
    replicaRegion: backup.replicaRegion,
  };
}

/** Describes what an update does to the passwords of every application, one line for each change. */
export function describeAllRotations(before: DeployedBefore | undefined, after: Deployed): string[] {
  return [
    ...describeRotations(after.application, before?.roles, after.roles),
    ...Object.entries(after.applications).flatMap(([name, { roles }]) =>
      describeRotations(name, before?.applications[name]?.roles, roles).map((line) => `${name}: ${line}`),
    ),
  ];
}

const ELSEWHERE = "build a second stack with the new value, restore the data into it, then destroy this one";

/** Finds the settings that may not change but did: one line for each, with key, values, what would happen and what to do instead. */
export function findRefusals(before: DeployedBefore, after: Deployed): string[] {
  const list = [...findRotationProblems(before.roles, after.roles), ...refuseApplicationChanges(before, after)];
  const changed = (key: keyof Deployed) => before[key] !== after[key];
  if (changed("accountId")) {
    list.push(
      `the credentials belong to account ${after.accountId}, but the stack lives in ${before.accountId}; ` +
        "use that account's credentials",
    );
  }
  if (changed("region")) {
    list.push(
      `aws:region: ${after.region} would build everything anew beside what is in ${before.region}; ` +
        `set ${before.region} again, or ${ELSEWHERE}`,
    );
  }
  if (changed("application")) {
    list.push(
      `application: "${after.application}" would replace the database, its keys, the backup bucket and the role that owns ` +
        `the tables, all named after "${before.application}"; set ${before.application} again, or ${ELSEWHERE}`,
    );
  } else if (changed("masterUsername")) {
    list.push(
      `database.masterUsername: "${after.masterUsername}" would replace the database, whose master is ` +
        `"${before.masterUsername}"; set ${before.masterUsername} again, or ${ELSEWHERE}`,
    );
  }
  if (changed("vpc")) {
    const key = after.vpc.startsWith("vpc-") ? "network.vpcId" : "network.vpcCidr";
    list.push(
      `${key}: ${after.vpc} would move the database out of ${before.vpc}, which RDS does only by replacing it; ` +
        `set what was there again, or ${ELSEWHERE}`,
    );
  } else {
    list.push(...refuseFewerSubnets(before.databaseSubnets, after.databaseSubnets));
  }
  if (before.replicaRegion && after.replicaRegion && changed("replicaRegion")) {
    list.push(
      `backup.replicaRegion: ${after.replicaRegion} would replace the bucket in ${before.replicaRegion} and all copies in it; ` +
        `set ${before.replicaRegion} again, or leave the setting out first, which deletes that bucket once it is empty`,
    );
  }
  if (after.storageGb < before.storageGb) {
    list.push(
      `database.storageGb: ${after.storageGb} is less than the ${before.storageGb} GiB that are allocated, and RDS never ` +
        `shrinks storage; set ${before.storageGb} or more, or ${ELSEWHERE}`,
    );
  }
  if (after.engineVersion < before.engineVersion) {
    list.push(
      `database.engineVersion: "${after.engineVersion}" is older than the ${before.engineVersion} that runs, and PostgreSQL ` +
        `never goes back; set "${before.engineVersion}" or later, or ${ELSEWHERE}`,
    );
  }
  return [...list, ...refuseHalfUpgrades(before, after)];
}

/** Refuses an upgrade that would stop half-way. */
function refuseHalfUpgrades(before: DeployedBefore, after: Deployed): string[] {
  if (after.engineVersion <= before.engineVersion) {
    return [];
  }
  const upgrade = `database.engineVersion: "${after.engineVersion}" is an upgrade of the ${before.engineVersion} that runs`;
  return [
    // Until the window the instance keeps its old parameter group, which the update wants to delete, and every update
    // fails (terraform-provider-aws, pull request 47121).
    ...(after.applyImmediately
      ? []
      : [
          `${upgrade}, and would wait for the maintenance window without its parameter group; ` +
            "set database.applyImmediately to true for the update that makes it",
        ]),
    // RDS upgrades the replica too, but with the default parameter group, which does not force TLS.
    ...(before.readReplica
      ? [
          `${upgrade}, and its read replica cannot come along; set database.readReplica to false and update, then upgrade`,
        ]
      : []),
  ];
}

/** Refuses what would lose a further application's tables, which belong to a role of its own and lie in the database it was made in. */
function refuseApplicationChanges(before: DeployedBefore, after: Deployed): string[] {
  return Object.entries(before.applications).flatMap(([name, { database, roles }]) => {
    const now = after.applications[name];
    if (!now) {
      return before.deletionProtection
        ? [
            `applications.${name}: is gone, which would delete the role that owns its tables` +
              (database === name ? ` and the database ${database} with them` : "") +
              "; put it back, or first set database.deletionProtection to false and update",
          ]
        : [];
    }
    return [
      ...(now.database === database
        ? []
        : [
            `applications.${name}.database: "${now.database}" would leave its tables behind in ${database}; ` +
              `set ${database} again, or add an application with another name and move the data`,
          ]),
      ...findRotationProblems(roles, now.roles, `applications.${name}.`),
    ];
  });
}

function refuseFewerSubnets(before: Deployed["databaseSubnets"], after: Deployed["databaseSubnets"]): string[] {
  if (typeof before === "number" && typeof after === "number") {
    return after < before
      ? [
          `network.availabilityZones: ${after} would delete a subnet that the database may be in; ` +
            `keep ${before}, a subnet costs nothing`,
        ]
      : [];
  }
  const missing = (before as string[]).filter((id) => !(after as string[]).includes(id));
  return missing.length > 0
    ? [
        `network.databaseSubnetIds: ${missing.join(", ")} may hold the database; keep it in the list, and add to it only`,
      ]
    : [];
}
