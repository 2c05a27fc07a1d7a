import { z } from "zod";
import { ROLE_NAMES, RoleName } from "../access/matrix";

/** The name of an IAM role: up to 64 characters, after its path if it has one. */
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

/** The schema of the IAM roles that read the secret of each of these roles. */
export const readersOf = <Name extends RoleName>(names: readonly Name[]) =>
  z
    .strictObject(Object.fromEntries(names.map((role) => [role, roleNames])) as Record<Name, typeof roleNames>)
    .prefault({} as never);

/** The default of `access.localPort`. */
export const LOCAL_PORT = 15_432;

export const accessSettings = z
  .strictObject({
    /**
     * How `pulumi up` reaches the database. With `direct`, from inside the VPC or over a VPN. With `ssm`, from anywhere, through an
     * admin host and Session Manager. @default direct
     */
    mode: z.enum(["direct", "ssm"]).default("direct"),
    /** The port of this machine that `mode: ssm` forwards to the database. @default 15432 */
    localPort: z
      .int("must be a whole number")
      .min(1024, "is reserved by the system; set a port from 1024 to 65535")
      .max(65_535, "is no port; set one from 1024 to 65535")
      .default(LOCAL_PORT),
    /**
     * Names of the IAM roles that run this stack. When there are any, only they and the readers can read the secrets, whatever IAM
     * policies allow; with none, IAM policies alone decide. Prod needs at least one. @default []
     */
    deployers: roleNames,
    /**
     * Names of the IAM roles that read the secret of a role: those of the application, of reports, of migrations. The readers of
     * `backup` may also assume the IAM role that writes backups, those of `monitor` that of the live check. @default {}
     */
    readers: readersOf(ROLE_NAMES),
    /**
     * Names of the IAM roles that may assume the role which reads and decrypts backups, to restore them. With none, only the
     * task that verifies backups has that role; with no `deployers` either, IAM policies decide. @default []
     */
    restorers: roleNames,
    /**
     * The name of the IAM policy that every IAM role of the stack gets as its permissions boundary, the most that it may ever do. The
     * role that `ops/bootstrap` makes for deployments can make no role without it (docs/bootstrap.md). @default none
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
