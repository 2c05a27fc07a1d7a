import { startEmulator } from "../../platform/emulator/emulator";
import { TOOLS_DIR } from "../../platform/shared/paths";
import { temporaryFolder } from "./engine";
import { RUN_FOLDER, setup } from "./run-folder";

/** What a run of tests does, for a test that ends it: says where it works and what it has started, and goes on for ever. */
async function run(): Promise<void> {
  setup();
  const { pid } = await startEmulator({ toolsDir: TOOLS_DIR, dataDir: await temporaryFolder("endless") });
  console.log(JSON.stringify({ folder: process.env[RUN_FOLDER], pid }));
  setInterval(() => undefined, 60_000);
}

void run();
