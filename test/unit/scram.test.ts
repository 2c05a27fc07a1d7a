import { describe, expect, it } from "vitest";
import { scramVerifier } from "../../components/scram";

describe("SCRAM-SHA-256 verifier", () => {
  it("agrees with the example of RFC 7677, section 3", () => {
    // The RFC gives the proof and the server's signature; the keys below follow from its password, salt and iterations.
    expect(scramVerifier("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==")).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });

  it("is the same for the same salt, and another for another", () => {
    expect(scramVerifier("secret", "AAAA")).toBe(scramVerifier("secret", "AAAA"));
    expect(scramVerifier("secret", "AAAA")).not.toBe(scramVerifier("secret", "AAAB"));
  });

  it.each(["", "pass\u00a0word", "pässword", "tab\t"])("refuses %j, which SASLprep would change", (password) => {
    expect(() => scramVerifier(password, "AAAA")).toThrowError("printable ASCII");
  });
});
