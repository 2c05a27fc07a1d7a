import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { ROOT } from "../../platform/shared/paths";

interface Project {
  runtime: { name: string; options: { typescript: boolean; nodeargs: string } };
}

const { runtime } = parse(readFileSync(path.join(ROOT, "Pulumi.yaml"), "utf8")) as Project;

/** How Pulumi.yaml has programs started, for others that are to be started in the same way from their own folders. */
export const PROGRAM_RUNTIME: Project["runtime"] = {
  ...runtime,
  options: { ...runtime.options, nodeargs: runtime.options.nodeargs.replace("./", `${ROOT}/`) },
};
