import { RunError } from "@pulumi/pulumi";

/**
 * Something that a person has to change: Pulumi shows the message and no stack trace.
 *
 * It has none at all, because the SDK formats the trace of every error for its own telemetry, with colours, and Node.js 20
 * takes a quarter of a minute for one that leads through node_modules.
 */
export class ProgramError extends RunError {
  constructor(message: string) {
    super(message);
    this.stack = undefined;
  }
}
