import { createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** How often the hash is iterated: PostgreSQL's default of `scram_iterations` (RFC 7677 asks for at least 4096). */
const ITERATIONS = 4096;

/**
 * The verifier that PostgreSQL stores instead of a password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`
 * (RFC 5803). PostgreSQL keeps a verifier that it gets in place of a password as it is, so that no log of the server can hold the
 * password.
 *
 * `password` must be printable ASCII: then SASLprep (RFC 4013) leaves it unchanged. Throws when it is not.
 * `salt` is base64, 16 bytes by PostgreSQL's custom; the same salt gives the same verifier, so that nothing changes
 * from one update to the next.
 */
export function scramVerifier(password: string, salt: string, iterations = ITERATIONS): string {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new Error("A password for SCRAM must be printable ASCII: other characters need SASLprep");
  }
  const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), iterations, 32, "sha256");
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest("base64");
  const serverKey = createHmac("sha256", salted).update("Server Key").digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt}$${storedKey}:${serverKey}`;
}
