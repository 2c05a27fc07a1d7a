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
import { TRUSTED_SEARCH_PATH } from "../../lib/search-path";
import { hasTrustedSearchPath } from "../../model/access/search-path";

export interface RolesArgs {
  application: Application;
  database: Database;
  /** How the machine that deploys reaches the database. */
  connection: Connection;
  /** PEM file with the authority that signed the server's certificate. */
  caFile: string;
  /** The logins, and the secrets that point to them. */
  credentials: Credentials;
  /** The roles that the last update left. A role that is not among them is new, and nobody uses its logins yet. */
  deployed?: Partial<Rotations>;
  extensions: string[];
  /** Whether Pulumi refuses to delete the role that owns the tables, and a database that the stack has made. */
  protect: boolean;
  /** The roles of the application before this one in the chain; these are made after them. */
  previous?: Roles;
  /** The roles of the application that opened the database, where this one shares it. */
  opener?: Roles;
  /** Replaces the steps that log in, in tests without a server. @default new LoginChecks */
  checks?: Pick<LoginChecks, "trustOwnNames" | "remember" | "verifyPassword" | "endSessionsOf" | "applyAudit">;
}

const CONNECT_TIMEOUT_SECONDS = 30;

/**
 * The roles with the owner at the end. Its logins are made last and so are the first to be deleted; what it owns then goes to the
 * master, who can revoke the other roles' rights on it. Otherwise a role could not be deleted that has rights which no grant of the
 * stack knows of: those on what migrations made in schemas of their own.
 */
const ownerLast = (roles: RoleName[]) => [
  ...roles.filter((role) => !ACCESS[role].ownsObjects),
  ...roles.filter((role) => ACCESS[role].ownsObjects),
];

/**
 * An application's roles, grants, default privileges and extensions inside its database, computed from the access matrix (guide:
 * "Database Roles & Permissions"), and the versions of its secrets, each of which changes once its login works.
 *
 * The resources are made one after the other: roles and grants share catalogs, and two statements at a time end in "tuple
 * concurrently updated" or a deadlock. The component keeps the order; nobody has to pass `--parallel 1`.
 */
export class Roles extends ComponentResource {
  /** Resolves when every secret points to its login, and the sessions of logins that are shut out have ended. */
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
    const masterPassword = args.previous?.masterPassword ?? this.readMasterPassword();
    this.checks =
      args.checks ?? new LoginChecks(this, { ...args, databaseName: args.application.database, masterPassword });
    this.masterPassword = args.previous ? masterPassword : this.checks.trustOwnNames();
    this.provider = args.opener?.provider ?? this.connection(this.databaseName());
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

  /** The name of the application's database. RDS makes the first application's; every other one is made here. */
  private databaseName(): Input<string> {
    const { application, previous, protect } = this.args;
    if (!previous) {
      return application.database;
    }
    const made = new postgresql.Database(
      this.name,
      { name: application.database },
      // By the first application's provider: nobody can log in to a database that does not exist yet.
      { ...this.next(previous.root.provider), protect },
    );
    this.last = made;
    return made.name;
  }

  /** The first application's `Roles`, at the head of the chain. */
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
        // The RDS master is no superuser, and with its default the provider would change what only a superuser may.
        superuser: false,
        connectTimeout: CONNECT_TIMEOUT_SECONDS,
      },
      { parent: this },
    );
  }

  /** Reads the master's password in every preview and update, so that it is right after RDS has rotated it. */
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

  /** The options of the next resource, which is made after the last one. */
  private next(provider = this.provider): CustomResourceOptions {
    return { parent: this, provider, dependsOn: this.last ? [this.last] : [] };
  }

  /**
   * Makes the two logins of each role. The first is the role itself, which has the grants and owns the objects; the second is a
   * member of it and acts as it. A login that is shut out is changed last, after the secret has moved to the other one, and its
   * sessions are ended: the outputs are how many.
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
    const { ownsObjects: owner, statementTimeoutMs, idleInTransactionTimeoutMs } = ACCESS[role];
    const { slot, verifier } = login;
    const isBase = slot.login === slot.base;
    const made = new postgresql.Role(
      `${this.name}-${slot.name}`,
      {
        name: slot.login,
        login: slot.canLogin,
        password: verifier,
        // In this list and not in resources of their own: any change of a role revokes the memberships that the list lacks.
        roles: isBase ? predefinedRoles(role) : [slot.base],
        assumeRole: isBase ? undefined : slot.base,
        // Set on each login: they are not inherited.
        searchPaths: hasTrustedSearchPath(role) ? [TRUSTED_SEARCH_PATH] : undefined,
        statementTimeout: statementTimeoutMs,
        idleInTransactionSessionTimeout: idleInTransactionTimeoutMs,
      },
      { ...this.next(), protect: isBase && owner && this.args.protect },
    );
    this.checks.remember(slot.login, made);
    this.last = made;
  }

  /**
   * Applies what pgaudit logs of each login; the PostgreSQL provider has no such setting of a role. It keeps its place in the order,
   * and no secret points to a login before.
   */
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

  /** Points the secrets of the remaining roles to their logins, now that all rights are there. */
  private secrets(audited: Output<number>) {
    const complete = rolesOf(this.args.application).filter((role) => !this.shutsOut(role));
    complete.forEach((role) => this.secret(role, audited));
  }

  /** Whether this update shuts out the previous generation's login, which somebody may still use. */
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
