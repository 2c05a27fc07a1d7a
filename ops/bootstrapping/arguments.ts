import { Misuse } from "../shared/errors";

/** What can be wrong with the command line, each with its cure. No AWS client in here. */

/** As in model/settings/index.ts, which would load all of Pulumi. */
export const LONGEST_NAME = 40;

export function application(name: string): string {
  if (!/^[a-z][a-z0-9]*$/.test(name)) {
    throw new Misuse(
      `--application: "${name}" must be lower-case letters and digits, beginning with a letter, e.g. markenmate`,
    );
  }
  return name;
}

export function repository(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]*\/[\w.-]+$/.test(name)) {
    throw new Misuse(
      `--repository: "${name}" is no repository on GitHub; write owner/name, without https:// and without *`,
    );
  }
  return name;
}

export function accountId(id: string): string {
  if (!/^\d{12}$/.test(id)) {
    throw new Misuse(`--account: "${id}" is no AWS account; give its twelve digits`);
  }
  return id;
}

/** S3's own rules, and no dots, with which TLS does not work. */
export function stateBucket(name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
    throw new Misuse(
      `--state-bucket: "${name}" is no name that S3 takes; use 3 to 63 lower-case letters, digits and hyphens`,
    );
  }
  return name;
}

export function environments(list: string): string[] {
  const names = list.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name));
  if (wrong !== undefined) {
    throw new Misuse(`--environment: "${wrong}" must be lower-case letters, digits and single hyphens, e.g. dev,prod`);
  }
  if (names.some((name) => name === "pulumi" || name.startsWith("pulumi-"))) {
    throw new Misuse(
      "--environment: pulumi is how the state bucket begins, which no stack may change; choose another name",
    );
  }
  for (const name of names) {
    const longer = names.find((other) => other !== name && other.startsWith(`${name}-`));
    if (longer) {
      throw new Misuse(
        `--environment: everything of ${longer} begins with ${name}-, so that who deploys ${name} could change it; rename one of them`,
      );
    }
  }
  return [...new Set(names)];
}

export function refuseLongNames(name: string, stacks: string[]): void {
  const long = stacks.map((stack) => `${name}-${stack}`).find((whole) => whole.length > LONGEST_NAME);
  if (long) {
    throw new Misuse(
      `--environment: ${long} has ${long.length} characters; AWS's limits leave ${LONGEST_NAME}. Shorten the stack's name or --application`,
    );
  }
}
