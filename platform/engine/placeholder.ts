import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { version } from "@pulumi/pulumi/package.json";

/**
 * The engine runs a policy pack through the language host only when one is installed (pkg/resource/plugin/analyzer_plugin.go,
 * NewPolicyAnalyzer), attached or not. So there is one in the folder of its plugins, which nobody starts.
 */
export async function installPlaceholder(pulumiHome: string): Promise<void> {
  const folder = path.join(pulumiHome, "plugins", `language-nodejs-v${version}`);
  await mkdir(folder, { recursive: true });
  const text = '#!/bin/sh\necho "The language host is attached: PULUMI_DEBUG_LANGUAGES says where" >&2\nexit 1\n';
  await writeFile(path.join(folder, "pulumi-language-nodejs"), text, { mode: 0o755 });
}
