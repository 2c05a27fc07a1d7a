import { loginRoleName } from "../access/matrix";
import { LogMetric } from "./log-metrics";
import { cloneName } from "../access/rotation";

/**
 * A metric filter on the server's log: a pattern of CloudWatch Logs, and the metric that it counts into.
 *
 * The rules (CloudWatch Logs: "Filter pattern syntax for metric filters"): a pattern is a list of terms that must all be there, a list
 * of `?terms` of which one must be, or one regular expression between two `%`; capitals count, round brackets do not exist, quotes are
 * written `\x27`, and of all filters of a log group five may have a regular expression. So each of the five below has to carry much.
 *
 * Lines begin as RDS has them (`%t:%r:%u@%d:[%p]:`), in English (`lc_messages`), with an SQLSTATE before the message or without
 * (`logs.values`).
 */
export interface LogPattern {
  /** The end of the filter's name. */
  name: string;
  metric: LogMetric;
  pattern: string;
  /** The meaning of a line that matches, in words. */
  finds: string;
}

/** A pattern for a word in capitals or not: `[Oo][Rr]`. */
const any = (word: string) =>
  [...word].map((letter) => (/[a-z]/.test(letter) ? `[${letter.toUpperCase()}${letter}]` : letter)).join("");

const regex = (...alternatives: string[]) => `%${alternatives.join("|")}%`;
const oneOf = (...phrases: string[]) => phrases.map((phrase) => `?"${phrase}"`).join(" ");

const QUOTE = String.raw`\x27`;
const error = (text: string) => String.raw`ERROR.\s.*${text}`;
const spaced = (text: string) => text.replaceAll(" ", String.raw`\s`);
const statement = (text: string) => String.raw`statement.\s+${text}`;

/** The end of every application's login. */
const APPLICATION = loginRoleName("", "app");

/** The metric filters of a server whose master has this name. */
export function logPatterns(masterUsername: string): LogPattern[] {
  return [
    {
      name: "failed-logins",
      metric: "failedLogins",
      finds: "a login that was refused: wrong password, no TLS, or a login that may not log in",
      pattern: oneOf(
        "password authentication failed for user",
        "no pg_hba.conf entry for",
        "is not permitted to log in",
        "pg_hba.conf rejects connection",
        "no password assigned",
        "PAM authentication failed for user",
      ),
    },
    {
      name: "deadlocks",
      metric: "deadlocks",
      finds: "a deadlock",
      pattern: '"ERROR:" "deadlock detected"',
    },
    {
      name: "master-uses",
      metric: "masterUses",
      finds: "a session that the master begins",
      pattern: `"connection authorized: user=${masterUsername} "`,
    },
    {
      name: "slow-statements",
      metric: "slowStatements",
      finds: "a statement that took 5 seconds or longer",
      pattern: regex(
        String.raw`LOG.\s.*duration.\s[0-9][0-9][0-9][0-9][0-9]+\.[0-9]`,
        String.raw`LOG.\s.*duration.\s[5-9][0-9][0-9][0-9]\.[0-9]`,
      ),
    },
    {
      name: "privilege-changes",
      metric: "privilegeChanges",
      finds: "GRANT, REVOKE, and whatever makes, changes or drops a role: from pgaudit, or from log_statement",
      pattern: regex(
        String.raw`AUDIT.\s[A-Z]+,[0-9]+,[0-9]+,ROLE,`,
        statement(String.raw`${any("grant")}\s`),
        statement(String.raw`${any("revoke")}\s`),
        statement(String.raw`[A-Za-z]+\s+${any("role")}\s`),
        statement(String.raw`[A-Za-z]+\s+${any("user")}\s`),
        statement(String.raw`${any("alter")}\s+${any("default")}\s`),
      ),
    },
    {
      name: "suspicious-errors",
      metric: "suspiciousStatements",
      finds:
        "an error that comes of text in the place of a value: a syntax error, a quote that does not end, a UNION that does not fit; or the application was denied something",
      pattern: regex(
        ...["syntax error at", "unterminated ", "UNION ", "trailing junk after"].map((text) => error(spaced(text))),
        // Only an error that quotes the server's version: a bound value that is no number is an everyday mistake.
        error(String.raw`invalid\sinput\ssyntax.*PostgreSQL`),
        // People may err; an application that asks for what it may not has been made to.
        ...[APPLICATION, cloneName(APPLICATION)].map((login) => `${login}@.*${error(spaced("permission denied"))}`),
      ),
    },
    {
      name: "suspicious-words",
      metric: "suspiciousStatements",
      finds:
        "what attacks are made of and applications are not: waiting, reading files, running programs, other servers, password hashes",
      pattern: regex(
        // Called, not only named.
        ...["pg_sleep", "pg_read_", "pg_ls_", "lo_import", "lo_export", "dblink", "query_to_xml"].map(
          (name) => String.raw`${any(name)}\w*\s*\x28`,
        ),
        ...["pg_shadow", "pg_authid"].map(any),
        String.raw`${any("program")}\s+${QUOTE}`,
      ),
    },
    {
      name: "suspicious-shapes",
      metric: "suspiciousStatements",
      finds:
        "what only comes of values that were put together: UNION SELECT NULL, OR 1=1, a statement behind a statement, a comment behind a quote",
      pattern: regex(
        String.raw`${any("union")}/\*`,
        String.raw`${any("union")}\s+${any("select")}\s+[0-9${QUOTE}]`,
        String.raw`${any("union")}\s+${any("select")}\s+${any("null")}`,
        String.raw`${any("union")}\s+${any("all")}\s+${any("select")}\s+[0-9${QUOTE}]`,
        String.raw`${any("union")}\s+${any("all")}\s+${any("select")}\s+${any("null")}`,
        String.raw`${any("or")}\s+${QUOTE}?[0-9]+${QUOTE}?\s*=\s*${QUOTE}?[0-9]`,
        String.raw`${any("or")}\s+${QUOTE}[^${QUOTE}]*${QUOTE}\s*=\s*${QUOTE}`,
        // A value that ends its quotes, and goes on with a statement or a comment; and the quote that is left over behind it.
        // On one line: files of migrations have statements below each other, and comments behind literals.
        String.raw`${QUOTE};\x20*[A-Za-z]`,
        String.raw`${QUOTE}\x20*--[\w\x20]*${QUOTE}`,
        String.raw`--\s*${QUOTE}$`,
      ),
    },
  ];
}
