import { once } from "node:events";
import { connect } from "node:net";
import { daysUntil, LEAST_CERTIFICATE_DAYS } from "../../../model/certificate-age";
import { CheckResult, Problem, result } from "../finding";
import { Catalog } from "./catalog";
import { Expected, isInternal, quoted } from "./expected";

export const TLS = {
  check: "tls",
  title:
    "Every connection is encrypted with TLS 1.2 or later, with a certificate that was verified, and none gets in without",
  controls: ["guide: Connection Security", "guide: Automated Security Checks", "FSBP RDS.38", "CIS 6.9"],
};

/** What this command itself saw of the server's door. */
export interface Door {
  /** When the certificate that was verified for this connection ends. */
  certificateEnds: Date;
  /** What became of a connection without TLS. */
  withoutTls: "refused" | "let in";
}

const STRONG = ["TLSv1.2", "TLSv1.3"];
const LEAST_BITS = 128;

const TIMEOUT_MS = 5_000;
const PROTOCOL_3 = 196_608;

/**
 * Asks for a session without TLS. The server says whether it would begin one before any password is asked for, and none is
 * sent (PostgreSQL: "Message Flow", StartupMessage).
 */
export async function tryWithoutTls(
  place: { host: string; port: number },
  user: string,
  database: string,
): Promise<Door["withoutTls"]> {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0\0`, "utf8");
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  const socket = connect(place);
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error("no answer to a connection without TLS")));
  try {
    socket.write(Buffer.concat([head, body]));
    const [answer] = (await Promise.race([
      once(socket, "data"),
      once(socket, "close").then(() => [Buffer.from("E")]),
    ])) as [Buffer];
    // R: authentication goes on. E: an error.
    return answer.toString("latin1", 0, 1) === "R" ? "let in" : "refused";
  } finally {
    socket.destroy();
  }
}

export function checkTls(
  { connection, unencrypted }: Catalog,
  { certificateEnds, withoutTls }: Door,
  now: Date,
): CheckResult {
  const { ssl, version, cipher, bits } = connection;
  const weak = !ssl || !STRONG.includes(version ?? "") || (bits ?? 0) < LEAST_BITS;
  const days = daysUntil(certificateEnds, now);
  const force = "set rds.force_ssl to 1: `pulumi up --refresh`";
  return result(TLS, [
    ...(weak
      ? [
          {
            subject: "this connection",
            found: ssl ? `${version}, ${cipher}` : "no TLS",
            expected: "TLSv1.2 or later",
            cure: force,
          },
        ]
      : []),
    ...(withoutTls === "let in"
      ? [{ subject: "a connection without TLS", found: "is asked for a password", expected: "is refused", cure: force }]
      : []),
    ...(days < LEAST_CERTIFICATE_DAYS
      ? [
          {
            subject: "the server's certificate",
            found: `ends in ${days} days`,
            expected: `valid for ${LEAST_CERTIFICATE_DAYS} days and more`,
            cure: "aws rds modify-db-instance --ca-certificate-identifier, or a restart that makes RDS renew it",
          },
        ]
      : []),
    ...unencrypted.map(({ pid, login, address }) => ({
      subject: `session ${pid} of ${login}`,
      found: `no TLS, from ${address}`,
      expected: "TLS",
      cure: `SELECT pg_terminate_backend(${pid}), and ${force}`,
    })),
  ]);
}

export const PASSWORDS = {
  check: "passwords",
  title: "Passwords are kept and asked for as SCRAM-SHA-256",
  controls: ["guide: Automated Security Checks", "guide: Security Hardening", "CIS 5.6"],
};

const SCRAM = "scram-sha-256";

export function checkPasswords({ passwords, loginMethod, settings }: Catalog, expected: Expected): CheckResult {
  const { masterUsername } = expected.config;
  const problems: Problem[] = (passwords ?? [])
    .filter(({ role, encryption }) => encryption !== SCRAM && encryption !== "" && !isInternal(role))
    .map(({ role, encryption }) => ({
      subject: role,
      found: encryption,
      expected: SCRAM,
      cure:
        expected.isStackLogin(role) || role === masterUsername
          ? "rotate it: ops/rotate"
          : `ALTER ROLE ${quoted(role)} PASSWORD … with password_encryption = ${SCRAM}`,
    }));
  const ofThisLogin =
    loginMethod === undefined || loginMethod === SCRAM
      ? []
      : [
          {
            subject: "this login",
            found: loginMethod,
            expected: SCRAM,
            cure: "set rds.accepted_password_auth_method to scram",
          },
        ];
  const usual = settings.find(({ name }) => name === "password_encryption")?.setting;
  const skipped =
    passwords === undefined && usual === SCRAM && ofThisLogin.length === 0
      ? "the kind of others' passwords: rds_tools.role_password_encryption_type() is not there for this login; new ones are SCRAM, and this login's is"
      : undefined;
  return result(PASSWORDS, [...ofThisLogin, ...problems], skipped);
}
