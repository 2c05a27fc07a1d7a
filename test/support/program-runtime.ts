import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../local/platform/paths";

interface Project {
  runtime: { name: string; options: { typescript: boolean; nodeargs: string } };
}

/** How Pulumi.yaml has programs started, for others that are to be started in the same way. */
export const PROGRAM_RUNTIME = (parse(readFileSync(path.join(ROOT, "Pulumi.yaml"), "utf8")) as Project).runtime;
