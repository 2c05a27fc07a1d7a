/**
 * Where PostgreSQL looks for the functions, operators, types and tables that a statement names, in sessions with more rights than whoever
 * creates objects has: among its own alone. With the default, `"$user", public`, a function that migrations have made there is taken
 * instead of PostgreSQL's when it fits the arguments better, and runs with the session's rights (PostgreSQL: "Writing SECURITY DEFINER
 * Functions Safely"; CVE-2018-1058).
 */
export const TRUSTED_SEARCH_PATH = "pg_catalog";

/** What a session is started with, for clients that pass options on (libpq: `options`). It goes before what stands on the login. */
export const TRUSTED_OPTIONS = `-c search_path=${TRUSTED_SEARCH_PATH}`;
