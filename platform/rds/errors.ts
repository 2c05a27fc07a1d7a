/** An error as RDS answers it: the code is one of RDS's own. */
export class RdsError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
