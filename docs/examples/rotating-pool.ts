import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DatabaseError, Pool, PoolClient, PoolConfig } from "pg";

type Callback = Parameters<Pool["connect"]>[0];
const REFUSED = ["28P01", "28000"]; // wrong password, may not log in
const secrets = new SecretsManagerClient({});

/** A pool whose next connections are made with what the secret says: read when one is refused, and every few minutes. */
export class RotatingPool extends Pool {
  static async open(secretId: string, settings: PoolConfig, everyMs = 300_000): Promise<RotatingPool> {
    const pool = new RotatingPool({ ...settings, password: "" }, secretId);
    pool.on("error", () => undefined); // a connection that broke while nobody used it: the pool makes another
    await pool.read();
    setInterval(() => void pool.read().catch(() => undefined), everyMs).unref();
    return pool;
  }

  private constructor(
    settings: PoolConfig,
    private readonly secretId: string,
  ) {
    super(settings);
  }

  private async read(): Promise<void> {
    const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: this.secretId }));
    const { host, port, dbname, username, password } = JSON.parse(SecretString) as Record<string, string>;
    Object.assign(this.options, { host, port, database: dbname, user: username, password });
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<PoolClient> | void {
    const connected = super.connect().catch(async (error: DatabaseError) => {
      if (!REFUSED.includes(error.code ?? "")) throw error;
      await this.read();
      return super.connect();
    });
    if (!callback) return connected;
    connected.then(
      (client) => callback(undefined, client, (broken) => client.release(broken as boolean)),
      (error: Error) => callback(error, undefined, () => undefined),
    );
  }
}
