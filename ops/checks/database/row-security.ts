import { loginRoleName } from "../../../model/access/matrix";
import { roleIn } from "../../../model/access/applications";
import { CheckResult, Problem, result } from "../finding";
import { rowLevelSecurityProblems, TableSecurity } from "../row-level-security";
import { Catalog } from "./catalog";
import { Expected, quoted } from "./expected";

export const ROW_SECURITY = {
  check: "row-level-security",
  title: "Tables that must have row-level security have it, and where there are policies they do what they seem to",
  controls: ["guide: Row-Level Security (RLS)", "CIS 4.9"],
};

const nameOf = ({ schema, name }: TableSecurity) => `${quoted(schema)}.${quoted(name)}`;

function problemsOf(table: TableSecurity, backup: string): Problem[] {
  const { enabled, policies } = table;
  const subject = `table ${nameOf(table)}`;
  if (!enabled) {
    return policies.length === 0
      ? []
      : [
          {
            subject,
            found: `${policies.length} policies that nobody is held to`,
            expected: "row-level security switched on",
            cure: `ALTER TABLE ${nameOf(table)} ENABLE ROW LEVEL SECURITY`,
          },
        ];
  }
  const readsAll = policies.some(
    ({ roles, command, permissive, using }) =>
      permissive && (command === "ALL" || command === "SELECT") && using === "true" && roles.includes(backup),
  );
  return readsAll
    ? []
    : [
        {
          subject,
          found: `${backup} does not see every row`,
          expected: "a policy that lets backups read all of it",
          cure: `CREATE POLICY backup_reads_all ON ${nameOf(table)} FOR SELECT TO ${quoted(backup)} USING (true)`,
        },
      ];
}

/** What the settings demand, and of all other tables what would surprise. */
export function checkRowSecurity({ tables }: Catalog, expected: Expected): CheckResult {
  const demanded = expected.applications.flatMap((application) =>
    rowLevelSecurityProblems(application.rowLevelSecurity, tables, {
      app: roleIn(application, "app"),
      backup: roleIn(application, "backup"),
    }),
  );
  const wanted = expected.applications.flatMap(({ rowLevelSecurity }) => rowLevelSecurity);
  const others = tables.filter(({ schema, name }) => !wanted.includes(`${schema}.${name}`));
  const backup = loginRoleName(expected.config.application, "backup");
  return result(ROW_SECURITY, [
    ...demanded.map(({ table, ...problem }) => ({ subject: `table ${table}`, ...problem })),
    ...others.flatMap((table) => problemsOf(table, backup)),
  ]);
}
