import { ProviderModel } from "../protocol/model";
import { PostgresContext } from "./connection";
import { database } from "./database";
import { defaultPrivileges } from "./default-privileges";
import { extension } from "./extension";
import { grant } from "./grant";
import { grantRole } from "./grant-role";
import { role } from "./role";
import { schema } from "./schema";
import { CONFIG, settingsFrom } from "./settings";

/**
 * Stands in for the official `postgresql` plugin, which wraps the Terraform provider of cyrilgdn, version 1.26: the same
 * statements in the same transactions, and the same queries to read back. File and function names in the comments beside
 * this file are that provider's.
 */
export const postgresql: ProviderModel<PostgresContext> = {
  package: "postgresql",
  version: "3.18.1",
  config: CONFIG,
  configure: (config) => new PostgresContext(settingsFrom(config)),
  close: (context) => context.close(),
  resources: {
    "postgresql:index/role:Role": role,
    "postgresql:index/grant:Grant": grant,
    "postgresql:index/grantRole:GrantRole": grantRole,
    "postgresql:index/defaultPrivileges:DefaultPrivileges": defaultPrivileges,
    // The type's name in earlier releases.
    "postgresql:index/defaultPrivileg:DefaultPrivileg": defaultPrivileges,
    "postgresql:index/extension:Extension": extension,
    "postgresql:index/database:Database": database,
    "postgresql:index/schema:Schema": schema,
  },
};
