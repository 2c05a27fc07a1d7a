import path from "node:path";
import { ESLint, Linter } from "eslint";
import { ROOT } from "../../platform/shared/paths";

/** What eslint says, by some of this project's rules alone, of a text if it were that file. */
export async function saidByEslint(code: string, file: string, names: string[]): Promise<string[]> {
  const config = (await new ESLint({ cwd: ROOT }).calculateConfigForFile(path.join(ROOT, file))) as Linter.Config;
  const rules = Object.fromEntries(Object.entries(config.rules ?? {}).filter(([name]) => names.includes(name)));
  return new Linter().verify(code, { rules }).map(({ message }) => message);
}
