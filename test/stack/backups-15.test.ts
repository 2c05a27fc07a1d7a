import { hasPgaudit } from "../support/local-rds";
import { proveBackups } from "../support/proven-backups";

proveBackups("15", (await hasPgaudit("15")) ? ["pg_stat_statements", "pgaudit"] : undefined);
