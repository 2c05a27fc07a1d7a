/**
 * An error that a person has to resolve: the message says what to change or do, and is shown as it is.
 *
 * It has no stack trace, because the SDK formats the trace of every error for its own telemetry, with colours, and Node.js 20
 * takes a quarter of a minute for one that leads through node_modules.
 */
export class UserError extends Error {
  /** The mark by which Pulumi recognizes its own `RunError`, of which it shows the message alone (sdk/nodejs/errors.ts, isInstance). */
  readonly __pulumiRunError = true;

  constructor(message: string) {
    super(message);
    this.stack = undefined;
  }
}
