import { loginRoleName, ROLE_NAMES, RoleName } from "./matrix";

/**
 * Which login of a role has which password.
 *
 * Each role has two logins that take turns. Generation n of its password is set on the one whose turn it is, and the role's
 * secret points to that one; the other keeps the password of generation n-1 until n+1. So whoever is connected, or connects
 * with the secret as it was, is not disturbed (AWS Secrets Manager: "alternating users strategy").
 */
export interface Rotation {
  /** How often the password was changed; 0 is the first one. */
  generation: number;
  /** Whether the login of the generation before is shut out. */
  revokePrevious: boolean;
}

export type Rotations = Record<RoleName, Rotation>;

/** What a stack begins with. */
export const NEVER_ROTATED = Object.fromEntries(
  ROLE_NAMES.map((role) => [role, { generation: 0, revokePrevious: false }]),
) as Rotations;

/** One of the two logins. */
export interface Slot {
  /** Its name in PostgreSQL: the role's own, or with `_clone`. */
  login: string;
  /** The role whose rights it has. Grants and owned objects hang on that one alone. */
  base: string;
  /** Logical name of its resources: part of their identity. */
  name: string;
  /** Whose password it has; undefined until its first turn comes. */
  generation: number | undefined;
  canLogin: boolean;
}

export interface Slots {
  /** The one that the secret points to. */
  active: Slot;
  /** The one whose turn comes next; until then it has the password of the generation before. */
  idle: Slot;
  /** Whether the idle one is shut out, and has been in use before. */
  revoked: boolean;
}

/** The second login's name. */
export const cloneName = (login: string) => `${login}_clone`;

export function slotsOf(application: string, role: RoleName, { generation, revokePrevious }: Rotation): Slots {
  const base = loginRoleName(application, role);
  const before = generation > 0 ? generation - 1 : undefined;
  const revoked = revokePrevious && before !== undefined;
  const isFirst = generation % 2 === 0;
  const slot = (first: boolean, own: number | undefined, canLogin: boolean): Slot => ({
    login: first ? base : cloneName(base),
    base,
    name: first ? role : `${role}-clone`,
    generation: own,
    canLogin,
  });
  return {
    active: slot(isFirst, generation, true),
    idle: slot(!isFirst, before, before !== undefined && !revoked),
    revoked,
  };
}

/**
 * What is wrong with going from one generation to the other, if anything: key, value and cure. `before` is what is deployed, `group`
 * where in the settings the roles stand. A role that the stack has not yet may begin with any, for nobody uses a password of it.
 */
export function findRotationProblems(before: Partial<Rotations>, after: Rotations, group = ""): string[] {
  return ROLE_NAMES.flatMap((role) => {
    const { generation } = after[role];
    const key = `${group}roles.${role}.generation`;
    const deployed = before[role]?.generation;
    if (deployed === undefined) {
      return [];
    }
    if (generation < deployed) {
      return [
        `${key}: ${generation} (with ${group}roles.all) is behind the ${deployed} that is deployed, and no password comes back; ` +
          `set it so that both make ${deployed} or ${deployed + 1}`,
      ];
    }
    return generation > deployed + 1
      ? [
          `${key}: ${generation} (with ${group}roles.all) skips ${deployed + 1}, and would change the password that is in use now; ` +
            `raise it by one, update, and raise it again`,
        ]
      : [];
  });
}

/** What an update from one to the other does, in words; nothing where nothing changes. */
export function describeRotations(
  application: string,
  before: Partial<Rotations> | undefined,
  after: Rotations,
): string[] {
  return ROLE_NAMES.flatMap((role) => {
    const { active, idle, revoked } = slotsOf(application, role, after[role]);
    const { generation } = after[role];
    const deployed = before?.[role];
    if (!deployed) {
      return [];
    }
    const lines: string[] = [];
    const rotates = generation > deployed.generation;
    if (rotates) {
      const kept = revoked ? "" : `; ${idle.login} keeps its password until generation ${generation + 1}`;
      lines.push(
        `${role}: password generation ${generation} is set on the login ${active.login}, then the secret points to it${kept}`,
      );
    }
    if (revoked && (rotates || !deployed.revokePrevious)) {
      lines.push(`${role}: the login ${idle.login} is shut out and its sessions end, once the secret points elsewhere`);
    }
    return lines;
  });
}
