import { ClientBase, escapeIdentifier } from "pg";
import { Manifest } from "./manifest";

/** The two halves of a right, `grantee=PRIVILEGE`. */
export function partsOf(grant: string): { grantee: string; privilege: string } {
  const at = grant.lastIndexOf("=");
  return { grantee: grant.slice(0, at), privilege: grant.slice(at + 1) };
}

/** Every role that a dump names as an owner or gives a right to, predefined ones excepted. */
export function rolesNamed({ contents, database }: Manifest): string[] {
  const grants = [...contents.objects.flatMap((object) => object.grants), ...database.grants];
  const owners = contents.objects.map(({ owner }) => owner).filter((owner) => owner !== null);
  const names = new Set([...owners, ...grants.map((grant) => partsOf(grant).grantee)]);
  return [...names].filter((name) => name !== "PUBLIC" && !name.startsWith("pg_")).sort();
}

/** The roles of the manifest, and whatever else the dump names. Nobody can log in as them. */
export async function makeRoles(client: ClientBase, manifest: Manifest): Promise<void> {
  const known = new Map(manifest.roles.map((role) => [role.name, role]));
  const names = [...new Set([...known.keys(), ...rolesNamed(manifest)])];
  for (const name of names) {
    const attributes = known.get(name)?.attributes.filter((attribute) => attribute !== "LOGIN") ?? [];
    await client.query(`CREATE ROLE ${escapeIdentifier(name)} ${attributes.join(" ")}`);
  }
  for (const { name, memberOf } of manifest.roles) {
    for (const group of memberOf.filter((candidate) => names.includes(candidate))) {
      await client.query(`GRANT ${escapeIdentifier(group)} TO ${escapeIdentifier(name)}`);
    }
  }
}
