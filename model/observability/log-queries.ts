/**
 * A saved query of Logs Insights. There is one for each question that the guide answers with grep. Source: the guide's
 * "Monitor Suspicious Queries", "Audit Logging", "Monitor Failed Login Attempts".
 */
export interface LogQuery {
  /** The name in the list of saved queries, after `<stack>/`. */
  name: string;
  /** The question that it answers. */
  question: string;
  /** The lines that count, as a regular expression over the whole message. */
  regex: RegExp;
  /** The commands that follow the filter. @default list the lines, newest first */
  then?: string;
}

const LISTED = "sort @timestamp desc\n| limit 200";
const BY_LOGIN = String.raw`parse @message /^[^@]*:(?<login>[^:@]*)@(?<database>[^:]*):/
| stats count(*) as entries, max(@timestamp) as latest by login, database
| sort entries desc`;

export const LOG_QUERIES: LogQuery[] = [
  {
    name: "syntax-errors",
    question: "Which statements were no SQL? (guide: failed SQL injection attempts)",
    regex: /ERROR: .*(syntax error|unterminated|trailing junk)/,
  },
  {
    name: "union-attacks",
    question: "Which statements have a UNION SELECT in them? (guide: UNION attacks)",
    regex: /union\s+(all\s+)?select/i,
  },
  {
    name: "comment-attacks",
    question: "Which statements have a comment behind a quote? (guide: comment-based attacks)",
    regex: /'\s*(--|\/\*)/,
  },
  {
    name: "stacked-statements",
    question: "Which statements have another one behind them? (guide: stacked queries)",
    regex: /;\s*(drop|delete|update|insert|alter|grant)\s/i,
  },
  {
    name: "failed-logins",
    question: "Whose logins fail, and how often?",
    regex: /FATAL: .*(password authentication failed|no pg_hba\.conf entry|not permitted to log in)/,
    then: BY_LOGIN,
  },
  { name: "denied", question: "Who tries what they may not?", regex: /ERROR: .*permission denied/ },
  {
    name: "slow-statements",
    question: "What took longer than a second?",
    regex: /LOG: .*duration: [0-9.]+ ms/,
    then: String.raw`parse @message /duration: (?<ms>[0-9.]+) ms/
| sort ms desc
| limit 100`,
  },
  {
    name: "deadlocks-and-waits",
    question: "Who waited for whom?",
    regex: /(deadlock detected|still waiting for|acquired .* after)/,
  },
  {
    name: "privilege-changes",
    question: "Who granted what to whom, and made which roles?",
    regex: /(AUDIT: [A-Z]+,\d+,\d+,ROLE,|statement: +(grant|revoke|(create|alter|drop) (role|user)) )/i,
  },
  { name: "schema-changes", question: "Who changed the schema?", regex: /AUDIT: [A-Z]+,\d+,\d+,DDL,/ },
  {
    name: "what-was-read",
    question: "What did people, backups and the master read?",
    regex: /AUDIT: [A-Z]+,\d+,\d+,READ,/,
    then: BY_LOGIN,
  },
  {
    name: "what-was-written",
    question: "Who wrote to which table?",
    regex: /AUDIT: [A-Z]+,\d+,\d+,WRITE,/,
    then: String.raw`parse @message /^[^@]*:(?<login>[^:@]*)@/
| parse @message /AUDIT: [A-Z]+,\d+,\d+,WRITE,(?<command>[A-Z ]+),[A-Z ]*,(?<object>[^,]*),/
| stats count(*) as entries by login, command, object
| sort entries desc`,
  },
  {
    name: "sessions",
    question: "Who connected, from where?",
    regex: /connection authorized: user=/,
    then: String.raw`parse @message /UTC:(?<address>[^(]*)\(/
| parse @message /user=(?<login>\S+)/
| stats count(*) as sessions by login, address
| sort sessions desc`,
  },
  {
    name: "server-troubles",
    question: "What is wrong with the server itself?",
    regex:
      /(PANIC|FATAL: .*(too many|remaining connection slots|out of memory)|could not (write|extend)|no space left)/i,
  },
];

/** The text of a query, as Logs Insights wants it. */
export function queryString({ regex, then = LISTED }: LogQuery): string {
  const flags = regex.flags.includes("i") ? "(?i)" : "";
  return `fields @timestamp, @message\n| filter @message like /${flags}${regex.source}/\n| ${then}`;
}

/** The saved query for everything that a stack's master did. */
export function masterQuery(masterUsername: string): LogQuery {
  return { name: "master", question: "What did the master do?", regex: new RegExp(`:${masterUsername}@`) };
}
