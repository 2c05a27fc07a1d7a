import { RoleName } from "../../model/access/matrix";
import { Rotation, Rotations } from "../../model/access/rotation";
import { Refusal } from "../shared/errors";

/** What a rotation changes in a stack's file, and what may come of it. No Pulumi in here. */
export type Configured = Partial<Record<RoleName | "all", Partial<Rotation>>>;

export interface Change {
  role: RoleName;
  /** The role's own generation in the stack's file: before, and as it shall be. */
  from: number | undefined;
  to: number;
  /** What both together make, with the one for all. */
  generation: number;
  /** The file has it already: an update of before has not finished. */
  unfinished: boolean;
}

/** The next generation of each role. Refuses one that a program of before did not know, and that no update has made since. */
export function planRotation(
  configured: Configured,
  deployed: Partial<Rotations>,
  roles: readonly RoleName[],
): Change[] {
  return roles.map((role) => {
    const from = configured[role]?.generation;
    const last = deployed[role];
    if (!last) {
      throw new Refusal(`${role}: the stack has no such role yet. Run \`pulumi up\` first, which makes it`);
    }
    const generation = last.generation + 1;
    const to = generation - (configured.all?.generation ?? 0);
    return { role, from, to, generation, unfinished: (from ?? 0) === to };
  });
}

/** Who has to wait, and for how many minutes: the rotation after this one ends the login that is in use up to now. */
export function tooEarly(
  changedAt: Record<string, Date>,
  changes: Change[],
  now: Date,
  graceMinutes: number,
): { role: RoleName; minutes: number }[] {
  return changes
    .filter(({ unfinished, generation }) => !unfinished && generation > 1)
    .map(({ role }) => {
      const age = (now.getTime() - (changedAt[role]?.getTime() ?? 0)) / 60_000;
      return { role, minutes: Math.ceil(graceMinutes - age) };
    })
    .filter(({ minutes }) => minutes > 0);
}

/** One step of a preview, as Pulumi tells it. */
export interface Step {
  op: string;
  urn: string;
}

const ROTATED = [
  "random:index/randomPassword:RandomPassword",
  "random:index/randomBytes:RandomBytes",
  "postgresql:index/role:Role",
  "aws:secretsmanager/secretVersion:SecretVersion",
];
/** Whatever an update is for: the provider takes the master's password of the day. */
const ALWAYS = ["pulumi:pulumi:Stack", "pulumi:providers:postgresql"];

/** What an update would do besides the rotation of these roles, of a further application or else of the first. */
export function besides(steps: Step[], roles: readonly RoleName[], application?: string): Step[] {
  const whose = application === undefined ? "^[^.]*" : `[.]${application}`;
  const ours = new RegExp(`${whose}-(${roles.join("|")})(-clone)?(-salt)?$`);
  return steps
    .filter(({ op }) => op !== "same" && op !== "read")
    .filter(({ urn }) => {
      const [, , types = "", name = ""] = urn.split("::");
      const type = types.split("$").pop() ?? "";
      return !ALWAYS.includes(type) && !(ROTATED.includes(type) && ours.test(name));
    });
}
