import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { valuesOf } from "../../tools/docs/settings/keys";
import { provideCaFile } from "../../components/database/ca-bundle";
import { databaseSettings } from "../../model/settings/database";
import { unwrap } from "../../model/settings/errors";

/** The authorities in a PEM file, by the names that they give themselves. */
const authorities = (file: string) =>
  readFileSync(file, "utf8")
    .split(/(?<=-----END CERTIFICATE-----)/)
    .filter((pem) => pem.includes("BEGIN"))
    .map((pem) => /CN=(.*)/.exec(new X509Certificate(pem).subject)?.[1]);

describe("Amazon's bundle", () => {
  const { shape } = unwrap(databaseSettings) as unknown as { shape: { certificateAuthority: never } };

  // So a change of the authority needs nothing of clients that have the bundle.
  it.each(valuesOf(shape.certificateAuthority) as string[])("has the authority %s", (name) => {
    const [, , algorithm = ""] = name.split("-");
    const called = `Amazon RDS eu-central-1 Root CA ${algorithm.toUpperCase()} G1`;
    expect(authorities(provideCaFile(undefined))).toContain(called);
  });
});
