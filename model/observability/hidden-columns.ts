/**
 * Columns whose values CloudWatch hides in PostgreSQL's log, where somebody has typed one into a statement.
 *
 * A custom data identifier of a data protection policy hides what its pattern matches: from the column's name to the end of the
 * entry, for no pattern can tell where a value ends. Whoever has `logs:Unmask` still sees it.
 */

/** The most columns that can be hidden: CloudWatch's limit of patterns in a policy ("Custom data identifier constraints"). */
export const MOST_HIDDEN_COLUMNS = 10;
/** The characters of the longest pattern that CloudWatch takes ("Custom data identifier constraints"). */
export const LONGEST_PATTERN = 200;
/** The characters that a pattern may consist of: no quotes, no brackets for groups, no colon. */
export const PATTERN_CHARACTERS = /^[\w#=@/;, ^$?[\]{}|\\*+.-]*$/;

/**
 * What follows a column's name in a statement, with spaces before it or not: a sign, as in `= 'x'`, `", "name") VALUES` or `IN (`; or
 * a letter that BETWEEN, IN, IS, ILIKE, LIKE and NOT begin with. No other letter, for "password authentication failed" has to stay:
 * alarms look for it. And no `@`, before which every entry has a login.
 */
const USED_IN_A_STATEMENT = " *[^ac-hjkmo-zAC-HJKMO-Z0-9_ @]";
const REST_OF_THE_ENTRY = "[\\s\\S]*";

/** The pattern that hides a column: a regular expression within CloudWatch's limits. */
export function patternOf(column: string): string {
  // Statements are written in upper and lower case, and a pattern has no switch for it.
  const name = column.replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
  return `\\W${name}${USED_IN_A_STATEMENT}${REST_OF_THE_ENTRY}`;
}

/** Samples of PostgreSQL's own log lines, which must stay readable: filters look for them. */
export function ownWords(application: string): string[] {
  const line = (message: string) =>
    `2026-11-25 07:00:00 UTC:10.0.0.1(5432):${application}_app@${application}:[1]:${message}`;
  return [
    "LOG:  connection received: host=10.0.0.1 port=5432",
    `LOG:  connection authenticated: identity="${application}_app" method=scram-sha-256 (/data/pg_hba.conf:4)`,
    `LOG:  connection authorized: user=${application}_app database=${application} application_name=psql SSL enabled ` +
      "(protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)",
    `LOG:  disconnection: session time: 0:00:00.010 user=${application}_app database=${application} host=10.0.0.1 port=5432`,
    `FATAL:  password authentication failed for user "${application}_app"`,
    `FATAL:  28P01: password authentication failed for user "${application}_app"`,
    `FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "${application}_app", database "${application}", no encryption`,
    `FATAL:  role "${application}_app" is not permitted to log in`,
    `FATAL:  permission denied for database "${application}"`,
    'ERROR:  permission denied for table "t"',
    'ERROR:  syntax error at or near "t"',
    'ERROR:  relation "t" does not exist at character 15',
    'ERROR:  duplicate key value violates unique constraint "t"',
    "ERROR:  deadlock detected",
    "DETAIL:  Process 1 waits for ShareLock on transaction 2; blocked by process 3.",
    "LOG:  process 1 still waiting for ShareLock on transaction 2 after 1000.000 ms",
    "LOG:  duration: 1234.567 ms  statement: ",
    "LOG:  duration: 1234.567 ms  execute <unnamed>: ",
    "LOG:  statement: ",
    "STATEMENT:  ",
    "READ,SELECT,TABLE,",
    "WRITE,INSERT,TABLE,",
    "DDL,CREATE TABLE,TABLE,",
    "FUNCTION,EXECUTE,FUNCTION,",
    "ROLE,GRANT,TABLE,",
    "ROLE,ALTER ROLE,,,",
    "MISC,SET,,,",
  ].map((message) => line(/^[A-Z]+,/.test(message) ? `LOG:  AUDIT: SESSION,1,1,${message}` : message));
}

/** Whether hiding that column would hide PostgreSQL's own words with it. */
export function hidesOwnWords(application: string, column: string): boolean {
  const pattern = new RegExp(patternOf(column));
  return ownWords(application).some((line) => pattern.test(line));
}

/**
 * The data protection policy of a log group. CloudWatch wants two statements with the same identifiers: one that finds them, and
 * one that hides them (CloudWatch Logs: "Understanding data protection policies").
 */
export function hidingPolicy(name: string, columns: string[]) {
  const identifiers = columns.map((column) => ({ Name: `column-${column}`, Regex: patternOf(column) }));
  const DataIdentifier = identifiers.map((identifier) => identifier.Name);
  return {
    Name: name,
    Description: "Hides what is typed into these columns",
    Version: "2021-06-01",
    Configuration: { CustomDataIdentifier: identifiers },
    Statement: [
      // Findings are counted in a metric, and written nowhere.
      { Sid: "Find", DataIdentifier, Operation: { Audit: { FindingsDestination: {} } } },
      { Sid: "Hide", DataIdentifier, Operation: { Deidentify: { MaskConfig: {} } } },
    ],
  };
}
