import { ACCESS, ObjectKind, ROLE_NAMES, RoleName } from "../../../model/access/matrix";
import { Application, onlyApplication, ownerIn, roleIn, rolesOf } from "../../../model/access/applications";
import { computeGrants } from "../../../model/access/grants";
import { slotsOf } from "../../../model/access/rotation";
import { CheckConfig } from "../../../model/outputs/check";

/** An application, and its tables that must have row-level security. */
export interface CheckedApplication extends Application {
  rowLevelSecurity: string[];
}

/** All that share the server, the first one first. */
export function applicationsIn(config: CheckConfig): CheckedApplication[] {
  const { application, database, schemas, roles, rowLevelSecurity, applications } = config;
  const first = { ...onlyApplication(application, schemas, roles), database: database.name, rowLevelSecurity };
  const further = applications.map(({ roles: rotations, ...one }) => ({ ...one, server: application, rotations }));
  return [first, ...further];
}

/** What there should be in one of the server's databases, computed from the access matrix and the settings. */
export class Expected {
  /** Those whose tables are in the database. */
  readonly applications: CheckedApplication[];
  /** Both logins of every role of the whole server. */
  readonly logins: { login: string; base: string; role: RoleName; canLogin: boolean }[];
  readonly everyApplication: CheckedApplication[];
  /** The role that owns what the migrations of the database's first application make. */
  readonly owner: string;

  constructor(
    readonly config: CheckConfig,
    database = config.database.name,
  ) {
    this.everyApplication = applicationsIn(config);
    this.applications = this.everyApplication.filter((one) => one.database === database);
    this.owner = ownerIn(this.applications[0] ?? (this.everyApplication[0] as CheckedApplication));
    this.logins = this.everyApplication.flatMap((application) =>
      rolesOf(application).flatMap((role) => {
        const { active, idle } = slotsOf(application.name, role, application.rotations[role]);
        return [active, idle].map(({ login, base, canLogin }) => ({ login, base, role, canLogin }));
      }),
    );
  }

  /** The roles that own what migrations make; in a schema that is an application's its own alone. */
  owners(schema: string | null): string[] {
    const [its] = this.applications.filter(({ schemas }) => schemas.includes(schema ?? ""));
    return (its ? [its] : this.applications).map((application) => ownerIn(application));
  }

  isStackLogin(name: string): boolean {
    return this.logins.some(({ login }) => login === name);
  }

  /** Rights of each of the stack's roles on an object. */
  rights({ kind, schema, owner }: { kind: ObjectKind; schema: string | null; owner: string }): Map<string, string[]> {
    const expected = new Map<string, string[]>();
    const own = this.applications.some(({ schemas }) => schema !== null && schemas.includes(schema));
    for (const application of this.applications) {
      for (const { role, objectType, privileges, schema: where } of computeGrants(ACCESS, application)) {
        if (objectType === kind && where === (kind === "database" ? undefined : (schema ?? undefined))) {
          expected.set(role, privileges);
        }
      }
      if (kind !== "database" && !own && owner === ownerIn(application)) {
        for (const role of ROLE_NAMES.filter((name) => ACCESS[name].everywhere)) {
          expected.set(roleIn(application, role), [...ACCESS[role].grants[kind]]);
        }
      }
    }
    expected.delete("public");
    return expected;
  }
}

/** RDS's own roles; PostgreSQL's begin with pg_ (docs: "Understanding the rds_superuser role"). */
const RDS_ROLES = [
  ...["rdsadmin", "rdsrepladmin", "rds_superuser", "rds_replication", "rds_iam", "rds_password", "rds_ad"],
  ...[
    "rds_reserved",
    "rds_extension",
    "rds_pgaudit",
    "rdsproxyadmin",
    "rdswriteforwarduser",
    "rdstopmgr",
    "rds_vector",
  ],
];

/** The one superuser on RDS, which nobody but AWS logs in as. */
export const RDS_SUPERUSER = "rdsadmin";

export const isInternal = (role: string) => role.startsWith("pg_") || RDS_ROLES.includes(role);

/** A name as SQL wants it. */
export const quoted = (name: string) => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
