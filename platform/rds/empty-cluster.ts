import path from "node:path";
import { ServerAccount } from "../../lib/server-account";
import { run } from "../../lib/process";
import { copyFolder, installOnce } from "../shared/install";
import { SUPERUSER } from "./configuration";

/**
 * Puts an empty cluster into `dataDir`: a copy of one that initdb made beside the distribution, once, for initdb takes as long as all else
 * by which an instance comes up. Clusters that are no copies of each other have the same identifier then, by which only standbys know
 * theirs.
 */
export async function copyEmptyCluster(binDir: string, account: ServerAccount, dataDir: string): Promise<void> {
  // What belongs to another account can be neither used nor copied by this one.
  const made = await installOnce(`${path.dirname(binDir)}-cluster-${process.getuid?.()}`, async (draft) => {
    await account.giveTo(draft);
    const [command = "", ...rest] = [
      ...[...account.prefix, path.join(binDir, "initdb"), "--pgdata", path.join(draft, "data")],
      ...["--username", SUPERUSER, "--auth", "reject", "--encoding", "UTF8", "--locale", "C.UTF-8"],
      ...["--data-checksums", "--no-sync", "--no-instructions"],
    ];
    await run(command, rest, { cwd: draft, env: { PATH: process.env.PATH, TMPDIR: draft, LC_ALL: "C.UTF-8" } });
  });
  await copyFolder(path.join(made, "data"), dataDir);
}
