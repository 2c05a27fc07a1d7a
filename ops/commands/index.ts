/** A command: its arguments and its help stand in its file in this folder, which is loaded when it is called. */
interface OpsCommand {
  /** What it does, for the list of all commands and for its own help. */
  sentence: string;
  load(): Promise<{ main(args: string[]): void }>;
}

/** All that `ops/ops` knows, in the order of its help. */
export const COMMANDS = {
  activity: {
    sentence: "Who is connected, what runs long, who blocks whom, which statements cost most; and ends a session.",
    load: () => import("./activity"),
  },
  adopt: {
    sentence:
      "Gives what one user owns in the database to the role of migrations, and the stack's roles their rights on it; and switches that user off.",
    load: () => import("./adopt"),
  },
  backup: {
    sentence: "Puts an encrypted dump of the database, and a manifest of what is in it, into the bucket for backups.",
    load: () => import("./backup"),
  },
  bootstrap: {
    sentence:
      "Makes what an AWS account needs before the first `pulumi up`, or brings it up to date: state bucket, keys, roles for GitHub.",
    load: () => import("./bootstrap"),
  },
  check: {
    sentence:
      "Says whether the live database and what belongs to it in AWS are as the settings, the access matrix and the guide want them.",
    load: () => import("./check"),
  },
  import: {
    sentence:
      "Brings what is there in AWS and in PostgreSQL back under a Pulumi stack whose state is lost, and changes nothing but the state.",
    load: () => import("./import"),
  },
  restore: {
    sentence:
      "Restores a backup into a new database of the stack's server, as its master, and compares it with what was dumped.",
    load: () => import("./restore"),
  },
  rotate: {
    sentence: "Gives roles new passwords: one generation more in the stack's file, and an update that does that alone.",
    load: () => import("./rotate"),
  },
  "verify-backup": {
    sentence:
      "Restores a backup into a server of its own, compares what came back with what was dumped, and removes everything.",
    load: () => import("./verify-backup"),
  },
} satisfies Record<string, OpsCommand>;

export type CommandName = keyof typeof COMMANDS;

export const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);
