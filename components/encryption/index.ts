import type { Stack } from "../stack/context";
import { Encryption } from "./encryption";

/** Creates the customer-managed keys: one each for the database, the secrets, the backups and the logs. */
export function createEncryption({ name, account, settings, protect, tags }: Stack): Encryption {
  return new Encryption(name, {
    account,
    protect,
    keepDatabaseKey: settings.database.finalSnapshot,
    tags: tags("encryption", "secret"),
  });
}
