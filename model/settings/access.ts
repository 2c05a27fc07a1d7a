import { z } from "zod";
import { ROLE_NAMES, RoleName } from "../access/matrix";

/** IAM: up to 64 characters, before it a path if the role has one. */
const roleName = z
  .string()
  .regex(
    /^([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
    "is no name of an IAM role; write the role's name, with its path if it has one, without arn:aws:iam",
  );

const policyName = z
  .string()
  .regex(
    /^([\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/,
    "is no name of an IAM policy; write the policy's name, with its path if it has one, without arn:aws:iam",
  );

const roleNames = z.array(roleName).default([]);

/** Who reads the secret of each of these roles. */
export const readersOf = <Name extends RoleName>(names: readonly Name[]) =>
  z
    .strictObject(Object.fromEntries(names.map((role) => [role, roleNames])) as Record<Name, typeof roleNames>)
    .prefault({} as never);

/** Where the forwarded port is not set. */
export const LOCAL_PORT = 15_432;

export const accessSettings = z
  .strictObject({
    /**
     * How `pulumi up` reaches the database. `direct`: from inside the VPC or over a VPN. `ssm`: through an admin host and
     * Session Manager, from anywhere. @default direct
     */
    mode: z.enum(["direct", "ssm"]).default("direct"),
    /** With `mode: ssm`: the port of this machine that is forwarded to the database. @default 15432 */
    localPort: z
      .int("must be a whole number")
      .min(1024, "is reserved by the system; set a port from 1024 to 65535")
      .max(65_535, "is no port; set one from 1024 to 65535")
      .default(LOCAL_PORT),
    /**
     * IAM roles that run this stack, by name. Named, they and the readers are the only ones that can read the secrets,
     * whatever IAM policies say; left out, IAM policies alone decide. Must be named in prod. @default []
     */
    deployers: roleNames,
    /**
     * IAM roles of the application, the reports and the migrations, by name: each reads its own secret. Those of `backup` may
     * take on the role that writes backups, those of `monitor` the one that looks for the live check. @default {}
     */
    readers: readersOf(ROLE_NAMES),
    /**
     * IAM roles, by name, that may take on the role which reads and decrypts backups, to restore them. Left out, only the
     * task that verifies them has it; with `deployers` left out, too, IAM policies decide. @default []
     */
    restorers: roleNames,
    /**
     * IAM policy, by name, that every role of the stack gets as its permissions boundary: the most that it may ever do. The role that
     * `ops/bootstrap` makes for deployments can make no role without it (docs/bootstrap.md). @default none
     */
    permissionsBoundary: policyName.optional(),
  })
  .superRefine(({ deployers, readers, restorers }, context) => {
    const reader = ROLE_NAMES.find((role) => readers[role].length > 0);
    const named = reader ? `readers.${reader}` : restorers.length > 0 && "restorers";
    if (deployers.length === 0 && named) {
      context.addIssue({
        code: "custom",
        path: ["deployers"],
        message: `is empty while ${named} is not; name the roles that run this stack, or they could not read the secrets`,
      });
    }
  })
  .prefault({});

export type AccessSettings = z.output<typeof accessSettings>;
