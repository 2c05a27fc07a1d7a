import { CheckResult, Problem, result } from "../finding";
import { TableSecurity } from "../row-level-security";
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
      permissive && ["*", "r", "ALL", "SELECT"].includes(command) && using === "true" && roles.includes(backup),
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

export function checkRowSecurity({ tables }: Catalog, expected: Expected): CheckResult {
  return result(
    ROW_SECURITY,
    tables.flatMap((table) => problemsOf(table, expected.base("backup"))),
  );
}
