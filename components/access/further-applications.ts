import { all, Output, Resource } from "@pulumi/pulumi";
import { Application, furtherApplicationsPrefix } from "../../model/access/applications";
import { Credentials, CredentialsArgs } from "./credentials";
import { DeployedBefore } from "../../model/deployed";
import { Roles, RolesArgs } from "./roles";

export interface FurtherApplicationsArgs {
  applications: Application[];
  /** The first application's roles, after which these come. */
  first: Roles;
  /** What the settings say of them: who reads their secrets. */
  settings: Record<string, Pick<CredentialsArgs, "readers">>;
  /** Those that are deployed, by name. */
  deployed?: DeployedBefore["applications"];
  credentials: Omit<CredentialsArgs, "application" | "readers" | "master">;
  roles: Omit<RolesArgs, "application" | "credentials" | "deployed" | "previous" | "opener">;
}

/**
 * Each further application's logins, secrets, roles and grants, in a database of its own or in another's (docs/applications.md). One
 * after the other, as all that changes PostgreSQL's shared catalogs. A dot stands in their names, which no stack's name has: so
 * nothing of theirs is ever called like something of another stack. No component of its own: one without children is nothing that the
 * deletion guard could hold.
 */
export class FurtherApplications {
  readonly credentials: Record<string, Credentials> = {};
  /** What whoever runs an application has to know, by its name. */
  readonly outputs: Record<string, unknown>;
  /** Resolved when every secret points to its login. */
  readonly done: Output<unknown>;
  readonly parts: Resource[];

  constructor(stack: string, args: FurtherApplicationsArgs) {
    const openers = new Map<string, Roles>();
    const made: Roles[] = [args.first];
    for (const application of args.applications) {
      const name = `${furtherApplicationsPrefix(stack)}${application.name}`;
      const credentials = new Credentials(name, {
        ...args.credentials,
        application,
        readers: args.settings[application.name]?.readers ?? {},
      });
      const roles = new Roles(name, {
        ...args.roles,
        application,
        credentials,
        deployed: args.deployed?.[application.name]?.roles,
        previous: made.at(-1),
        opener: openers.get(application.database) ?? (application.opensDatabase ? undefined : args.first),
      });
      if (application.opensDatabase) {
        openers.set(application.database, roles);
      }
      this.credentials[application.name] = credentials;
      made.push(roles);
    }
    this.outputs = Object.fromEntries(
      args.applications.map(({ name, database }) => {
        const { secretArns, readPolicyArns } = this.credentials[name] as Credentials;
        return [name, { database, secretArns, secretReadPolicyArns: readPolicyArns }];
      }),
    );
    this.done = all(made.map(({ done }) => done));
    this.parts = [...Object.values(this.credentials), ...made.slice(1)];
  }
}
