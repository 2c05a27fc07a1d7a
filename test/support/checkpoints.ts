/**
 * Lets Pulumi write its state before and after each step, as it does for users. The tests do without for the sake of time
 * (vitest.config.mts), but for those that are about the state in the middle of an update, or about what writing it costs. To be
 * called before a platform is opened.
 */
export function keepCheckpoints(): void {
  delete process.env.PULUMI_SKIP_CHECKPOINTS;
}
