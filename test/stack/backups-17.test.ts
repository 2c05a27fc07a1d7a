import { proveBackups } from "../support/proven-backups";

proveBackups("17");
