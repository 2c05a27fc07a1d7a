import { DescribeKeyCommand, EncryptCommand, KMSClient, ListAliasesCommand } from "@aws-sdk/client-kms";
import { DescribeDBSnapshotsCommand, RDSClient } from "@aws-sdk/client-rds";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack } from "../support/local-stack";
import { freePort } from "../../platform/shared/ports";
import { SessionManager } from "../support/session-manager";
import { environmentSettings } from "../support/environments";
import { BackupsConfig } from "../../model/outputs/backups";
import { asRole, assume, readable } from "../support/iam";

/**
 * The files of dev and prod, brought up as they are. Only what AWS has and this machine has not is another: the authority
 * of the server's certificate, and pgaudit on PostgreSQL 17.
 */
const HERE = { extensions: ["pg_stat_statements"] };

/** Both on one platform, the second when the first is gone. */
let platform: LocalStack | undefined;
afterAll(() => platform?.close());
async function bringUp(...settings: Parameters<typeof LocalStack.open>): Promise<LocalStack> {
  platform = await (platform?.beside(...settings) ?? LocalStack.open(...settings));
  await platform.up();
  return platform;
}

describe("prod", () => {
  let stack: LocalStack;
  let sessions: SessionManager;
  let localPort: number;
  const { database, access, ...others } = environmentSettings("prod");
  const configured = () => ({ ...others, access: { ...access, localPort } });

  beforeAll(async () => {
    localPort = await freePort();
    sessions = await SessionManager.start();
    sessions.behave({});
    stack = await bringUp("prod", { ...database, ...HERE }, configured());
  });
  afterAll(() => sessions.stop());

  it("lets its roles in, and has left no session behind", async () => {
    await sessions.untilGone(localPort);
    expect(sessions.calls()).toHaveLength(1);
    const { rows } = await stack.as("app", (client) => client.query("SELECT session_user"));
    expect(rows).toEqual([{ session_user: "markenmate_app" }]);
  });

  it.each(["", "--run-program"])("refuses to be destroyed, as a whole: destroy %s", async (flag) => {
    const flags = flag ? [flag] : [];
    const { code, stdout } = await stack.pulumi("destroy", "--yes", "--skip-preview", ...flags);
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/DeletionGuard.*cannot be deleted\s+because it is protected/);
    expect(stdout).not.toMatch(/\d+ deleted/);
  });

  it("changes nothing the second time, nor after that, and opens no session to see so", async () => {
    const before = sessions.calls().length;
    await stack.succeed("preview", "--expect-no-changes");
    expect(sessions.calls()).toHaveLength(before);
    const { rows } = await stack.as("app", (client) => client.query("SELECT 1 AS one"));
    expect(rows).toEqual([{ one: 1 }]);
  });

  it("changes nothing with a refresh, for which an update opens a session", async () => {
    const before = sessions.calls().length;
    await stack.up("--refresh", "--run-program", "--expect-no-changes");
    await stack.succeed("refresh", "--yes", "--skip-preview", "--run-program", "--expect-no-changes");
    expect(sessions.calls()).toHaveLength(before + 2);
  });

  it("is destroyed once its protection is lifted, and leaves a snapshot with its key, and nothing else", async () => {
    await stack.configure({ ...database, ...HERE, deletionProtection: false }, configured());
    await stack.up();
    await stack.succeed("destroy", "--yes", "--skip-preview", "--run-program");
    expect(await stack.leftovers()).toEqual([]);
    await sessions.untilGone(localPort);

    const { DBSnapshots = [] } = await new RDSClient({}).send(new DescribeDBSnapshotsCommand({}));
    expect(DBSnapshots.map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier)).toEqual([
      expect.stringMatching(/^markenmate-prod-final-[0-9a-f]{8}$/),
    ]);
    const KeyId = DBSnapshots[0]?.KmsKeyId as string;
    const { KeyMetadata } = await new KMSClient({}).send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata).toMatchObject({ KeyState: "Enabled", Description: "Storage of the database" });
  });
});

describe("dev", () => {
  let stack: LocalStack;
  const { database, ...others } = environmentSettings("dev");

  beforeAll(async () => {
    stack = await bringUp("dev", { ...database, ...HERE }, others);
  });

  it("lets its roles in", async () => {
    const { rows } = await stack.as("app", (client) => client.query("SELECT session_user"));
    expect(rows).toEqual([{ session_user: "markenmate_app" }]);
  });

  describe("secrets, to roles that may do everything by IAM", () => {
    const readableBy = async (name: string) => {
      const { secretArns, masterSecretArn } = await stack.outputs();
      return asRole({ name }, (credentials) => readable(credentials, { ...secretArns, master: masterSecretArn }));
    };

    it.each([
      ["markenmate-dev-app", ["app"]],
      ["markenmate-dev-reports", ["readonly"]],
      ["markenmate-dev-migrations", ["migrate"]],
      ["markenmate-dev-deploy", ["app", "backup", "migrate", "monitor", "readonly", "master"]],
      ["somebody-else", []],
    ])("%s can read %j", async (role, secrets) => {
      expect(await readableBy(role)).toEqual(secrets);
    });
  });

  describe("the roles that work with backups", () => {
    const taken = async (who: string | undefined, job: "writer" | "restorer") => {
      const { roles, secretArn } = (await stack.outputs()).backups as BackupsConfig;
      return asRole({ name: who }, (own) =>
        assume(roles?.[job] as string, own).then(
          (credentials) => readable(credentials, { login: secretArn as string }),
          (error: Error) => error.name,
        ),
      );
    };

    it("are taken on by whoever is named for them, and only the writer reads the login that dumps", async () => {
      expect(await taken("markenmate-dev-deploy", "writer")).toEqual(["login"]);
      expect(await taken("markenmate-dev-deploy", "restorer")).toBe("AccessDenied");
      expect(await taken("markenmate-restore", "restorer")).toEqual([]);
      expect(await taken(undefined, "writer")).toBe("AccessDenied");
      expect(await taken(undefined, "restorer")).toBe("AccessDenied");
    });
  });

  it("lets nobody use a key but through its service", async () => {
    const direct = await asRole({}, async (credentials) => {
      const kms = new KMSClient({ credentials });
      const { Aliases = [] } = await kms.send(new ListAliasesCommand({}));
      const names = Aliases.map(({ AliasName = "" }) => AliasName).filter((name) =>
        name.startsWith("alias/markenmate"),
      );
      const encrypt = (KeyId: string) =>
        kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") })).then(
          () => "allowed",
          (error: Error) => error.name,
        );
      return Promise.all(names.map(encrypt));
    });
    expect(direct).toEqual(Array(4).fill("AccessDeniedException"));
  });

  it("changes nothing the second time, with or without a refresh", async () => {
    await stack.succeed("preview", "--expect-no-changes");
    await stack.succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("is destroyed, and leaves nothing behind", async () => {
    await stack.succeed("destroy", "--yes", "--skip-preview");
    expect(await stack.leftovers()).toEqual([]);
  });
});
