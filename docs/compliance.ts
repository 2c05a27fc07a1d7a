import { Control, Controls, Environment, ENVIRONMENTS, List } from "./compliance/control";
import { CIS_ACCESS_CONTROLS, CIS_LOGGING_CONTROLS } from "./compliance/cis";
import { Evidence, problemsOf } from "./compliance/evidence";
import { FSBP_ACCOUNT_CONTROLS, FSBP_NETWORK_CONTROLS } from "./compliance/fsbp-account";
import { FSBP_KEY_CONTROLS, FSBP_S3_CONTROLS } from "./compliance/fsbp-data";
import { FSBP_RDS_CONTROLS } from "./compliance/fsbp-rds";
import { AUTOMATED_CHECK_CONTROLS, METRIC_CONTROLS, SUPERUSER_CONTROLS } from "./compliance/guide-checks";
import { AUTOMATED_CHECKS, BACKUP_ACCESS, METRICS, NETWORK, NEXT_STEPS, SUPERUSER } from "./compliance/guide-lists";
import { BACKUP_ACCESS_CONTROLS, NETWORK_CONTROLS } from "./compliance/guide-network";
import { NEXT_STEP_CONTROLS } from "./compliance/guide-next";
import * as lists from "./compliance/lists";
import { Asked } from "./compliance/lists";
import { GDPR_CONTROLS, OWASP_CONTROLS } from "./compliance/owasp-gdpr";
import { PERSONAL_DATA } from "./compliance/personal-data";
import { POLICY_CONTROLS } from "./compliance/policy-controls";
import { howText, listTable, State, stateOf, STATES, table } from "./compliance/render";

const withPolicies = (id: string, control: Control): Control => ({
  ...control,
  policies: Object.entries(POLICY_CONTROLS)
    .filter(([, served]) => served.includes(id))
    .map(([name]) => name),
});

function list(asked: Asked, controls: Controls): List {
  return {
    ...asked,
    controls: Object.fromEntries(Object.entries(controls).map(([id, control]) => [id, withPolicies(id, control)])),
  };
}

/** Every public list, with how each of its controls is met. */
export const LISTS: List[] = [
  list(lists.FSBP_RDS, FSBP_RDS_CONTROLS),
  list(lists.FSBP_S3, FSBP_S3_CONTROLS),
  list(lists.FSBP_KEYS, FSBP_KEY_CONTROLS),
  list(lists.FSBP_NETWORK, FSBP_NETWORK_CONTROLS),
  list(lists.FSBP_ACCOUNT, FSBP_ACCOUNT_CONTROLS),
  list(lists.CIS_LOGGING, CIS_LOGGING_CONTROLS),
  list(lists.CIS_ACCESS, CIS_ACCESS_CONTROLS),
  list(lists.OWASP, OWASP_CONTROLS),
  list(lists.GDPR, GDPR_CONTROLS),
  list(NETWORK, NETWORK_CONTROLS),
  list(BACKUP_ACCESS, BACKUP_ACCESS_CONTROLS),
  list(METRICS, METRIC_CONTROLS),
  list(SUPERUSER, SUPERUSER_CONTROLS),
  list(AUTOMATED_CHECKS, AUTOMATED_CHECK_CONTROLS),
  list(NEXT_STEPS, NEXT_STEP_CONTROLS),
];

/** Fails, with everything that the map and docs/personal-data.md say and is not so. */
export function prove(evidence: Evidence, all: List[] = [...LISTS, PERSONAL_DATA]): void {
  const served = Object.values(POLICY_CONTROLS).flat();
  const ids = all.flatMap(({ asks }) => Object.keys(asks));
  const problems = [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${id}: is on two lists`),
    ...all.flatMap((one) => problemsOf(one, evidence)),
    ...served.filter((id) => !ids.includes(id)).map((id) => `${id}: a policy serves it, and it is on no list`),
  ];
  if (problems.length > 0) {
    throw new Error(`docs/compliance/ says what is not so:\n  ${problems.join("\n  ")}`);
  }
}

const count = (all: List[], environment: Environment, state: State) =>
  all.flatMap(({ controls }) => Object.values(controls)).filter((control) => stateOf(control, environment) === state)
    .length;

function summary(): string {
  const anchor = (title: string) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, "")
      .replaceAll(" ", "-");
  const counts = (all: List[]) =>
    ENVIRONMENTS.flatMap((environment) => STATES.map((state) => String(count(all, environment, state))));
  return table(
    ["list", "controls", ...ENVIRONMENTS.flatMap((environment) => STATES.map((state) => `${environment}: ${state}`))],
    [
      ...LISTS.map((one) => [
        `[${one.title}](#${anchor(one.title)})`,
        String(Object.keys(one.asks).length),
        ...counts([one]),
      ]),
      ["**all**", String(LISTS.flatMap(({ asks }) => Object.keys(asks)).length), ...counts(LISTS)],
    ],
  );
}

/** What is not done, or not everywhere, each with its reason. */
function exceptions(): string {
  return table(
    ["control", "where", "why not"],
    LISTS.flatMap(({ controls }) => Object.entries(controls)).flatMap(([id, control]) =>
      (control.exceptions ?? []).map(({ environments, reason, part }) => [
        id,
        `${environments.join(", ")}${part === undefined ? "" : `: ${part}`}`,
        reason,
      ]),
    ),
  );
}

const INTRODUCTION = `# Controls

Every control that this stack is judged by, and what shows that it is met: the resource with its property, the [policy](policies.md)
that stops anything else before it is made, or warns of it, the [check](check.md) that finds it broken in a running stack, the test that would fail. Or the reason why it
is not met, which stands with all the others under [Exceptions](#exceptions).

Written by \`make docs\` from \`docs/compliance/\`, which fails when a resource is not registered with that property in dev and prod
(the program is run against mocks), when a check, a policy, a page or a test of that name does not exist, and when a control has no
entry. "prod with options" is prod with \`backup.image\`, \`backup.replicaRegion\` and \`database.readReplica\`, which its file leaves out.
Tests are called what their files call them: \`%s\` stands for the lines of a table.

- **met**: by what stands beside it. **in part**: but for what the exception names. **exception**: not met, for the reason given.
- Only tests have run: on real PostgreSQL, a real Pulumi engine, and stand-ins for AWS ([local-platform.md](local-platform.md)).
  What Security Hub says of an account is to be seen there.
`;

/** docs/compliance.md. */
export function compliancePage(): string {
  const sections = LISTS.flatMap((one) => [`## ${one.title}`, ...(one.about ? [one.about] : []), listTable(one)]);
  return `${[INTRODUCTION.trimEnd(), summary(), "## Exceptions", exceptions(), ...sections].join("\n\n")}\n`;
}

/** The statements of docs/personal-data.md, and what shows each. */
export function personalDataTable(): string {
  return table(
    ["", "shown by"],
    Object.entries(PERSONAL_DATA.asks).map(([id, statement]) => [statement, howText(PERSONAL_DATA.controls[id] ?? {})]),
  );
}
