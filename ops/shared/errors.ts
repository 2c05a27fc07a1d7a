import { UserError } from "../../lib/user-error";

/** The work has failed, or somebody has to do something before it can be done. */
export class OpsError extends UserError {
  constructor(
    message: string,
    /** What the JSON of the failure has besides its message. */
    readonly more: object = {},
  ) {
    super(message);
  }
}

/** Why nothing was done. */
export class Refusal extends UserError {}

/** Why a command cannot be called like this; commander's own errors have been told when they are thrown. */
export class Misuse extends UserError {}
