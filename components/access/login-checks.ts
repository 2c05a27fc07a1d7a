import { readFileSync } from "node:fs";
import type * as postgresql from "@pulumi/postgresql";
import { all, log, Output, output, Resource, runtime, secret } from "@pulumi/pulumi";
import { Connection } from "../admin-access/admin-access";
import { LoginSetting } from "../../model/access/audit";
import { applyLoginSettings, trustOwnNames } from "./login-settings";
import type { Login } from "./credentials";
import { Database } from "../database/database";
import { checkLogin, endSessions, LoginError, Server } from "./login";
import { UserError } from "../../lib/user-error";
import type { Slot } from "../../model/access/rotation";

export interface LoginChecksArgs {
  database: Database;
  /** The database that logins are tried in. */
  databaseName: string;
  connection: Connection;
  /** PEM file with the authority that signed the server's certificate. */
  caFile: string;
  masterPassword: Output<string>;
}

/**
 * The steps of an update that log in to the server: they try each login before a secret points to it, end the sessions of logins
 * that are shut out, and set what pgaudit logs of each login. A preview skips all of them, and needs no connection to the database.
 */
export class LoginChecks {
  private readonly roles = new Map<string, postgresql.Role>();

  constructor(
    private readonly parent: Resource,
    private readonly args: LoginChecksArgs,
  ) {}

  /** Remembers the resource that makes a login, for the steps that have to wait for it. */
  remember(login: string, role: postgresql.Role): void {
    this.roles.set(login, role);
  }

  /**
   * Tries the active login, and returns its password once the login was let in and acts as its role. Tries the previous generation's
   * login too, for it is still in use: one that is not let in is a warning only, one that acts as another role an error. Waits
   * for `ready` first: where PUBLIC may not connect to the database, a role cannot log in before its grants are made.
   */
  verifyPassword(active: Login, idle: Login, ready?: Output<unknown>): Output<string> {
    const tried = all([this.server([active, idle]), active.password, idle.password, ready]).apply(
      async ([server, password, previous]) => {
        if (server) {
          await this.tryActive(server, active.slot, password);
          await (idle.slot.canLogin && this.tryPrevious(server, idle.slot, previous));
        }
        return password;
      },
    );
    return secret(tried);
  }

  private async tryActive(server: Server, slot: Slot, password: string): Promise<void> {
    try {
      await checkLogin(server, slot, password);
    } catch (error) {
      throw new UserError(`The secret of ${slot.base} is left as it was: ${(error as Error).message}`);
    }
  }

  private async tryPrevious(server: Server, slot: Slot, password: string): Promise<void> {
    try {
      await checkLogin(server, slot, password);
    } catch (error) {
      if ((error as LoginError).actsAsAnother) {
        throw new UserError((error as Error).message);
      }
      await log.warn(`The login of the generation before: ${(error as Error).message}`, this.parent);
    }
  }

  /**
   * Has names in the master's sessions looked up among PostgreSQL's own alone, and returns the master's password. Whoever logs in with it after that,
   * the PostgreSQL provider's plugin first of all, runs no function that somebody with fewer rights has made.
   */
  trustOwnNames(): Output<string> {
    const { database, masterPassword } = this.args;
    const login = database.masterUsername;
    const pinned = all([this.server([]), masterPassword]).apply(async ([server, password]) => {
      await (server && this.tryTrust(server, { user: login, password }));
      return password;
    });
    return secret(pinned);
  }

  /** Ends the sessions of a login that may no longer log in, and returns how many there were. */
  endSessionsOf(shutOut: Login): Output<number> {
    const { database, masterPassword } = this.args;
    const { login } = shutOut.slot;
    return all([this.server([shutOut]), masterPassword]).apply(async ([server, password]) => {
      const count = server ? await endSessions(server, { user: database.masterUsername, password }, login) : 0;
      await (count > 0 && log.info(`${login} is shut out, and ${count} of its sessions were ended`, this.parent));
      return count;
    });
  }

  /**
   * Applies the logins' audit settings, and returns how many had to be changed. Waits for `after` first, as PostgreSQL's resources
   * wait for each other: it changes the same catalogs as they do.
   */
  applyAudit(after: Resource | undefined, settings: LoginSetting[]): Output<number> {
    const { database, masterPassword } = this.args;
    return all([this.server([]), masterPassword, after?.urn]).apply(async ([server, password]) => {
      const master = { user: database.masterUsername, password };
      const changed = server ? await this.tryAudit(server, master, settings) : [];
      await Promise.all(changed.map((change) => log.info(`pgaudit: ${change}`, this.parent)));
      return changed.length;
    });
  }

  private async tryTrust(server: Server, master: { user: string; password: string }): Promise<void> {
    const { changed, others } = await trustOwnNames(server, master).catch((error: Error) => {
      throw new UserError(`The master's search_path could not be set: ${error.message}`);
    });
    await Promise.all(changed.map((change) => log.info(change, this.parent)));
    await (others > 0 &&
      log.warn(
        `${others} other sessions of ${master.user} are open: it goes on finding functions that others have made, until an update finds ` +
          "none (docs/access.md)",
        this.parent,
      ));
  }

  private async tryAudit(
    server: Server,
    master: { user: string; password: string },
    settings: LoginSetting[],
  ): Promise<string[]> {
    try {
      return await applyLoginSettings(server, master, settings);
    } catch (error) {
      throw new UserError(`What pgaudit logs of each login could not be set: ${(error as Error).message}`);
    }
  }

  /** The server, once these logins exist in it; undefined in a preview, and when `--target` leaves the database out. */
  private server(logins: Login[]): Output<Server | undefined> {
    const { connection, database, databaseName, caFile } = this.args;
    const made = logins.map(({ slot }) => this.roles.get(slot.login)?.id ?? output(""));
    return all([connection.host, connection.port, database.host, all(made)]).apply(
      ([host, port, servername]: [string, number, string | undefined, string[]]) =>
        runtime.isDryRun() || !servername
          ? undefined
          : { host, port, servername, ca: readFileSync(caFile, "utf8"), database: databaseName },
    );
  }
}
