import * as aws from "@pulumi/aws";
import * as postgresql from "@pulumi/postgresql";
import {
  all,
  ComponentResource,
  ComponentResourceOptions,
  CustomResourceOptions,
  Input,
  Output,
  Resource,
  secret,
  unsecret,
} from "@pulumi/pulumi";
import { ACCESS, EXTENSION_SCHEMA, predefinedRoles, RoleName } from "../../model/access/matrix";
import { Connection } from "../admin-access/admin-access";
import { Application, INITIAL_SCHEMA, rolesOf } from "../../model/access/applications";
import { computeAuditSettings } from "../../model/access/audit";
import { Credentials, Login } from "./credentials";
import { Database } from "../database/database";
import { computeDefaultPrivileges, computeGrants } from "../../model/access/grants";
import { LoginChecks } from "./login-checks";
import { Rotations } from "../../model/access/rotation";

export interface RolesArgs {
  application: Application;
  database: Database;
  /** Where the database is reached while deploying. */
  connection: Connection;
  /** PEM file with the authority that signed the server's certificate. */
  caFile: string;
  /** The logins, and the secrets that point to them. */
  credentials: Credentials;
  /** The roles that the last update has left: of one that is made now nobody uses a login yet. */
  deployed?: Partial<Rotations>;
  extensions: string[];
  /** Whether Pulumi refuses to delete the role that owns the tables, and a database that the stack has made. */
  protect: boolean;
  /** Those of the application before this one: these come after them. */
  previous?: Roles;
  /** Those of the application that opened the database. */
  opener?: Roles;
  /** Stands in for what logs in, in tests without a server. */
  checks?: Pick<LoginChecks, "remember" | "verifyPassword" | "endSessionsOf" | "applyAudit">;
}

const CONNECT_TIMEOUT_SECONDS = 30;

/**
 * The owner's logins last, and so the first to be deleted: what it owns goes to the master then, who can take away the rights on it
 * that the others have. Without that a role with rights that no grant of the stack's knows of, on what migrations made in a schema
 * of their own, could not be deleted.
 */
const ownerLast = (roles: RoleName[]) => [
  ...roles.filter((role) => !ACCESS[role].owner),
  ...roles.filter((role) => ACCESS[role].owner),
];

/**
 * An application's roles, grants, default privileges and extensions inside its database, computed from access.ts (guide: "Database
 * Roles & Permissions"), and its secrets, each of which is changed when the server knows its login and that login works.
 *
 * One resource after the other: roles and grants share catalogs, and two statements at a time end in "tuple
 * concurrently updated" or a deadlock. The order is kept in here; nobody has to pass `--parallel 1`.
 */
export class Roles extends ComponentResource {
  /** Resolved when every secret points to its login, and who is shut out is out. */
  readonly done: Output<unknown>;
  private readonly masterPassword: Output<string>;
  private readonly provider: postgresql.Provider;
  private readonly checks: NonNullable<RolesArgs["checks"]>;
  private readonly published: Resource[] = [];
  private last: Resource | undefined;

  constructor(
    private readonly name: string,
    private readonly args: RolesArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Roles", name, {}, options);
    this.last = args.previous?.last;
    this.masterPassword = args.previous?.masterPassword ?? this.readMasterPassword();
    this.provider = args.opener?.provider ?? this.connection(this.databaseName());
    this.checks =
      args.checks ??
      new LoginChecks(this, { ...args, databaseName: args.application.database, masterPassword: this.masterPassword });
    const ended = this.logins();
    this.schemas();
    this.extensions();
    this.grants();
    this.defaultPrivileges();
    const audit = this.applyAudit();
    this.secrets(audit);
    this.done = unsecret(all([all(ended), audit, all(this.published.map(({ urn }) => urn))]));
    this.registerOutputs({ ended });
  }

  /** RDS makes the first one's, and every other application that wants one of its own gets it here. */
  private databaseName(): Input<string> {
    const { application, previous, protect } = this.args;
    if (!previous) {
      return application.database;
    }
    const made = new postgresql.Database(
      this.name,
      { name: application.database },
      // By the first one's connection: nobody can log in to what is not there yet.
      { ...this.next(previous.root.provider), protect },
    );
    this.last = made;
    return made.name;
  }

  /** Those of the first application. */
  private get root(): Roles {
    return this.args.previous?.root ?? this;
  }

  private connection(databaseName: Input<string>): postgresql.Provider {
    const { connection, database, caFile } = this.args;
    return new postgresql.Provider(
      this.name,
      {
        host: connection.host,
        port: connection.port,
        // The application's database, not `postgres`: deleting a role hands over what it owns in this database alone.
        database: databaseName,
        username: database.masterUsername,
        password: this.masterPassword,
        sslmode: connection.sslmode,
        sslrootcert: caFile,
        // The RDS master is none, and the provider's default would have it change what only a superuser may.
        superuser: false,
        connectTimeout: CONNECT_TIMEOUT_SECONDS,
      },
      { parent: this },
    );
  }

  /** Read anew by every preview and update, so that it is right after RDS has rotated it. */
  private readMasterPassword(): Output<string> {
    const password = this.args.database.masterSecretArn.apply(async (secretId: string | undefined) => {
      if (!secretId) {
        return ""; // `pulumi up --target` has left the database out, and with it all that would log in
      }
      const { secretString } = await aws.secretsmanager.getSecretVersion({ secretId }, { parent: this });
      return (JSON.parse(secretString) as { password: string }).password;
    });
    return secret(password);
  }

  /** What the next resource is made with: after the one before it. */
  private next(provider = this.provider): CustomResourceOptions {
    return { parent: this, provider, dependsOn: this.last ? [this.last] : [] };
  }

  /**
   * The two logins of each role. The first one is the role itself, on which grants and ownership hang; the second belongs to
   * it and acts as it. One that is shut out goes last, after the secret has moved to the other: its sessions end then.
   */
  private logins(): Output<number>[] {
    return ownerLast(rolesOf(this.args.application)).flatMap((role) => {
      const { active, idle } = this.args.credentials.of(role);
      if (this.shutsOut(role)) {
        this.login(role, active);
        this.secret(role);
        this.login(role, idle);
        return [this.checks.endSessionsOf(idle)];
      }
      const [first, second] = active.slot.login === active.slot.base ? [active, idle] : [idle, active];
      this.login(role, first);
      this.login(role, second);
      return [];
    });
  }

  private login(role: RoleName, login: Login) {
    const { owner, statementTimeoutMs, idleInTransactionTimeoutMs } = ACCESS[role];
    const { slot, verifier } = login;
    const isBase = slot.login === slot.base;
    const made = new postgresql.Role(
      `${this.name}-${slot.name}`,
      {
        name: slot.login,
        login: slot.canLogin,
        password: verifier,
        // In here and not in resources of their own: any change of a role takes away what this list does not have.
        roles: isBase ? predefinedRoles(role) : [slot.base],
        assumeRole: isBase ? undefined : slot.base,
        // Not inherited.
        statementTimeout: statementTimeoutMs,
        idleInTransactionSessionTimeout: idleInTransactionTimeoutMs,
      },
      { ...this.next(), protect: isBase && owner && this.args.protect },
    );
    this.checks.remember(slot.login, made);
    this.last = made;
  }

  /** Here, for the provider has no such setting of a role: in the order all the same, and nobody hears of a login before. */
  private applyAudit(): Output<number> {
    const { application, database, extensions } = this.args;
    const settings = computeAuditSettings(application, database.masterUsername, extensions.includes("pgaudit"));
    return this.checks.applyAudit(this.last, settings);
  }

  private secret(role: RoleName, audited?: Output<number>) {
    const { credentials } = this.args;
    const { active, idle } = credentials.of(role);
    this.last = credentials.publish(role, this.checks.verifyPassword(active, idle, audited), this.last);
    this.published.push(this.last);
  }

  /** Of the roles whose rights are complete now. */
  private secrets(audited: Output<number>) {
    const complete = rolesOf(this.args.application).filter((role) => !this.shutsOut(role));
    complete.forEach((role) => this.secret(role, audited));
  }

  /** Whether somebody may use the login of the generation before, and is to use it no more. */
  private shutsOut(role: RoleName): boolean {
    const { credentials, deployed } = this.args;
    return credentials.of(role).slots.revoked && deployed?.[role] !== undefined;
  }

  private schemas() {
    const { schemas, opensDatabase } = this.args.application;
    const wanted = [
      ...schemas.filter((schema) => schema !== INITIAL_SCHEMA),
      ...(opensDatabase ? [EXTENSION_SCHEMA] : []),
    ];
    for (const schema of wanted) {
      this.last = new postgresql.Schema(`${this.name}-${schema}`, { name: schema }, this.next());
    }
  }

  private extensions() {
    for (const extension of this.args.application.opensDatabase ? this.args.extensions : []) {
      this.last = new postgresql.Extension(
        `${this.name}-${extension}`,
        { name: extension, schema: EXTENSION_SCHEMA },
        this.next(),
      );
    }
  }

  private grants() {
    const { application } = this.args;
    for (const { name, ...grant } of computeGrants(ACCESS, application)) {
      this.last = new postgresql.Grant(
        `${this.name}-${name}`,
        { ...grant, database: application.database },
        this.next(),
      );
    }
  }

  private defaultPrivileges() {
    const { application } = this.args;
    for (const { name, ...privileges } of computeDefaultPrivileges(ACCESS, application)) {
      this.last = new postgresql.DefaultPrivileges(
        `${this.name}-${name}`,
        { ...privileges, database: application.database },
        // The other way round, a replacement would take away what it has just granted, and report success.
        { ...this.next(), deleteBeforeReplace: true },
      );
    }
  }
}
