import { randomBytes } from "node:crypto";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { scramVerifier } from "../../model/access/scram";
import { LocalStack } from "./local-stack";
import { Load, LoadReports, startLoad } from "./rotation-load-client";

export interface UnderLoad {
  rotations: number;
  /** Of each role, all of them at work. */
  connections: number;
  /** Milliseconds that each connection rests between two statements. */
  rest: number;
  /** Statements of a connection, after which it is opened anew. @default 20 */
  uses?: number;
  /** Database settings of the stack, which stay as they are. */
  database: Record<string, unknown>;
  /** Likewise of its logs. */
  logs?: Record<string, unknown>;
  /** Lasts as long as the server has a password that is changed in place and the secret does not. */
  gap: (load: Load) => Promise<unknown>;
  /** Flags of the update that makes a generation. */
  flags?: (generation: number) => string[];
  /** Called after each update, with what it has printed. */
  afterEach?: (printed: string) => Promise<void>;
}

export interface UnderLoadResult {
  reports: LoadReports;
  /** How long each update took. */
  seconds: number[];
}

const verifier = (password: string) => scramVerifier(password, randomBytes(16).toString("base64"));

/** A login whose password is changed in place: first in the server, then in its secret. */
class InPlace {
  private constructor(
    private readonly stack: LocalStack,
    readonly secretArn: string,
  ) {}

  private static async value(stack: LocalStack, password: string): Promise<string> {
    const { databaseHost: host, databasePort: port, databaseName: dbname } = await stack.outputs();
    return JSON.stringify({ host, port, dbname, username: "in_place", password });
  }

  static async make(stack: LocalStack): Promise<InPlace> {
    const password = randomBytes(16).toString("hex");
    await stack.as("master", async (master) => {
      await master.query(`CREATE ROLE in_place LOGIN PASSWORD '${verifier(password)}'`);
      await master.query("GRANT markenmate_readonly TO in_place");
    });
    const { ARN } = await new SecretsManagerClient({}).send(
      new CreateSecretCommand({ Name: "in-place", SecretString: await InPlace.value(stack, password) }),
    );
    return new InPlace(stack, ARN as string);
  }

  async change(gap: () => Promise<unknown>): Promise<void> {
    const password = randomBytes(16).toString("hex");
    await this.stack.as("master", (master) => master.query(`ALTER ROLE in_place PASSWORD '${verifier(password)}'`));
    await gap();
    const SecretString = await InPlace.value(this.stack, password);
    await new SecretsManagerClient({}).send(new PutSecretValueCommand({ SecretId: this.secretArn, SecretString }));
  }
}

async function makeTables(stack: LocalStack, connections: number): Promise<void> {
  await stack.as("migrate", async (client) => {
    await client.query("CREATE TABLE orders (id serial PRIMARY KEY, customer int, name text)");
    await client.query("CREATE INDEX ON orders (customer)");
    for (let worker = 0; worker < connections; worker++) {
      await client.query(`CREATE TABLE work_${worker} (id int)`);
    }
  });
}

/**
 * Rotates every role again and again while an application works, and beside it, under the same load, changes the password
 * of one more login in place.
 */
export async function rotateUnderLoad(stack: LocalStack, under: UnderLoad): Promise<UnderLoadResult> {
  const {
    rotations,
    connections,
    rest,
    uses = 20,
    database,
    logs = {},
    gap,
    flags = () => [],
    afterEach = () => Promise.resolve(),
  } = under;
  await makeTables(stack, connections);
  const inPlace = await InPlace.make(stack);
  const { secretArns } = await stack.outputs();
  const load = await startLoad({
    secrets: { ...secretArns, inPlace: inPlace.secretArn },
    ca: stack.ca(),
    connections,
    rest,
    uses,
  });
  const seconds: number[] = [];
  for (let generation = 1; generation <= rotations; generation++) {
    await stack.configure(database, { logs, roles: { all: { generation } } });
    const begun = Date.now();
    const printed = await stack.up(...flags(generation));
    seconds.push((Date.now() - begun) / 1000);
    await afterEach(printed);
    await inPlace.change(() => gap(load));
  }
  return { reports: await load.stop(), seconds };
}
