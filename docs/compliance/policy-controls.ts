/** Which controls each policy of policy/ enforces, before anything is made: docs/compliance.ts adds it to their entries. */
export const POLICY_CONTROLS: Record<string, string[]> = {};

/** The policies that there are. */
export const POLICY_NAMES: string[] = [];
