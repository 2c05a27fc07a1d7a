import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Refusal } from "../shared/errors";
import { unlessMissing } from "./aws-clients";
import type { Catalog } from "./search";
import { known, Program, Wanted } from "./wanted";

/**
 * Which passwords a stack's secrets still have. Each role's secret has that of the login in use, and as AWSPREVIOUS the one of
 * before (docs/rotation.md); the program says by its generations which login is to be in use.
 */

const PASSWORD = "random:index/randomPassword:RandomPassword";
const ROLE = "postgresql:index/role:Role";
const CLONE = /-clone$/;

interface Login {
  username: string;
  password: string;
}

async function valueOf(
  secrets: SecretsManagerClient,
  SecretId: string,
  VersionStage: string,
): Promise<Login | undefined> {
  const found = await unlessMissing(secrets.send(new GetSecretValueCommand({ SecretId, VersionStage })));
  return found?.SecretString ? (JSON.parse(found.SecretString) as Login) : undefined;
}

const generationOf = ({ inputs }: Wanted) =>
  Number((inputs.keepers as { generation?: string } | undefined)?.generation ?? 0);

/** A role's two logins, as the settings have them. */
export interface Pair {
  /** The role's own logical name, which is also that of its secret. */
  name: string;
  active: { login: string; password: Wanted };
  idle: { login: string; password: Wanted; canLogin: boolean };
  generation: number;
}

/** The pairs of logins among what the program wants; a master's password has no partner. */
export function pairsOf(program: Program): Pair[] {
  return program.ofType(PASSWORD).flatMap((second) => {
    const name = second.name.replace(CLONE, "");
    const first = program.named(PASSWORD, name);
    const [one, two] = [name, second.name].map((role) => program.named(ROLE, role));
    if (!CLONE.test(second.name) || !first || !one || !two) {
      return [];
    }
    const logins = [
      { login: known(one, "name") ?? "", password: first, canLogin: one.inputs.login === true },
      { login: known(two, "name") ?? "", password: second, canLogin: two.inputs.login === true },
    ] as const;
    // Before its first turn the second has no generation of its own.
    const secondIsActive = generationOf(second) > generationOf(first);
    const [active, idle] = secondIsActive ? [logins[1], logins[0]] : [logins[0], logins[1]];
    return [{ name, active, idle, generation: generationOf(active.password) }];
  });
}

/** What is wrong between the settings' generations and what is in use; by it somebody would be shut out. */
export function generationProblem(
  { name, active, idle, generation }: Pair,
  inUse: string | undefined,
  catalog: Catalog | undefined,
) {
  const role = name.split("-").pop();
  const key = `roles.${role}.generation`;
  if (inUse !== undefined && inUse !== active.login) {
    const cure =
      generation % 2 === 0
        ? `${generation + 1}${generation > 0 ? ` or ${generation - 1}` : ""}`
        : `${generation - 1} or ${generation + 1}`;
    return `${key}: with ${generation} the login ${active.login} would be in use, but the secret ${name} has ${inUse}; set ${cure}, whichever was deployed last`;
  }
  if (!idle.canLogin && catalog?.roles.get(idle.login)?.canLogin) {
    return generation === 0
      ? `${key}: 0 says that ${idle.login} was never in use, but it may log in; set the number that was deployed last, 2 if nobody knows`
      : `roles.${role}.revokePrevious: true would shut ${idle.login} out, which may log in now; leave it out until the stack is back`;
  }
  return undefined;
}

export interface Passwords {
  /** By the URN of what keeps it. */
  values: Map<string, string>;
  /** Logins that are let in now and whose password no secret has any more. */
  lost: string[];
}

/** Reads what there is, and refuses settings that do not go with it. */
export async function readPasswords(
  program: Program,
  secrets: SecretsManagerClient,
  catalog: Catalog | undefined,
): Promise<Passwords> {
  const values = new Map<string, string>();
  const lost: string[] = [];
  const problems: string[] = [];
  const pairs = pairsOf(program);
  for (const pair of pairs) {
    const current = await valueOf(secrets, pair.name, "AWSCURRENT");
    const previous = current && (await valueOf(secrets, pair.name, "AWSPREVIOUS"));
    problems.push(generationProblem(pair, current?.username, catalog) ?? "");
    for (const { login, password } of [pair.active, pair.idle]) {
      const found = [current, previous].find((value) => value?.username === login)?.password;
      if (found) {
        values.set(password.urn, found);
      }
    }
    if (pair.idle.canLogin && catalog?.roles.get(pair.idle.login)?.canLogin && !values.has(pair.idle.password.urn)) {
      lost.push(pair.idle.login);
    }
  }
  const paired = new Set(pairs.flatMap(({ active, idle }) => [active.password.urn, idle.password.urn]));
  for (const { urn, name } of program.ofType(PASSWORD).filter((one) => !paired.has(one.urn))) {
    const found = await valueOf(secrets, name, "AWSCURRENT");
    if (found) {
      values.set(urn, found.password);
    }
  }
  const told = problems.filter(Boolean);
  if (told.length > 0) {
    throw new Refusal(`The settings do not go with what is in use, and nothing was changed:\n  ${told.join("\n  ")}`);
  }
  return { values, lost };
}
