import { all, Output, Resource } from "@pulumi/pulumi";
import { Application, furtherApplicationsPrefix } from "../../model/access/applications";
import { Credentials, CredentialsArgs } from "./credentials";
import { DeployedBefore } from "../../model/deployed";
import { Roles, RolesArgs } from "./roles";

export interface FurtherApplicationsArgs {
  applications: Application[];
  /** The first application's roles; those of the further applications are made after them. */
  first: Roles;
  /** The settings of each application, by its name: the IAM roles that read its secrets. */
  settings: Record<string, Pick<CredentialsArgs, "readers">>;
  /** The applications that the last update left, by name. */
  deployed?: DeployedBefore["applications"];
  credentials: Omit<CredentialsArgs, "application" | "readers" | "master">;
  roles: Omit<RolesArgs, "application" | "credentials" | "deployed" | "previous" | "opener">;
}

/**
 * The further applications' logins, secrets, roles and grants, each in a database of its own or in another's (docs/applications.md).
 * They are made one after the other, as is all that changes PostgreSQL's shared catalogs. Their names have a dot, which no stack's
 * name has: so none of them is ever the name of something in another stack. This is no Pulumi component: the deletion guard could
 * not hold one that has no children.
 */
export class FurtherApplications {
  /** The logins and secrets, by application. */
  readonly credentials: Record<string, Credentials> = {};
  /** The stack's output for each application, by its name: its database, its secrets and the policies that read them. */
  readonly outputs: Record<string, unknown>;
  /** Resolves when every secret points to its login. */
  readonly done: Output<unknown>;
  /** The Pulumi components of all further applications. */
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
