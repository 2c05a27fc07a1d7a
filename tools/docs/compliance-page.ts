import { LISTS } from "../../compliance";
import { Environment, ENVIRONMENTS, List } from "../../compliance/control";
import { PERSONAL_DATA } from "../../compliance/personal-data";
import { howText, listTable, State, stateOf, STATES, table } from "./compliance-tables";

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

Written by \`make docs\` from \`compliance/\`, which fails when a resource is not registered with that property in dev and prod
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
