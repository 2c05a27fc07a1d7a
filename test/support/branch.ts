import { spawnSync } from "node:child_process";

/** The commit at which the branch left main, or why there is none to compare with. */
export type Base = { commit: string } | { missing: string };

/** Finds where the branch that is checked out in a folder left main, origin's if the clone has one. */
export function findBase(folder: string, environment: NodeJS.ProcessEnv): Base {
  /** What git says, or nothing when it fails: without git, outside of a clone, of a commit that is not there. */
  function git(...args: string[]): string | undefined {
    const { status, stdout } = spawnSync("git", args, { cwd: folder, env: environment, encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
  }

  if (environment.CI) {
    return { missing: "this is continuous integration" };
  }
  const shallow = git("rev-parse", "--is-shallow-repository");
  if (shallow !== "false") {
    return { missing: shallow === "true" ? "the clone is shallow" : "git knows no clone here" };
  }
  const main = ["origin/main", "main"].find((name) => git("rev-parse", "--verify", "--quiet", name));
  if (main === undefined) {
    return { missing: "there is no branch main" };
  }
  const commit = git("merge-base", "HEAD", main);
  if (commit === undefined) {
    return { missing: `HEAD has no commit in common with ${main}` };
  }
  return commit === git("rev-parse", "HEAD") ? { missing: `HEAD is a commit of ${main}` } : { commit };
}
