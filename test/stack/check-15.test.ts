import { hasPgaudit } from "../support/local-rds";
import { proveCheck } from "../support/proven-check";

proveCheck("15", (await hasPgaudit("15")) ? ["pg_stat_statements", "pgaudit"] : ["pg_stat_statements"], false);
