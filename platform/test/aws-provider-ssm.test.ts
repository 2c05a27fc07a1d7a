import { rm } from "node:fs/promises";
import {
  CreateDocumentCommand,
  DescribeDocumentCommand,
  DescribeDocumentPermissionCommand,
  GetDocumentCommand,
  ListTagsForResourceCommand,
  ModifyDocumentPermissionCommand,
  PutParameterCommand,
  SSMClient,
  UpdateDocumentCommand,
} from "@aws-sdk/client-ssm";
import { beforeAll, describe, expect, test } from "vitest";
import { startEmulator } from "../emulator/emulator";
import { TOOLS_DIR } from "../shared/paths";
import { Values } from "../providers/protocol/model";
import { REGION, useAwsProvider } from "../../test/support/aws-provider";
import { temporaryFolder } from "../../test/support/engine";

const session = (more: Values = {}) =>
  JSON.stringify({
    schemaVersion: "1.0",
    description: "Sessions of this host",
    sessionType: "Standard_Stream",
    inputs: { cloudWatchLogGroupName: "", runAsEnabled: true, idleSessionTimeout: "20", ...more },
  });

const command = JSON.stringify({
  schemaVersion: "2.2",
  description: "Says hello",
  parameters: { name: { type: "String", description: "To whom", default: "you" } },
  mainSteps: [{ action: "aws:runShellScript", name: "hello", inputs: { runCommand: ["echo {{name}}"] } }],
});

describe("the local aws provider: SSM", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let ssm: SSMClient;
  beforeAll(() => {
    ssm = new SSMClient({});
  });

  test("Document of sessions", async () => {
    const input = { name: "host-sessions", documentType: "Session", content: session(), tags: { a: "1" } };
    const document = await on.create("ssm.Document", input);
    expect(document.id).toBe("host-sessions");
    expect(document.state).toMatchObject({
      ...{ documentFormat: "JSON", schemaVersion: "1.0", description: "Sessions of this host", status: "Active" },
      ...{ documentVersion: "1", defaultVersion: "1", latestVersion: "1", hashType: "Sha256" },
      arn: "arn:aws:ssm:eu-central-1:000000000000:document/host-sessions",
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      owner: "000000000000",
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect(await document.drift()).toEqual([]);
    const changed = { ...input, content: session({ idleSessionTimeout: "5" }), tags: { b: "2" } };
    expect(document.plan(changed)).toEqual({ changes: ["content", "tags"], replaces: [] });
    const { hash } = document.state;
    await document.update(changed);
    expect(document.state).toMatchObject({ content: changed.content, defaultVersion: "2", latestVersion: "2" });
    expect(document.state.hash).not.toBe(hash);
    expect(document.state.tagsAll).toEqual({ b: "2", Owner: "tests" });
    expect(await document.drift()).toEqual([]);
    const first = await ssm.send(new GetDocumentCommand({ Name: document.id, DocumentVersion: "1" }));
    expect(first.Content).toBe(input.content);
    const { TagList } = await ssm.send(
      new ListTagsForResourceCommand({ ResourceType: "Document", ResourceId: document.id }),
    );
    expect(TagList).toContainEqual({ Key: "b", Value: "2" });

    const byHand = { Name: document.id, Content: session({ idleSessionTimeout: "60" }), DocumentVersion: "$LATEST" };
    await ssm.send(new UpdateDocumentCommand(byHand));
    expect(await document.drift()).toEqual(expect.arrayContaining(["content", "latestVersion"]));
    expect(document.plan({ ...input, name: "other-sessions" }).replaces).toEqual(["name"]);
    expect(await document.imported()).toMatchObject({ documentType: "Session", content: byHand.Content });
    const { state } = document;
    await document.delete();
    // A new one of the name begins anew.
    const again = await on.create("ssm.Document", {
      name: "host-sessions",
      documentType: "Session",
      content: session(),
    });
    expect(again.state).toMatchObject({ latestVersion: "1", tagsAll: { Owner: "tests" }, arn: state.arn as string });
    await again.delete();
  });

  test("Document of a command", async () => {
    const input = { documentType: "Command", content: command };
    const document = await on.create("ssm.Document", input);
    expect(document.id).toMatch(/^test-[0-9a-f]{7}$/);
    const parameter = { name: "name", type: "String", description: "To whom", defaultValue: "you" };
    expect(document.state).toMatchObject({ parameters: [parameter], schemaVersion: "2.2" });
    const second = { ...input, content: command.replace("hello", "hi"), versionName: "second" };
    await document.update(second);
    expect(document.state).toMatchObject({ versionName: "second", defaultVersion: "2" });
    expect(await document.drift()).toEqual([]);
    // SSM makes no version of the same content; the provider takes the latest one then.
    await document.update({ ...second, versionName: "third" });
    expect(document.state).toMatchObject({ versionName: "second", defaultVersion: "2", latestVersion: "2" });
    const failures = (more: Values) => document.failures({ ...input, ...more }).map(({ reason }) => reason);
    expect(failures({ documentType: "Sessions" })[0]).toContain("expected documentType to be one of");
    expect(failures({ documentFormat: "XML" })[0]).toContain("expected documentFormat to be one of");
    expect(failures({ name: "a" })[0]).toContain("in the range (3 - 128)");
    expect(failures({ name: "a b c" })[0]).toContain("must contain only alphanumeric");
    expect(failures({ permissions: { type: "Share" } })[0]).toContain("has no model of this argument");
    await document.delete();
  });

  test("what SSM refuses", async () => {
    const create = (content: string) =>
      on.create("ssm.Document", { name: "refused", documentType: "Session", content });
    await expect(create("{")).rejects.toThrow(/^creating SSM Document: InvalidDocumentContent: /);
    await expect(create("{}")).rejects.toThrow("InvalidDocumentContent");
    await expect(create(session({ padding: "x".repeat(65_536) }))).rejects.toThrow("MaxDocumentSizeExceeded");
    const document = await create(session());
    await expect(create(session())).rejects.toThrow("DocumentAlreadyExists");
    const Name = "refused";
    const same = { Name, Content: session(), DocumentVersion: "$LATEST" };
    await expect(ssm.send(new UpdateDocumentCommand(same))).rejects.toThrow(
      expect.objectContaining({ name: "DuplicateDocumentContent" }) as Error,
    );
    await expect(ssm.send(new DescribeDocumentCommand({ Name, DocumentVersion: "9" }))).rejects.toThrow(
      expect.objectContaining({ name: "InvalidDocumentVersion" }) as Error,
    );
    const Share = { Name, PermissionType: "Share" as const };
    await ssm.send(new ModifyDocumentPermissionCommand({ ...Share, AccountIdsToAdd: ["111111111111"] }));
    expect((await ssm.send(new DescribeDocumentPermissionCommand(Share))).AccountIds).toEqual(["111111111111"]);
    await document.delete();
    const tags = { ResourceType: "Document" as const, ResourceId: Name };
    await expect(ssm.send(new ListTagsForResourceCommand(tags))).rejects.toThrow("not valid");
  });

  test("documents outlive the emulator's process, and stay in their region", async () => {
    const dataDir = await temporaryFolder("documents");
    const start = () => startEmulator({ toolsDir: TOOLS_DIR, dataDir, region: REGION });
    let emulator = await start();
    try {
      const client = (region = REGION) => new SSMClient({ endpoint: emulator.url, region, maxAttempts: 1 });
      const Name = "lasting";
      await client().send(new CreateDocumentCommand({ Name, DocumentType: "Session", Content: session() }));
      await emulator.stop();
      emulator = await start();
      expect((await client().send(new GetDocumentCommand({ Name }))).Content).toBe(session());
      await expect(client("eu-west-1").send(new GetDocumentCommand({ Name }))).rejects.toThrow("does not exist");
    } finally {
      await emulator.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  test("getParameter", async () => {
    await ssm.send(new PutParameterCommand({ Name: "/app/one", Value: "first", Type: "String" }));
    await ssm.send(new PutParameterCommand({ Name: "/app/two", Value: "hidden", Type: "SecureString" }));
    const get = (name: string, more: Values = {}) => on.call("aws:ssm/getParameter:getParameter", { name, ...more });
    expect(await get("/app/one")).toMatchObject({
      ...{ id: "/app/one", value: "first", insecureValue: "first", type: "String", version: 1, region: REGION },
      arn: "arn:aws:ssm:eu-central-1:000000000000:parameter/app/one",
    });
    expect(await get("/app/two")).toMatchObject({ value: "hidden", insecureValue: "", withDecryption: true });
    expect((await get("/app/two", { withDecryption: false })).value).not.toBe("hidden");
    await expect(get("/app/three")).rejects.toThrow("reading SSM Parameter (/app/three): couldn't find resource");
    for (const architecture of ["arm64", "x86_64"]) {
      const name = `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}`;
      const found = await get(name);
      expect(found.value).toMatch(/^ami-[0-9a-f]{17}$/);
      expect(found).toMatchObject({ arn: `arn:aws:ssm:eu-central-1::parameter${name}`, type: "String" });
    }
    await expect(get("/aws/service/ami-amazon-linux-latest/none")).rejects.toThrow("couldn't find resource");
  });
});
