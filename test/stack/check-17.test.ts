import { proveCheck } from "../support/proven-check";

proveCheck("17", ["pg_stat_statements"], true);
