import { readFile } from "node:fs/promises";
import path from "node:path";
import { Client, ClientConfig } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ACCESS, ROLE_NAMES, RoleName } from "../../model/access/matrix";
import { capture, Captured } from "../../lib/process";
import { ROOT } from "../../platform/shared/paths";
import { prepareReading, readContents } from "../../ops/backups/contents";
import { Contents } from "../../ops/backups/manifest";
import { Refusal } from "../../ops/shared/errors";
import { adopt, Options } from "../../ops/adoption/adopt";
import { Action, actionsIn, actionsOn, mismatches, Objects, Outcome, tryAll } from "./access-actions";
import { catalogs } from "./adoption-catalogs";
import { startAdoptionLoad } from "./adoption-load";
import { notePatience } from "./adoption-patience";
import { migrateWithDrizzle } from "./drizzle/migrate";
import { LocalStack } from "./local-stack";
import { withoutRoles } from "./whole-stack";

/** The user that owned everything, by the guide's "Current Setup". */
const OLD = "markenmate";
const PASSWORD = "of-the-old-days";

const ADOPTED: Objects[] = [
  {
    label: "adopted",
    table: "public.old_items",
    sequence: "public.old_items_id_seq",
    call: "public.old_answer()",
    owner: "migrate",
  },
  {
    label: "adopted shop",
    table: "shop.wares",
    sequence: "shop.wares_id_seq",
    call: "shop.wares_answer()",
    owner: "migrate",
  },
];
const ACTIONS: Action[] = [...actionsIn("public"), ...ADOPTED.flatMap(actionsOn)];

/** Nobody writes them. */
const UNTOUCHED = ["public.people", "public.measured", "public.events_2025", "public.notes", "shop.wares"];

interface Told {
  result: string;
  message?: string;
  statements: string[];
  notes: string[];
  remains: object[];
  lockedMs: number;
  attempts: number;
}

/** Takes a database over that an application works in, on one version of PostgreSQL, and switches the old user off. */
export function proveAdoption(engineVersion: string): void {
  let stack: LocalStack;
  let before: Contents;

  async function old(settings: ClientConfig = {}): Promise<ClientConfig> {
    return { ...(await stack.connection("master")), user: OLD, password: PASSWORD, ...settings };
  }
  const asOld = async <Result>(work: (client: Client) => Promise<Result>) => stack.as("master", work, await old());

  /** Where there is no Pulumi the environment says what `--stack` does, and sooner. */
  async function ops(name: string, ...args: string[]): Promise<Captured> {
    const { cwd, env } = await stack.platform.forCommands();
    return capture(path.join(ROOT, "ops", name), args, { cwd, env: { ...env, CHECK: process.env.CHECK } });
  }
  /** What the command does, in this process: its exit code, 0 or 3, its result, and what it says to people. */
  async function told(code: 0 | 3, what: "adopt" | "off" | "on", options: Partial<Options> = {}) {
    const said: string[] = [];
    const say = vi.spyOn(console, "error").mockImplementation((line: string) => void said.push(line));
    try {
      const [ended, result] = await adopt(what, { from: OLD, ...options }).then(
        (done) => [0, done],
        (error: Error) => [error instanceof Refusal ? 3 : 1, { message: error.message }],
      );
      expect([ended, result]).toEqual([code, expect.anything()]);
      return { ...(result as Told), stderr: said.join("\n") };
    } finally {
      say.mockRestore();
    }
  }
  const contents = () =>
    stack.as("master", async (master) => {
      await master.query(`SET ROLE ${OLD}`);
      await prepareReading(master);
      return readContents(master);
    });

  beforeAll(async () => {
    stack = await withoutRoles(engineVersion);
    await stack.configure({ engineVersion }, { schemas: ["public", "shop"] });
    await stack.as("master", async (master) => {
      await master.query(`CREATE ROLE ${OLD} LOGIN PASSWORD '${PASSWORD}'`);
      await master.query(`GRANT ${OLD} TO CURRENT_USER`);
      await master.query(`ALTER DATABASE markenmate OWNER TO ${OLD}`);
    });
    const objects = await readFile(path.join(ROOT, "test/support/adopted.sql"), "utf8");
    await asOld((client) => client.query(objects));
    await migrateWithDrizzle(stack, undefined, await old());
    await stack.up();
    // As where there is no Pulumi.
    process.env.CHECK = JSON.stringify((await stack.outputs()).check);
    before = await contents();
  });
  afterAll(() => stack.close());

  describe("a rehearsal", () => {
    it("does all of it, says what, and leaves every row of the catalogs as it was", async () => {
      const look = () => stack.as("master", catalogs);
      const catalogsBefore = await look();
      const { code, stdout, stderr } = await ops("adopt", "--from", OLD, "--dry-run", "--json", "--stack", stack.name);
      const { result, statements, notes } = JSON.parse(stdout) as Told;
      expect([code, result]).toEqual([0, "rehearsed"]);
      expect(statements).toContain("ALTER TABLE public.sales OWNER TO markenmate_migrate");
      expect(stderr).toMatch(/From markenmate to markenmate_migrate:\n +3 schemas/);
      expect(notes.join("\n")).toMatch(/SECURITY DEFINER .*public\.how_many\(\)/);
      expect(notes.join("\n")).toMatch(/Row-level security did not hold for markenmate.*public\.notes/);
      expect(notes.join("\n")).toMatch(/Drizzle's journal/);
      expect(await look()).toEqual(catalogsBefore);
    });

    it("can be made in a copy of the database, whose own rights are not there yet", async () => {
      await stack.as("master", (master) => master.query(`CREATE DATABASE copied TEMPLATE markenmate OWNER ${OLD}`));
      const { result } = await told(0, "adopt", { dryRun: true, database: "copied" });
      expect(result).toBe("rehearsed");
      await stack.as("master", (master) => master.query("DROP DATABASE copied"));
    });
  });

  describe("the adoption", () => {
    it("lets an application go on that works meanwhile, though another transaction is in the way", async () => {
      const patience = await notePatience(stack);
      const load = startAdoptionLoad(await old());
      await load.untilAllIsDoneAgain();
      const inTheWay = new Client(await old());
      await inTheWay.connect();
      await inTheWay.query("BEGIN; SELECT count(*) FROM sales");
      // In a process of its own, as the application is in this one.
      const adopted = ops("adopt", "--from", OLD, "--json");
      // Taken back twice: it has said by then who was in the way the first time.
      const TAKEN_BACK = /:markenmate_admin@markenmate:\[\d+\]:ERROR: {2}canceling statement due to lock timeout/g;
      await expect.poll(async () => [...(await stack.serverLog()).matchAll(TAKEN_BACK)].length).toBeGreaterThan(1);
      await load.untilEachGoesOn(); // the transaction is still in the way
      await inTheWay.query("COMMIT");
      await inTheWay.end();
      const { code, stdout, stderr } = await adopted;
      const { result, attempts, statements } = JSON.parse(stdout) as Told;
      await load.untilAllIsDoneAgain();
      expect(await load.stop()).toEqual([]);
      expect([code, result]).toEqual([0, "adopted"]);
      expect(attempts).toBeGreaterThan(1);
      expect(stderr).toMatch(/Taken back, and tried again soon; in use: /);
      expect(stderr).toMatch(/of markenmate has locked .*sales/);
      const waits = await patience();
      expect(waits.length).toBeGreaterThan(statements.filter((statement) => statement.startsWith("ALTER")).length);
      expect(waits.filter((ms) => !(ms >= 1 && ms <= 500))).toEqual([]);
    });

    it("changes no row", async () => {
      const after = await contents();
      const tables = ({ tables: all }: Contents) => all.filter(({ name }) => UNTOUCHED.includes(name));
      expect(tables(after)).toEqual(tables(before));
      expect(tables(after)).toHaveLength(UNTOUCHED.length);
    });

    it("finds nothing left to do when it is run again", async () => {
      // What the application has made since is not left to do unless it made something.
      const { result, statements, stderr } = await told(0, "adopt");
      expect([result, statements]).toEqual(["unchanged", []]);
      expect(stderr).toContain("Nothing is left to do.");
    });

    it("leaves nothing to the old user but the database", async () => {
      const { rows } = await stack.as("master", (master) =>
        master.query<{ type: string }>(
          `SELECT i.type FROM pg_shdepend s, pg_identify_object(s.classid, s.objid, 0) i
           WHERE s.refobjid = '${OLD}'::regrole AND s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o'`,
        ),
      );
      expect([...new Set(rows.map(({ type }) => type))].sort()).toEqual(["database", "default acl"]);
    });

    it("makes the access matrix hold for every role and action on what was there before", async () => {
      const observed = new Map<RoleName, Map<string, Outcome>>();
      for (const role of ROLE_NAMES) {
        observed.set(role, await stack.as(role, (client) => tryAll(client, ACTIONS)));
      }
      expect(mismatches(ACCESS, ACTIONS, observed)).toEqual([]);
    });

    it("lets the old user change what it has made, and the roles reach what it makes next", async () => {
      await asOld(async (client) => {
        await client.query("ALTER TABLE people ADD COLUMN seen date");
        await client.query("ALTER TABLE people DROP COLUMN seen");
        await client.query("CREATE TABLE later (id int); INSERT INTO later VALUES (1)");
        await client.query("CREATE FUNCTION later_answer() RETURNS int LANGUAGE sql AS 'SELECT 43'");
      });
      await stack.as("app", async (app) => {
        await app.query("UPDATE later SET id = 2");
        expect((await app.query("SELECT later_answer() AS answer")).rows).toEqual([{ answer: 43 }]);
      });
      await expect(stack.as("readonly", (client) => client.query("SELECT later_answer()"))).rejects.toMatchObject({
        code: "42501",
      });
      expect((await stack.as("readonly", (client) => client.query("SELECT id FROM later"))).rows).toEqual([{ id: 2 }]);
    });

    it("lets migrations go on where the old user's ended", async () => {
      await migrateWithDrizzle(stack);
      await stack.as("migrate", (client) =>
        client.query("CREATE POLICY backup_reads_all ON notes FOR SELECT TO markenmate_backup USING (true)"),
      );
    });
  });

  describe("switching the old user off", () => {
    it("is refused while somebody is connected as it, and without its name said twice", async () => {
      await asOld(async () => {
        const { message, stderr } = await told(3, "off", { confirm: OLD });
        expect(message).toContain("somebody is connected as markenmate");
        expect(stderr).toMatch(/Connected as markenmate:\n +\d+/);
      });
      expect((await told(3, "off")).message).toContain("--confirm markenmate");
      expect((await told(3, "off", { confirm: "somebody" })).message).toContain("is not the name");
      await asOld((client) => client.query("SELECT 1"));
    });

    it("adopts what it has made since, ends its sessions, and shuts it out", async () => {
      const connected = new Client(await old());
      const ended = new Promise((resolve) => connected.on("error", resolve));
      await connected.connect();
      const { result, statements } = await told(0, "off", { confirm: OLD, endSessions: true });
      expect(result).toBe("switched off");
      expect(statements).toContain("ALTER TABLE public.later OWNER TO markenmate_migrate");
      await ended;
      await expect(asOld((client) => client.query("SELECT 1"))).rejects.toMatchObject({ code: "28000" });
      expect((await told(0, "off", { confirm: OLD })).result).toBe("unchanged");
      expect((await told(0, "adopt")).result).toBe("unchanged");
    });

    it("leaves a stack in which the live check finds nothing and an update changes nothing", async () => {
      const { code, stdout } = await ops("check", "--json");
      const { findings } = JSON.parse(stdout) as { findings: object[] };
      expect([code, findings]).toEqual([0, []]);
      await stack.succeed("preview", "--refresh", "--expect-no-changes");
    });

    it("can be taken back", async () => {
      expect((await told(0, "on")).result).toBe("switched on");
      expect((await told(0, "on")).result).toBe("unchanged");
      await asOld(async (client) => {
        await client.query("UPDATE old_items SET name = 'kept on'; ALTER TABLE old_items ADD COLUMN note text");
        await client.query("CREATE TABLE latest (id int)");
      });
      await stack.as("app", (app) => app.query("INSERT INTO latest VALUES (1)"));
      expect((await told(0, "off", { confirm: OLD })).result).toBe("switched off");
      expect((await ops("check", "--json")).code).toBe(0);
    });
  });
}
