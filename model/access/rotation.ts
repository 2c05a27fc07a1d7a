import { loginRoleName, ROLE_NAMES, RoleName } from "./matrix";

/**
 * The state of a role's passwords, which decides which of its two logins has which password.
 *
 * The two logins of a role take turns. Generation n of the password is set on the login whose turn it is, and the role's secret
 * points to that login; the other keeps the password of generation n-1 until n+1. So nobody is disturbed who is connected, or who
 * connects with the previous version of the secret (AWS Secrets Manager: "alternating users strategy").
 */
export interface Rotation {
  /** How often the password was changed; 0 is the first password. */
  generation: number;
  /** Whether the previous generation's login is shut out. */
  revokePrevious: boolean;
}

export type Rotations = Record<RoleName, Rotation>;

/** The rotations of a new stack: the first password of every role. */
export const NEVER_ROTATED = Object.fromEntries(
  ROLE_NAMES.map((role) => [role, { generation: 0, revokePrevious: false }]),
) as Rotations;

/** One of a role's two logins. */
export interface Slot {
  /** The name of the login in PostgreSQL: the role's own, or with `_clone`. */
  login: string;
  /** The role whose rights the login has; that role alone has the grants and owns the objects. */
  base: string;
  /** The logical name of its resources, part of their identity. */
  name: string;
  /** The generation of its password; undefined until its first turn. */
  generation: number | undefined;
  canLogin: boolean;
}

/** The two logins of a role, by whose turn it is. */
export interface Slots {
  /** The login that the secret points to. */
  active: Slot;
  /** The login whose turn comes next; until then it has the password of the previous generation. */
  idle: Slot;
  /** Whether the idle login was in use before and is shut out. */
  revoked: boolean;
}

/** The name of a role's second login. */
export const cloneName = (login: string) => `${login}_clone`;

/** Computes the two logins of a role from the state of its passwords. */
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
 * Finds what is wrong with going from the deployed generations, `before`, to those of the settings: a line with key, value and cure
 * for each mistake. `group` is the prefix of the roles' keys in the settings. A role that is not deployed yet may begin with any
 * generation, for nobody uses a password of it.
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

/** Describes what an update does to the passwords of an application: a line for each change, none where nothing changes. */
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
