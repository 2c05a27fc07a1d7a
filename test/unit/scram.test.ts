import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { scramVerifier } from "../../model/access/scram";

describe("SCRAM-SHA-256 verifier", () => {
  it("agrees with the example of RFC 7677, section 3", () => {
    // The RFC gives the proof and the server's signature; the keys below follow from its password, salt and iterations.
    expect(scramVerifier("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==")).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });

  it("checks the client's proof and signs as the server does in that example", () => {
    const [, keys = ""] = scramVerifier("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==").split(/(?<=gQ==)\$/);
    const [storedKey, serverKey] = keys.split(":").map((key) => Buffer.from(key, "base64")) as [Buffer, Buffer];
    const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const exchanged = [
      "n=user,r=rOprNGfwEbeRWgbNEkqO",
      `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
      `c=biws,r=${nonce}`,
    ].join(",");
    const hmac = (key: Buffer) => createHmac("sha256", key).update(exchanged).digest();
    // RFC 5802, section 3: ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage), and StoredKey is its hash.
    const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
    const clientKey = hmac(storedKey).map((byte, index) => byte ^ (proof[index] as number));
    expect(createHash("sha256").update(clientKey).digest()).toEqual(storedKey);
    expect(hmac(serverKey).toString("base64")).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  });

  it("is the same for the same salt, and another for another", () => {
    expect(scramVerifier("secret", "AAAA")).toBe(scramVerifier("secret", "AAAA"));
    expect(scramVerifier("secret", "AAAA")).not.toBe(scramVerifier("secret", "AAAB"));
  });

  it.each(["", "pass\u00a0word", "pässword", "tab\t"])("refuses %j, which SASLprep would change", (password) => {
    expect(() => scramVerifier(password, "AAAA")).toThrowError("printable ASCII");
  });
});
