import { hasPgaudit } from "../support/local-rds";
import { proveWholeStack } from "../support/whole-stack";

proveWholeStack("15", (await hasPgaudit("15")) ? { extensions: ["pg_stat_statements", "pgaudit"] } : {});
