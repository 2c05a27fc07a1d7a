import { Property, UNKNOWN, Values } from "../protocol/model";

/** How the server is reached and what the connected user may do (official: provider.go, config.go). */
export interface Settings {
  host: string;
  port: number;
  database: string;
  username: string;
  password?: string;
  /** The database's name for the connected user, where a user name map makes it differ from `username`. */
  databaseUsername: string;
  /** Whether the connected user is a superuser: only then are passwords read back. */
  superuser: boolean;
  sslmode: SslMode;
  /** Path of a PEM file. */
  sslrootcert?: string;
  clientcert?: { cert: string; key: string; inline: boolean };
  /** Seconds; 0 waits for ever. */
  connectTimeout: number;
  /** Per database; 0 sets no limit. */
  maxConnections: number;
  /** The major version, when the configuration says it; otherwise the server is asked. */
  expectedMajor?: number;
  /** Configuration that a preview cannot know yet. With any of it there is no connecting. */
  unknown: string[];
}

const SSL_MODES = ["require", "verify-full", "verify-ca", "disable"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** The official default of `expectedVersion`, which means: ask the server. */
const ASK_THE_SERVER = "9.0.0";

/** Everything that the official configuration has. */
export const CONFIG: Record<string, Property> = {
  ...Object.fromEntries(
    [
      ...["host", "port", "database", "username", "databaseUsername", "superuser", "scheme"],
      ...["sslmode", "sslMode", "sslrootcert", "clientcert"],
      ...["connectTimeout", "maxConnections", "expectedVersion"],
      ...["awsRdsIamAuth", "awsRdsIamProfile", "awsRdsIamProviderRoleArn", "awsRdsIamRegion"],
      ...["azureIdentityAuth", "azureTenantId", "gcpIamImpersonateServiceAccount"],
    ].map((name) => [name, {}]),
  ),
  password: { secret: true },
};

/** Ways to authenticate that need a cloud. */
const UNSUPPORTED = [
  ...["awsRdsIamAuth", "awsRdsIamProfile", "awsRdsIamProviderRoleArn", "awsRdsIamRegion"],
  ...["azureIdentityAuth", "azureTenantId", "gcpIamImpersonateServiceAccount"],
];

function text(value: unknown): string | undefined {
  if (value === undefined || value === null || value === "" || value === UNKNOWN) {
    return undefined;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

function number(name: string, value: string): number {
  if (!/^-?\d+$/.test(value)) {
    throw new Error(`postgresql provider: ${name} must be a whole number, got "${value}"`);
  }
  return Number(value);
}

function boolean(name: string, value: string): boolean {
  if (!/^(true|false|1|0)$/i.test(value)) {
    throw new Error(`postgresql provider: ${name} must be true or false, got "${value}"`);
  }
  return /^(true|1)$/i.test(value);
}

function sslModeOf(value: string | undefined): SslMode {
  const mode = value ?? "require";
  if (!SSL_MODES.includes(mode as SslMode)) {
    // lib/pq has never supported "prefer" and "allow".
    throw new Error(
      `postgresql provider: unsupported sslmode "${mode}"; only "require" (default), "verify-full", "verify-ca", and "disable" supported`,
    );
  }
  return mode as SslMode;
}

function clientcertOf(value: unknown): Settings["clientcert"] {
  const given: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  const block = (Array.isArray(given) ? given[0] : given) as Values | undefined | symbol;
  if (!block || typeof block === "symbol") {
    return undefined;
  }
  return { cert: String(block.cert), key: String(block.key), inline: String(block.sslinline) === "true" };
}

/** Reads the configuration as the engine hands it over: numbers and booleans may be strings. */
export function settingsFrom(config: Values): Settings {
  const value = (name: string, environment?: string, otherwise?: string): string | undefined =>
    text(config[name]) ?? text(environment && process.env[environment]) ?? otherwise;

  for (const name of UNSUPPORTED) {
    const given = text(config[name]);
    if (given && given !== "false") {
      throw new Error(`postgresql provider: ${name} is not supported by the local provider; use username and password`);
    }
  }
  const scheme = value("scheme", undefined, "postgres");
  if (scheme !== "postgres") {
    throw new Error(
      `postgresql provider: scheme "${scheme}" is not supported by the local provider; only "postgres" is`,
    );
  }
  const username = value("username", "PGUSER", "postgres") as string;
  const expected = value("expectedVersion", undefined, ASK_THE_SERVER) as string;
  if (!/^v?\d+(\.\d+)*$/.test(expected)) {
    throw new Error(`postgresql provider: invalid version ("${expected}") in expectedVersion`);
  }
  return {
    host: value("host", "PGHOST", "localhost") as string,
    port: number("port", value("port", "PGPORT", "5432") as string),
    database: value("database", "PGDATABASE", "postgres") as string,
    username,
    password: value("password", "PGPASSWORD"),
    databaseUsername: value("databaseUsername", undefined, username) as string,
    superuser: boolean("superuser", value("superuser", "PGSUPERUSER", "true") as string),
    sslmode: sslModeOf(value("sslmode", "PGSSLMODE") ?? value("sslMode")),
    sslrootcert: value("sslrootcert"),
    clientcert: clientcertOf(config.clientcert),
    connectTimeout: number("connectTimeout", value("connectTimeout", "PGCONNECT_TIMEOUT", "180") as string),
    maxConnections: number("maxConnections", value("maxConnections", undefined, "20") as string),
    expectedMajor: expected === ASK_THE_SERVER ? undefined : parseInt(expected.replace(/^v/, ""), 10),
    unknown: Object.keys(config).filter((name) => config[name] === UNKNOWN),
  };
}
