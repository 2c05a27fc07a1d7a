/**
 * Lets others have the machine: between two statements of a load, or two looks at what gives no sign. What comes of a test
 * must not depend on how long that is; whoever waits for something waits for it (`expect.poll`).
 */
export function rest(ms: number): Promise<void> {
  // eslint-disable-next-line no-restricted-syntax -- the one place where there is such a rest
  return new Promise((wake) => setTimeout(wake, ms));
}
