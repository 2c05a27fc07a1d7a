import { ACCESS, loginRoleName, ObjectKind, ownerRole, ROLE_NAMES, RoleName } from "../../../components/access";
import { grants } from "../../../components/grants";
import { slotsOf } from "../../../components/rotation";
import { CheckConfig } from "../config";

/** What there should be, computed from the access matrix and the settings. */
export class Expected {
  /** The role that owns what migrations make. */
  readonly owner: string;
  /** Both logins of every role. */
  readonly logins: { login: string; base: string; role: RoleName; canLogin: boolean }[];

  constructor(readonly config: CheckConfig) {
    this.owner = loginRoleName(config.application, ownerRole());
    this.logins = ROLE_NAMES.flatMap((role) => {
      const { active, idle } = slotsOf(config.application, role, config.roles[role]);
      return [active, idle].map(({ login, base, canLogin }) => ({ login, base, role, canLogin }));
    });
  }

  base(role: RoleName): string {
    return loginRoleName(this.config.application, role);
  }

  isStackLogin(name: string): boolean {
    return this.logins.some(({ login }) => login === name);
  }

  /** Rights of each of the stack's roles on an object. */
  rights({ kind, schema, owner }: { kind: ObjectKind; schema: string | null; owner: string }): Map<string, string[]> {
    const { application, schemas } = this.config;
    const expected = new Map<string, string[]>();
    const own = schema !== null && schemas.includes(schema);
    for (const { role, objectType, privileges, schema: where } of grants(ACCESS, application, schemas)) {
      if (objectType === kind && where === (kind === "database" ? undefined : (schema ?? undefined))) {
        expected.set(role, privileges);
      }
    }
    if (kind !== "database" && !own && owner === this.owner) {
      for (const role of ROLE_NAMES.filter((name) => ACCESS[name].everywhere)) {
        expected.set(this.base(role), [...ACCESS[role].grants[kind]]);
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
