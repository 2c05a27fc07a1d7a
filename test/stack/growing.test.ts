import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack } from "../support/local-stack";

/** Applications that share one database, with a schema of their own each: `count` schemas in all. */
const sharing = (count: number) =>
  Object.fromEntries(Array.from({ length: count - 1 }, (_, index) => [`app${index + 1}`, { database: "markenmate" }]));

interface Measured {
  schemas: number;
  resources: number;
  seconds: number;
  /** Of the engine and the program together, at their most. */
  megabytes: number;
}

const MANY = 20;

async function processesBelow(parent: number): Promise<number[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    ids.map(async (id) => {
      const status = await readFile(`/proc/${id}/stat`, "utf8").catch(() => "");
      return [Number(id), Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1])] as const;
    }),
  );
  const below = (id: number): number[] =>
    parents.filter(([, its]) => its === id).flatMap(([child]) => [child, ...below(child)]);
  return below(parent);
}

/** Resident memory of the CLI and of what runs the program; servers that outlive an update are not theirs. */
async function residentMegabytes(): Promise<number> {
  const sizes = (await processesBelow(process.pid)).map(async (id) => {
    const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
    const status = /pulumi/.test(command) ? await readFile(`/proc/${id}/status`, "utf8").catch(() => "") : "";
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function measured(schemas: number, resources: () => Promise<number>, work: () => Promise<unknown>) {
  let megabytes = 0;
  const sample = async () => {
    megabytes = Math.max(megabytes, await residentMegabytes());
  };
  const timer = setInterval(() => void sample(), 100);
  const begin = Date.now();
  await work();
  const seconds = (Date.now() - begin) / 1000;
  clearInterval(timer);
  return { schemas, resources: await resources(), seconds, megabytes } satisfies Measured;
}

describe("many applications in one stack", () => {
  const made: Measured[] = [];
  const again: Measured[] = [];
  let stack: LocalStack;

  async function bringUp(schemas: number): Promise<void> {
    stack = await LocalStack.open(`grow${schemas}`, {}, { applications: sharing(schemas) });
    const state = async () => {
      const { deployment } = JSON.parse(await stack.succeed("stack", "export")) as { deployment: { resources: [] } };
      return deployment.resources.length;
    };
    made.push(await measured(schemas, state, () => stack.up()));
    again.push(await measured(schemas, state, () => stack.succeed("preview", "--expect-no-changes")));
    if (schemas < MANY) {
      await stack.close();
    }
  }

  beforeAll(async () => {
    for (const schemas of [1, MANY]) {
      await bringUp(schemas);
    }
    const rows = [...made, ...again].map(({ schemas, resources, seconds, megabytes }) =>
      [`${schemas} schemas`, `${resources} resources`, `${seconds.toFixed(1)} s`, `${megabytes.toFixed(0)} MB`].join(
        ", ",
      ),
    );
    console.log(`up, then a preview without changes:\n${rows.join("\n")}`);
  }, 600_000);
  afterAll(() => stack.close());

  it("is 20 schemas with four roles each that have rights in them", async () => {
    const { rows } = await stack.as("master", (client) =>
      client.query(
        `SELECT nspname, array_agg(DISTINCT grantee.rolname::text ORDER BY grantee.rolname::text) AS roles
         FROM pg_namespace, aclexplode(nspacl) AS acl JOIN pg_roles AS grantee ON grantee.oid = acl.grantee
         WHERE nspname ~ '^app[0-9]+$' AND grantee.rolname ~ '^(app[0-9]+|markenmate)_(app|readonly|migrate|backup)$'
         GROUP BY nspname`,
      ),
    );
    expect(rows).toHaveLength(MANY - 1);
    for (const { nspname, roles } of rows as { nspname: string; roles: string[] }[]) {
      expect(roles).toEqual(
        [`${nspname}_app`, `${nspname}_migrate`, `${nspname}_readonly`, "markenmate_backup"].sort(),
      );
    }
    const first = await stack.as("app19/app", (client) => client.query("SELECT current_user::text AS name"));
    expect(first.rows).toEqual([{ name: "app19_app" }]);
  });

  const times = (list: Measured[], of: "seconds" | "megabytes" | "resources") => {
    const [one, many] = list as [Measured, Measured];
    return many[of] / one[of];
  };

  it("is looked at in time that grows less than its resources do", () => {
    expect(times(again, "seconds")).toBeLessThan(times(again, "resources"));
  });

  it("takes memory that grows less than its resources do", () => {
    expect(times(made, "megabytes")).toBeLessThan(times(made, "resources"));
  });

  // Pulumi writes the whole state down at every step, which is the price of an update that can be killed (docs/applications.md).
  it("is made in no more time than as many stacks of one schema would take", () => {
    expect(times(made, "seconds")).toBeLessThan(MANY);
  });
});
