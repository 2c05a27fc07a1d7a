import { z } from "zod";
import { ROLE_NAMES, RoleName } from "../access/matrix";
import { NEVER_ROTATED, Rotations } from "../access/rotation";

const rotation = z
  .strictObject({
    /**
     * How often the password was rotated. One more, and the next update sets a new password on the login whose turn it is
     * and points the secret at it. Never less. @default 0
     */
    generation: z
      .int("must be a whole number")
      .min(0, "is no generation; the first is 0, and each rotation adds 1")
      .default(0),
    /**
     * Whether the login of the generation before is shut out and its sessions are ended, for a leak. What still uses it
     * breaks. @default false
     */
    revokePrevious: z.boolean("must be true or false").default(false),
  })
  .prefault({});

/** Passwords, by role. What is set for `all` adds to each role's own. */
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
