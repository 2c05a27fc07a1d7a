import { once } from "node:events";
import {
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from "@aws-sdk/client-rds";
import {
  DeleteSecretCommand,
  ListSecretVersionIdsCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack, LoginSecret } from "../support/local-stack";

/** Rotations of the application's password, one after the other, and what goes wrong in between. */
describe("a rotation", () => {
  let stack: LocalStack;
  let generation = 0;
  const instance = { DBInstanceIdentifier: "markenmate-test" };

  beforeAll(async () => {
    stack = await LocalStack.prepared();
  });
  afterAll(() => stack.close());

  const settings = (more: object = {}) => stack.configure({}, { roles: { app: { generation, ...more } } });
  async function rotate(more: object = {}): Promise<string> {
    generation += 1;
    await settings(more);
    return stack.up();
  }
  async function refused(...args: string[]): Promise<string> {
    const { code, stdout } = await stack.pulumi("up", "--yes", "--skip-preview", ...args);
    expect(code).not.toBe(0);
    return stdout.replace(/\s+/g, " ");
  }

  const arn = async () => (await stack.outputs()).secretArns.app as string;
  const version = async (stage: string) => stack.secret(await arn(), stage);
  const connection = ({ username: user, password }: LoginSecret) => stack.connection("app", { user, password });
  const letIn = ({ username: user, password }: LoginSecret): Promise<true | string> =>
    stack
      .as("app", (client) => client.query("SELECT 1"), { user, password })
      .then(
        () => true as const,
        (error: Error) => error.message,
      );
  const whoIs = async (stage: string) => (await version(stage)).username;
  /** After a rotation: both logins let their users in, and the secret points to the one whose turn it is. */
  const bothWork = async () => {
    expect([await letIn(await version("AWSCURRENT")), await letIn(await version("AWSPREVIOUS"))]).toEqual([true, true]);
    expect(await whoIs("AWSCURRENT")).toBe(generation % 2 === 0 ? "markenmate_app" : "markenmate_app_clone");
  };

  it("begins with one login; the other one lets nobody in", async () => {
    expect(await whoIs("AWSCURRENT")).toBe("markenmate_app");
    const { rows } = await stack.as("master", (master) =>
      master.query("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'markenmate_app_clone'"),
    );
    expect(rows).toEqual([{ rolcanlogin: false }]);
  });

  it("is one line, and the preview says in words who gets what", async () => {
    await stack.configure({}, { roles: { app: { generation: 1 } } });
    const text = await stack.succeed("preview");
    expect(text).toContain(
      "app: password generation 1 is set on the login markenmate_app_clone, then the secret points to it; " +
        "markenmate_app keeps its password until generation 2",
    );
    expect(await letIn(await version("AWSCURRENT"))).toBe(true);
    await rotate();
    expect([await whoIs("AWSCURRENT"), await whoIs("AWSPREVIOUS")]).toEqual(["markenmate_app_clone", "markenmate_app"]);
  });

  it("leaves the login before alone until the next one, and disturbs no session and no listener", async () => {
    const first = await version("AWSPREVIOUS");
    const second = await version("AWSCURRENT");
    expect([await letIn(first), await letIn(second)]).toEqual([true, true]);
    const listener = new Client(await connection(second));
    await listener.connect();
    await listener.query("LISTEN news");
    const heard = once(listener, "notification");
    await rotate();
    expect(await letIn(first)).toBe('password authentication failed for user "markenmate_app"');
    expect(await letIn(second)).toBe(true);
    expect(await version("AWSPREVIOUS")).toEqual(second);
    await rotate();
    expect(await letIn(second)).toBe('password authentication failed for user "markenmate_app_clone"');
    await stack.as("app", (client) => client.query("NOTIFY news, 'still there'"));
    const [notification] = (await heard) as [{ payload: string }];
    expect(notification.payload).toBe("still there");
    await listener.end();
  });

  it("keeps no more versions in reach than two, and changes nothing when it is done", async () => {
    const { Versions = [] } = await new SecretsManagerClient({}).send(
      new ListSecretVersionIdsCommand({ SecretId: await arn() }),
    );
    expect(Versions.flatMap(({ VersionStages = [] }) => VersionStages).sort()).toEqual(["AWSCURRENT", "AWSPREVIOUS"]);
    // Drift from AWS and the server is looked for once the later rotations are done, which leave the same things behind.
    await stack.succeed("preview", "--expect-no-changes");
  });

  describe("of a role whose second login somebody has changed by hand", () => {
    const MEMBERSHIP = "REVOKE markenmate_app FROM markenmate_app_clone";
    const SETTING = "ALTER ROLE markenmate_app_clone RESET role";
    const ACTS_AS_ITSELF = "markenmate_app_clone logs in, but acts as markenmate_app_clone and not as markenmate_app.";
    const CANNOT = 'markenmate_app_clone cannot log in: permission denied for database "markenmate".';
    const byHand = (sql: string) => stack.as("master", (master) => master.query<object>(sql));
    /** What a change by hand may leave behind. */
    const inTheServer = async () =>
      (
        await byHand(
          "SELECT rolname, rolcanlogin, rolinherit, rolconnlimit, rolconfig, ARRAY(SELECT roleid::regrole::text || grantor::regrole " +
            "|| admin_option FROM pg_auth_members WHERE member = r.oid ORDER BY 1) AS memberships " +
            "FROM pg_roles r WHERE rolname ~ '^markenmate_app' ORDER BY 1",
        )
      ).rows;
    const isPutRightByARefresh = async (right: object[]) => {
      expect(await inTheServer()).not.toEqual(right);
      await stack.up("--refresh");
      expect(await inTheServer()).toEqual(right);
      await bothWork();
    };

    it("says so when it is in use, whatever was changed, and is put right by a refresh", async () => {
      expect(await whoIs("AWSCURRENT")).toBe("markenmate_app_clone");
      const right = await inTheServer();
      await byHand(SETTING);
      expect(await refused()).toContain(ACTS_AS_ITSELF);
      await byHand(MEMBERSHIP);
      expect(await refused()).toContain(CANNOT);
      await isPutRightByARefresh(right);
    });

    it("says so when it is the one of the generation before, but only warns when nobody can log in with it", async () => {
      const [before, right] = [await version("AWSCURRENT"), await inTheServer()];
      await byHand(SETTING);
      generation += 1;
      await settings();
      expect(await refused()).toContain(ACTS_AS_ITSELF);
      expect(await version("AWSCURRENT")).toEqual(before);
      await byHand(MEMBERSHIP);
      expect((await stack.up()).replace(/\s+/g, " ")).toContain(
        `warning: The login of the generation before: ${CANNOT}`,
      );
      expect(await version("AWSPREVIOUS")).toEqual(before);
      await isPutRightByARefresh(right);
    });
  });

  /** One rotation that meets one obstacle after the other: each update gets past the one before, and the last one finishes. */
  describe("that fails", () => {
    let before: LoginSecret;

    beforeAll(async () => {
      before = await version("AWSCURRENT");
      generation += 1;
      await settings();
    });
    /** Whatever went wrong: who reads the secret gets in. */
    const stillWorks = async () => {
      expect(await version("AWSCURRENT")).toEqual(before);
      expect(await letIn(before)).toBe(true);
    };

    it("because the server is away, changes no secret, and the next update goes on", async () => {
      await new RDSClient({}).send(new StopDBInstanceCommand(instance));
      expect(await refused()).toContain("ECONNREFUSED");
      await new RDSClient({}).send(new StartDBInstanceCommand(instance));
      await stillWorks();
    });

    it("because nobody can log in with the new password, does not point the secret there, nor counts as deployed", async () => {
      const next = before.username === "markenmate_app" ? "markenmate_app_clone" : "markenmate_app";
      const { deployed } = await stack.outputs();
      await stack.as("master", (master) => master.query(`ALTER ROLE ${next} CONNECTION LIMIT 0`));
      expect(await refused()).toContain(
        `The secret of markenmate_app is left as it was: ${next} cannot log in: too many connections for role "${next}".`,
      );
      await stillWorks();
      expect((await stack.outputs()).deployed).toEqual(deployed);
      await stack.as("master", (master) => master.query(`ALTER ROLE ${next} CONNECTION LIMIT -1`));
    });

    it("is refused when it would skip or go back, before anything is done", async () => {
      await stack.configure({}, { roles: { app: { generation: generation + 1 } } });
      expect(await refused()).toContain(`roles.app.generation: ${generation + 1} (with roles.all) skips ${generation}`);
      await stack.configure({}, { roles: { app: { generation: generation - 2 } } });
      expect(await refused()).toContain(`roles.app.generation: ${generation - 2} (with roles.all) is behind`);
      await settings();
    });

    it("because the secret cannot be written, leaves both logins usable, and the next update finishes", async () => {
      const SecretId = await arn();
      const secrets = new SecretsManagerClient({});
      await secrets.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
      expect(await refused()).toContain("marked for deletion");
      await secrets.send(new RestoreSecretCommand({ SecretId }));
      await stillWorks();
      await stack.up();
      expect(await version("AWSPREVIOUS")).toEqual(before);
      await bothWork();
      await stack.succeed("preview", "--refresh", "--expect-no-changes");
    });
  });

  describe("that revokes", () => {
    it("can be followed by it later, when nobody uses the login before any more", async () => {
      const shutOut = await version("AWSPREVIOUS");
      await settings({ revokePrevious: true });
      await stack.up();
      expect(await letIn(shutOut)).toBe(`role "${shutOut.username}" is not permitted to log in`);
      expect(await letIn(await version("AWSCURRENT"))).toBe(true);
    });

    it("shuts the login before out and ends its sessions, once the secret points elsewhere", async () => {
      const [shutOut, leaked] = [await version("AWSPREVIOUS"), await version("AWSCURRENT")];
      const thief = new Client(await connection(leaked));
      await thief.connect();
      const ended = once(thief, "error");
      thief.on("error", () => undefined); // and what comes after the first
      const text = await rotate({ revokePrevious: true });
      expect(text).toContain(`${leaked.username} is shut out, and 1 of its sessions were ended`);
      expect(((await ended) as [Error])[0].message).toBe("terminating connection due to administrator command");
      expect(await letIn(leaked)).toBe(`role "${leaked.username}" is not permitted to log in`);
      // The one that was shut out before is let in again with its next password, and with that alone.
      expect(await whoIs("AWSCURRENT")).toBe(shutOut.username);
      expect(await letIn(await version("AWSCURRENT"))).toBe(true);
      expect(await letIn(shutOut)).toContain("password authentication failed");
      await stack.succeed("preview", "--refresh", "--expect-no-changes");
    });
  });

  describe("of the master's password by RDS", () => {
    it("is due every thirty days", async () => {
      const { DBInstances = [] } = await new RDSClient({}).send(new DescribeDBInstancesCommand(instance));
      const { SecretArn } = DBInstances[0]?.MasterUserSecret ?? {};
      const state = await stack.succeed("stack", "export");
      expect(state).toContain(`"secretId": "${SecretArn}"`);
      expect(state).toContain('"automaticallyAfterDays": 30');
    });

    it("needs nobody's hand: the next update works, and changes nothing", async () => {
      const { masterSecretArn } = await stack.outputs();
      const before = await stack.secret(masterSecretArn);
      const change = { ...instance, RotateMasterUserPassword: true, ApplyImmediately: true };
      await new RDSClient({}).send(new ModifyDBInstanceCommand(change));
      expect((await stack.secret(masterSecretArn)).password).not.toBe(before.password);
      await settings(); // the master lets the login in again that was shut out
      await stack.up();
      await bothWork();
      await stack.succeed("preview", "--refresh", "--expect-no-changes");
    });
  });
});
