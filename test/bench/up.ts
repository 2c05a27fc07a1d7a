import { stackGuide } from "../../local/guide";
import { Platform } from "../../platform/host/platform";
import { config, DIR } from "./stack";

/** What `make up` does, on the platform that is measured. */
async function main(): Promise<void> {
  const platform = await Platform.open({ dir: DIR });
  await platform.useStack("local", config());
  process.exitCode = await platform.pulumi(["up", "--yes", "--stack", "local"]);
  await stackGuide(platform, "local");
  await platform.close();
}

void main();
