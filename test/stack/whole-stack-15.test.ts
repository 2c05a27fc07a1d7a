import { hasPgaudit } from "../support/local-rds";
import { proveWholeStack } from "../support/whole-stack";

proveWholeStack("15", (await hasPgaudit("15")) ? ["pg_stat_statements", "pgaudit"] : ["pg_stat_statements"]);
