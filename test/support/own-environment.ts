import { replaceEnvironment } from "../../platform/engine/environment";
import { shortcutsAsUsual } from "./shortcuts";

/**
 * Runs before each file. Files share a process, so that what takes long to load is loaded once (vitest.config.mts); what one changes of
 * the environment, and what it does without, is not the next one's.
 */
const kept = globalThis as { initialEnvironment?: NodeJS.ProcessEnv };
kept.initialEnvironment ??= { ...process.env };
replaceEnvironment(kept.initialEnvironment);
shortcutsAsUsual();
