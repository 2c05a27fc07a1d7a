import { ModifyDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { DeleteSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LocalStack } from "../support/local-stack";
import { superuser } from "../support/superuser";

const rotateApp = (generation: number) => ({ roles: { app: { generation } } });
const MASTER = "markenmate_admin";

async function bySuperuser(stack: LocalStack, ...statements: string[]): Promise<void> {
  const client = await superuser(stack);
  try {
    for (const statement of statements) {
      await client.query(statement);
    }
  } finally {
    await client.end();
  }
}

const masterDoes = (stack: LocalStack, sql = "SELECT 1") => stack.as("master", (client) => client.query(sql));

/** docs/locked-out.md. */
describe("a master whose password RDS manages", () => {
  let stack: LocalStack;
  const resetByRds = () =>
    new RDSClient({}).send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: `markenmate-${stack.name}`,
        RotateMasterUserPassword: true,
        ApplyImmediately: true,
      }),
    );

  beforeAll(async () => {
    stack = await LocalStack.prepared();
  });
  afterAll(() => stack.close());

  it("who has another password in the server stops an update that needs him, and leaves the secrets as they are", async () => {
    await bySuperuser(stack, `ALTER ROLE ${MASTER} PASSWORD 'by-hand-and-forgotten'`);
    await expect(masterDoes(stack)).rejects.toMatchObject({ code: "28P01" });
    await stack.configure({}, rotateApp(1));
    const { code, stdout, stderr } = await stack.pulumi("up", "--yes", "--skip-preview");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain(`password authentication failed for user "${MASTER}"`);
    expect(stdout + stderr).not.toContain("by-hand-and-forgotten");
    await stack.as("app", (client) => client.query("SELECT 1"));
  });

  it("is let in with a new one from RDS, and the update goes on", async () => {
    await resetByRds();
    await masterDoes(stack);
    await stack.up();
    await stack.as("app", (client) => client.query("SELECT 1"));
  });

  it("gets his rights back with it", async () => {
    await bySuperuser(
      stack,
      `ALTER ROLE ${MASTER} NOLOGIN NOCREATEROLE NOCREATEDB`,
      `REVOKE rds_superuser FROM ${MASTER}`,
    );
    await expect(masterDoes(stack)).rejects.toMatchObject({ code: "28000" });
    await resetByRds();
    await masterDoes(stack, "CREATE ROLE may_again");
    await masterDoes(stack, "DROP ROLE may_again");
    await stack.configure({}, rotateApp(2));
    await stack.up();
    await stack.up("--refresh", "--expect-no-changes");
  });
});

describe("a master whose password the stack keeps", () => {
  let stack: LocalStack;
  const OWN = { masterPassword: "stack" };

  beforeAll(async () => {
    stack = await LocalStack.prepared(OWN);
  });
  afterAll(() => stack.close());

  it("who has another password in the server gets the stack's again", async () => {
    const { masterSecretArn } = await stack.outputs();
    await bySuperuser(stack, `ALTER ROLE ${MASTER} PASSWORD 'by-hand-and-forgotten'`);
    await expect(masterDoes(stack)).rejects.toMatchObject({ code: "28P01" });
    const { password } = await stack.secret(masterSecretArn);
    await new RDSClient({}).send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: `markenmate-${stack.name}`,
        MasterUserPassword: password,
        ApplyImmediately: true,
      }),
    );
    await masterDoes(stack);
    await stack.succeed("preview", "--refresh", "--expect-no-changes"); // before the secret is another one
  });

  it("whose secret is gone gets it anew from the state, and the password with it", async () => {
    const { masterSecretArn } = await stack.outputs();
    const { password } = await stack.secret(masterSecretArn);
    await new SecretsManagerClient({}).send(
      new DeleteSecretCommand({ SecretId: masterSecretArn, ForceDeleteWithoutRecovery: true }),
    );
    await stack.up("--refresh");
    const { masterSecretArn: anew } = await stack.outputs();
    expect((await stack.secret(anew)).password).toBe(password);
    await masterDoes(stack);
    await stack.configure(OWN, rotateApp(1));
    await stack.up();
    await stack.up("--refresh", "--expect-no-changes");
  });
});
