import { z } from "zod";
import { ROLE_NAMES, RoleName } from "../access/matrix";
import { NEVER_ROTATED, Rotations } from "../access/rotation";

const rotation = z
  .strictObject({
    /**
     * How often the password was rotated. When it is raised by one, the next update sets a new password on the login whose turn it is, and
     * points the secret to that login. It cannot be lowered. @default 0
     */
    generation: z
      .int("must be a whole number")
      .min(0, "is no generation; the first is 0, and each rotation adds 1")
      .default(0),
    /**
     * Whether the previous generation's login is shut out and its sessions are ended, as after a leak. Whatever still uses that login
     * fails. @default false
     */
    revokePrevious: z.boolean("must be true or false").default(false),
  })
  .prefault({});

/** The schema of the state of passwords, by role. The generation of `all` is added to each role's own. */
export const roleSettingsOf = (names: readonly RoleName[]) =>
  z
    .strictObject({
      all: rotation,
      ...(Object.fromEntries(names.map((role) => [role, rotation])) as Record<RoleName, typeof rotation>),
    })
    .transform(({ all, ...own }): Rotations => ({
      ...NEVER_ROTATED,
      ...Object.fromEntries(
        names.map((role) => [
          role,
          {
            generation: all.generation + own[role].generation,
            revokePrevious: all.revokePrevious || own[role].revokePrevious,
          },
        ]),
      ),
    }))
    .prefault({} as never);

export const roleSettings = roleSettingsOf(ROLE_NAMES);
