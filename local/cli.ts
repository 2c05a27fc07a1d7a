import path from "node:path";
import { CommanderError, Command } from "commander";
import { stackGuide } from "./guide";
import { stackOutputs } from "./outputs";
import { Screen } from "./update/screen";
import { UserError } from "../lib/user-error";
import { DEFAULT_DIR, ROOT, TOOLS_DIR } from "../platform/shared/paths";
import type { Platform } from "../platform/host/platform";

/**
 * The command line of the local platform: `make` calls it, and `local/pulumi` for every other Pulumi command. What takes long to load,
 * and not every command needs, is loaded where it is used.
 */
const STACK = "local";

/** Progress goes to standard error: standard output belongs to Pulumi, and may be JSON. */
const screen = new Screen(process.stderr);
const log = (line: string) => screen.note(line);

const dir = DEFAULT_DIR;

function officialPlugins(): string[] {
  return (process.env.OFFICIAL_PLUGINS ?? "").split(",").filter(Boolean);
}

/** Opens the platform with the stack selected, does the work, and ends what must not outlive this command. */
async function withStack<Result>(work: (platform: Platform) => Promise<Result>): Promise<Result> {
  const { Platform } = await import("../platform/host/platform");
  const platform = await Platform.open({ dir, officialPlugins: officialPlugins(), log });
  try {
    await platform.useStack(STACK);
    return await work(platform);
  } finally {
    await platform.close();
  }
}

/** Brings the stack up or takes it down, shown by component; who passes flags of Pulumi's gets Pulumi's own display. */
async function update(platform: Platform, command: "up" | "destroy", args: string[]): Promise<number> {
  // Nobody is asked, so a preview would only be read when the update has begun; `local/pulumi preview` shows it before.
  const whole = [command, "--yes", "--skip-preview", "--stack", STACK, ...args];
  if (args.length > 0) {
    return platform.pulumi(whole);
  }
  log(command === "up" ? "Bringing the stack up:" : "Taking the stack down:");
  const { showUpdate } = await import("./update/show");
  return showUpdate(platform, whole, screen);
}

async function up(args: string[]): Promise<number> {
  return withStack(async (platform) => {
    const code = await update(platform, "up", args);
    if (code === 0) {
      log(await stackGuide(platform, STACK));
    }
    return code;
  });
}

async function down(args: string[]): Promise<number> {
  const { hasPlatform, removePlatform } = await import("../platform/host/platform");
  if (!hasPlatform(dir)) {
    log("There is no local stack.");
    return 0;
  }
  const code = await withStack(async (platform) => {
    const outputs = await stackOutputs(platform, STACK);
    if (outputs) {
      const { clear } = await import("./clear");
      await clear(outputs);
    }
    return update(platform, "destroy", args);
  });
  if (code === 0) {
    await removePlatform(dir, log);
    log(
      "The local stack is gone, and every process with it. The tools stay in .local/tools (delete them with `make clean`).",
    );
  }
  return code;
}

async function prepare(): Promise<number> {
  const { installTools } = await import("../platform/host/tools");
  await installTools({ toolsDir: TOOLS_DIR, engineVersions: ["15", "17"], log });
  return 0;
}

async function stop(): Promise<number> {
  const { stopPlatform } = await import("../platform/host/platform");
  await stopPlatform(dir, log);
  log("Stopped. `make up` starts it again with its data.");
  return 0;
}

async function pulumi(args: string[]): Promise<number> {
  return withStack((platform) => platform.pulumi(args));
}

/** Runs one of the commands in ops/ in this terminal, as it is run against AWS, and returns its exit code. */
async function runOps(platform: Platform, name: string, args: string[]): Promise<number> {
  const { runInTerminal } = await import("../lib/process");
  return runInTerminal(path.join(ROOT, "ops", name), ["--stack", STACK, ...args], await platform.forCommands());
}

async function rotate(args: string[]): Promise<number> {
  return withStack(async (platform) => {
    const code = await runOps(platform, "rotate", args);
    await platform.project.keepChange(STACK, "markenmate:roles");
    return code;
  });
}

/** One of the commands in ops/, against the local stack. */
const ops = (name: string) => (args: string[]) => withStack((platform) => runOps(platform, name, args));

async function main(): Promise<number> {
  let code = 0;
  const program = new Command("local/cli").exitOverride().showHelpAfterError();
  const command = (name: string, description: string, action: (args: string[]) => Promise<number>) =>
    program
      .command(name)
      .description(description)
      .argument("[args...]")
      .allowUnknownOption()
      .helpOption(false)
      .passThroughOptions()
      .action(async (args: string[]) => {
        code = await action(args);
      });
  program.enablePositionalOptions();
  command("up", "start the platform and run `pulumi up`; further arguments are Pulumi's", up);
  command("down", "run `pulumi destroy`, end every process and remove what they kept", down);
  command("stop", "end every process; the data stays", stop);
  command("pulumi", "run any other Pulumi command against the local stack", pulumi);
  command("rotate", "give roles new passwords: names of roles, or --all", rotate);
  command("backup", "put an encrypted dump into the bucket", ops("backup"));
  command("verify-backup", "restore the newest backup into a server of its own and compare", ops("verify-backup"));
  command("restore", "restore a backup: --into a new database", ops("restore"));
  command("check", "say whether all is as it should be; --json, --html <file>", ops("check"));
  command("activity", "sessions, long, blocked, statements, or terminate <pid>", ops("activity"));
  command("adopt", "take over what a user owns: --from <user>, --dry-run, --switch-off", ops("adopt"));
  command("prepare", "install what the tests share: the engine, the emulator, PostgreSQL 15 and 17", prepare);
  command("psql", "open psql as app, readonly, migrate, backup, monitor or master", async ([role, ...args]) => {
    const { psql } = await import("./psql");
    return withStack((platform) => psql(platform, STACK, role, args));
  });
  try {
    await program.parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode;
    }
    if (error instanceof UserError) {
      log(`\n${error.message}`);
      return 1;
    }
    throw error;
  }
  return code;
}

void main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
