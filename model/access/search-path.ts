import { ACCESS, RoleName } from "./matrix";

/** Whether a role's logins find names in `pg_catalog` alone: those that read what every application has, and so could be misled by it. */
export const hasTrustedSearchPath = (role: RoleName): boolean => ACCESS[role].of === "server";
