import type { Search } from "../search";
import type { Entry } from "../table";
import { known, Wanted } from "../wanted";

/** `database.name`: of the database that the provider is connected to. */
function inDatabase(search: Search, it: Wanted, has: (name: string) => boolean | undefined): Promise<string[]> {
  const provider = search.args.program.get(it.provider ?? "");
  const [database, name] = [provider && known(provider, "database"), known(it, "name")];
  return Promise.resolve(name !== undefined && has(name) ? [`${database}.${name}`] : []);
}

/**
 * Inside the database (registry: postgresql 3, "Import Example" of Role and Schema, "Import" of Extension; Grant and
 * DefaultPrivileges have none, and their source no importer), and what random makes.
 */
export const DATABASE: Record<string, Entry> = {
  "postgresql:index/role:Role": {
    find: (it, search) => {
      const name = known(it, "name");
      return Promise.resolve(name !== undefined && search.catalog?.roles.has(name) ? [name] : []);
    },
  },
  "postgresql:index/schema:Schema": {
    find: (it, search) => inDatabase(search, it, (name) => search.catalog?.schemas.has(name)),
  },
  "postgresql:index/extension:Extension": {
    find: (it, search) => inDatabase(search, it, (name) => search.catalog?.extensions.has(name)),
  },
  "postgresql:index/grant:Grant": {
    again: "the provider imports none; the same rights are granted once more, in a transaction",
  },
  "postgresql:index/defaultPrivileges:DefaultPrivileges": {
    again: "the provider imports none; the same rights are granted once more, in a transaction",
  },
  "random:index/randomPassword:RandomPassword": { password: true },
  "random:index/randomBytes:RandomBytes": {
    again: "a new salt makes another verifier of the same password; a new suffix names a snapshot that is not made yet",
  },
};
