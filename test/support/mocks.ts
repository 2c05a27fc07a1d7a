import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as resourceProto from "@pulumi/pulumi/proto/resource_pb";

/** One registration, as the engine would see it. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  dependencies: string[];
  parent: string;
  protect: boolean;
  retainOnDelete: boolean;
  deleteBeforeReplace: boolean;
  ignoreChanges: string[];
}

/** What of `all` is of a type; and the only one of a type, or of a type and a name. */
export function among(all: () => Registered[]) {
  const ofType = (type: string) => all().filter((resource) => resource.type === type);
  const one = (type: string, name?: string) => {
    const found = ofType(type).filter((resource) => !name || resource.name === name);
    // Not with vitest's own words: compliance/index.ts records the program too, and is no test.
    assert.equal(found.length, 1, `${found.length} of ${type} ${name ?? ""}`);
    return found[0] as Registered;
  };
  return { ofType, one };
}

/** What AWS chooses where the program does not: a replica gets the storage of its source. */
const CHOSEN: Record<string, Record<string, unknown>> = {
  "aws:rds/instance:Instance": { allocatedStorage: 20 },
};

const RESULTS: Record<string, Record<string, unknown>> = {
  "aws:rds/instance:Instance": {
    address: "db.example",
    port: 5432,
    masterUserSecrets: [{ secretArn: "arn:master" }],
  },
  "aws:ec2/instance:Instance": { arn: "arn:aws:ec2:eu-central-1:123456789012:instance/i-1" },
  "aws:cloudwatch/logGroup:LogGroup": { arn: "arn:aws:logs:eu-central-1:123456789012:log-group:/shop/sessions" },
  "random:index/randomPassword:RandomPassword": { result: "mock-password" },
  "random:index/randomBytes:RandomBytes": { base64: "AAAAAAAAAAAAAAAAAAAAAA==", hex: "00000000" },
};

const FUNCTIONS: Record<string, Record<string, unknown>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
  "aws:index/getPartition:getPartition": { partition: "aws" },
  "aws:ec2/getPrefixList:getPrefixList": { id: "pl-s3" },
  "aws:index/getRegion:getRegion": { region: "eu-central-1" },
  "aws:ssm/getParameter:getParameter": { insecureValue: "ami-newest" },
  "aws:index/getAvailabilityZones:getAvailabilityZones": { names: ["zone-a", "zone-b", "zone-c"] },
  "aws:secretsmanager/getSecretVersion:getSecretVersion": { secretString: '{"password":"master-password"}' },
};

/** The part of the SDK's monitor that registrations go through; mocks alone never see dependencies and options. */
interface Monitor {
  registerResource(request: resourceProto.RegisterResourceRequest, callback: unknown): unknown;
}

/**
 * Runs `program` against mocks, waits for every registration, and returns them in their order. `outputs` are the stack's own, from the
 * update before.
 */
export async function record(
  program: () => unknown,
  { stack = "test", preview = false, outputs = {} } = {},
): Promise<Registered[]> {
  const registered: Registered[] = [];
  const functions: typeof FUNCTIONS = {
    ...FUNCTIONS,
    "pulumi:pulumi:readStackOutputs": { outputs, secretOutputNames: [] },
  };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => ({
        id: `${name}-id`,
        state: { arn: `arn:${name}`, keyId: `${name}-key`, ...CHOSEN[type], ...(inputs as object), ...RESULTS[type] },
      }),
      call: ({ token, inputs }) => ({ ...(inputs as object), ...functions[token] }),
    },
    "markenmate",
    stack,
    preview,
    "organization",
  );
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    registered.push({
      type: request.getType(),
      name: request.getName(),
      inputs: request.getObject()?.toJavaScript() ?? {},
      dependencies: request.getDependenciesList().map((urn) => urn.split("::").slice(2).join("::")),
      parent: request.getParent(),
      protect: request.getProtect() ?? false,
      retainOnDelete: request.getRetainondelete() ?? false,
      deleteBeforeReplace: request.getDeletebeforereplace(),
      ignoreChanges: request.getIgnorechangesList(),
    });
    return register(request, callback);
  };
  await program();
  await pulumi.runtime.disconnect();
  return registered;
}
