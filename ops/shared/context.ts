import { UserError } from "../../lib/user-error";
import { OpsError } from "./errors";

/** What fails outside of this program is told without a stack trace: a server that is away, a right that is missing. */
export async function withContext<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    const { name, message, code } = error as Error & { code?: string };
    const kind = [name, code].filter((text) => text && text !== "Error" && text !== "error").join(" ");
    throw new OpsError(`${what} has failed: ${message || kind}${message && kind ? ` (${kind})` : ""}`);
  }
}
