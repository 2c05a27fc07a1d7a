import type { Importable } from "./import-file";
import { Found, refuseAmbiguous, Search } from "./search";
import { entryOf } from "./table";
import { Program, Wanted } from "./wanted";

/** What the next update makes, and why that does no harm. */
export interface Again {
  it: Wanted;
  why: string;
}

export interface Plan {
  found: Importable[];
  again: Again[];
  /** Nowhere, and nobody knows why. */
  missing: Wanted[];
}

const NO_PASSWORD = "no secret has this password: its login is not in use, or gets another one";
const PROVIDER = /^pulumi:providers:/;

/** Looks for everything that a provider makes, one after the other: AWS slows down who asks for much at a time. */
export async function assign(
  program: Program,
  search: Search,
  passwords: Map<string, string>,
  onLookedFor: () => void,
): Promise<Plan> {
  const plan: Plan = { found: [], again: [], missing: [] };
  const places: [Wanted, Found][] = [];
  for (const it of program.missing.filter(({ custom, type }) => custom && !PROVIDER.test(type))) {
    const { password, again, told } = entryOf(it.type);
    const where = password ? (passwords.has(it.urn) ? { id: "none" } : undefined) : await search.of(it);
    const why = password ? NO_PASSWORD : again;
    places.push([it, where]);
    if (where && "id" in where) {
      plan.found.push({ it, id: search.importId(it, where.id), told: (await told?.(it, search)) ?? {} });
    } else if (why !== undefined) {
      plan.again.push({ it, why });
    } else {
      plan.missing.push(it);
    }
    onLookedFor();
  }
  refuseAmbiguous(places);
  return plan;
}
