import { parseSettings, SettingsError } from "../../model/settings";

/** What a person reads when their stack file has these mistakes, without the first line. */
export function mistakes(raw: Record<string, unknown>, environment = "dev"): string[] {
  try {
    parseSettings(environment, raw);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.message.split("\n  ").slice(1);
    }
    throw error;
  }
  return [];
}
