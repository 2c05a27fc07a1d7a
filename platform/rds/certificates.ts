import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";

/** The certificate authority of one platform, in place of Amazon's. */
export interface LocalCa {
  /** PEM: what clients verify servers with. */
  caFile: string;
  keyFile: string;
}

export interface Certificate {
  cert: string;
  key: string;
}

/** The package is loaded where it is used: it costs a third of a second. */
async function generate(...args: Parameters<(typeof import("selfsigned"))["generate"]>) {
  return (await import("selfsigned")).generate(...args);
}

const YEARS = 10;
const ALGORITHM = { keyType: "ec", curve: "P-256", algorithm: "sha256" } as const;

function validity() {
  const notBeforeDate = new Date(Date.now() - 60_000);
  const notAfterDate = new Date(notBeforeDate);
  notAfterDate.setFullYear(notAfterDate.getFullYear() + YEARS);
  return { notBeforeDate, notAfterDate };
}

/** Makes the authority in `dir`, once. */
export async function ensureLocalCa(dir: string): Promise<LocalCa> {
  const [caFile, keyFile] = [path.join(dir, "ca.pem"), path.join(dir, "ca.key")];
  if (!existsSync(caFile)) {
    await mkdir(dir, { recursive: true });
    const { cert, private: key } = await generate([{ name: "commonName", value: "Local RDS root" }], {
      ...ALGORITHM,
      ...validity(),
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
      ],
    });
    await writeFile(keyFile, key, { mode: 0o600 });
    await writeFile(caFile, cert);
  }
  return { caFile, keyFile };
}

function isSigned(certificate: string, authority: string): boolean {
  return new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);
}

async function issue(ca: LocalCa, commonName: string, purpose: "serverAuth" | "clientAuth"): Promise<Certificate> {
  const authority = { cert: await readFile(ca.caFile, "utf8"), key: await readFile(ca.keyFile, "utf8") };
  const { cert, private: key } = await generate([{ name: "commonName", value: commonName }], {
    ...ALGORITHM,
    ...validity(),
    ca: authority,
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", [purpose]: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: commonName }] },
    ],
  });
  if (!isSigned(cert, authority.cert)) {
    throw new Error(`The certificate for ${commonName} is not signed by ${ca.caFile}`);
  }
  return { cert, key };
}

/** For a server that clients reach as `hostName`, and under no other name. */
export function serverCertificate(ca: LocalCa, hostName: string): Promise<Certificate> {
  return issue(ca, hostName, "serverAuth");
}

/** For a role that logs in with its certificate instead of a password. */
export function clientCertificate(ca: LocalCa, role: string): Promise<Certificate> {
  return issue(ca, role, "clientAuth");
}

/** The certificate of a front that goes on from command to command: made in `dir`, once. */
export async function keptServerCertificate(ca: LocalCa, hostName: string): Promise<Certificate> {
  const file = path.join(path.dirname(ca.keyFile), `${hostName}.json`);
  const kept = await readFile(file, "utf8")
    .then((text) => JSON.parse(text) as Certificate)
    .catch(() => undefined); // there is none, or half of one
  if (kept && isSigned(kept.cert, await readFile(ca.caFile, "utf8"))) {
    return kept;
  }
  const made = await serverCertificate(ca, hostName);
  await writeFile(`${file}.${process.pid}`, JSON.stringify(made), { mode: 0o600 });
  await rename(`${file}.${process.pid}`, file);
  return made;
}
