import { describe, expect, it } from "vitest";
import { ROLE_NAMES, RoleName } from "../../model/access/matrix";
import { factsOf } from "../../model/deployed";
import { Rotations } from "../../model/access/rotation";
import { parseSettings } from "../../model/settings";
import { configOf, registeredBy } from "../support/environments";

const account = { id: "123456789012", partition: "aws", region: "eu-central-1" };
const rotated = (generation: number) => {
  const roles = { all: { generation, revokePrevious: true } };
  return { roles, applications: { shop: { roles } } };
};
const without = (left: RoleName, roles: Rotations) =>
  Object.fromEntries(ROLE_NAMES.filter((role) => role !== left).map((role) => [role, roles[role]]));

/** Left by a program that knew all roles but one of each application. */
function deployed() {
  const all = factsOf(parseSettings("dev", rotated(2)), account);
  const shop = all.applications.shop as { database: string; roles: Rotations };
  return {
    ...all,
    roles: without("monitor", all.roles),
    applications: { shop: { ...shop, roles: without("readonly", shop.roles) } },
  };
}

describe("a role that comes to a stack of a later generation", async () => {
  const config = Object.entries(rotated(3)).map(([key, value]) => [`markenmate:${key}`, JSON.stringify(value)]);
  const registered = await registeredBy(
    "dev",
    { ...configOf("dev"), ...(Object.fromEntries(config) as object) },
    { deployed: deployed() },
  );
  const names = registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
  const at = (resource: string) => {
    expect(names).toContain(resource);
    return names.indexOf(resource);
  };

  it.each([
    ["markenmate-dev", "monitor"],
    ["markenmate-dev-for.shop", "readonly"],
  ])("has no secret before it is let in: %s, %s", (application, role) => {
    const secret = at(`SecretVersion ${application}-${role}`);
    expect(secret).toBeGreaterThan(at(`Grant ${application}-${role}-database`));
    expect(secret).toBeGreaterThan(at(`DefaultPrivileges ${application}-backup-sequence`));
  });

  it.each(["markenmate-dev", "markenmate-dev-for.shop"])(
    "leaves those that are there their order, the secret before the login that is shut out: %s",
    (application) => {
      expect(at(`SecretVersion ${application}-app`)).toBeLessThan(at(`Role ${application}-app`));
    },
  );
});
