import { Finding, toList, Resource, ResourceRule, StackRule, toText, UNKNOWN, Value, Values } from "../resource";

/** Names of secrets, recognized by their last word: `password`, `apiToken`; not `secretArn`, which is no secret. */
const NAMED_SO = /(password|passphrase|passwd|secret|token|private[-_]?key|secret[-_]?key|credentials?)s?$/i;
/** Values that are secrets by their look: a private key, an access key of AWS, or a URL with a password in it. */
const LOOKS_SO =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(AKIA|ASIA)[0-9A-Z]{16}\b|\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:[^\s/@]+@/;
const IS_ARN = /^arn:/;
/** Names whose values are ARNs, even where a preview does not know them yet. */
const HOLDS_ARNS = /arns?$/i;
/** The shortest secret that is searched for: shorter values turn up by chance. */
const SHORTEST = 8;

const PASSWORD = "random:index/randomPassword:RandomPassword";
/** The property in which each of these types rightly holds a secret: they make it, keep it, or log in with it. */
const HOLDERS: Record<string, string> = {
  [PASSWORD]: "result",
  "aws:secretsmanager/secretVersion:SecretVersion": "secretString",
  "aws:rds/instance:Instance": "password",
  "postgresql:index/role:Role": "password",
  "pulumi:providers:postgresql": "password",
};
const STACK = "pulumi:pulumi:Stack";

interface Leaf {
  path: string[];
  value: Value;
}

/** Every plain value inside a value, with its path. */
function leaves(value: Value, path: string[] = []): Leaf[] {
  return typeof value === "object" && value !== null
    ? Object.entries(value as Values).flatMap(([key, one]) => leaves(one, [...path, key]))
    : [{ path, value }];
}

/** The last name on a path that is no index in a list. */
const nameOf = (path: string[]) => path.filter((key) => !/^\d+$/.test(key)).pop() ?? "";

function isSecret({ path, value }: Leaf): boolean {
  const written = toText(value);
  const hidden = value === UNKNOWN || (typeof value === "string" && value !== "" && !IS_ARN.test(value));
  return LOOKS_SO.test(written) || (NAMED_SO.test(nameOf(path)) && hidden && !path.some((key) => HOLDS_ARNS.test(key)));
}

const inTag = (key: string) => `the tag ${key} shows a secret to everybody who may list the resource; take it out`;
const inOutput = (path: string) =>
  `the output ${path} shows a secret to everybody who may read the stack; return the ARN of its secret instead`;

export const secretInTags: ResourceRule = ({ type, props }) =>
  type.startsWith("aws:")
    ? leaves(props.tags)
        .filter(isSecret)
        .map(({ path }) => inTag(path.join(".")))
    : [];

/** The secret values that the resources hold; each of those inside JSON by itself, too. */
function secretValues(resources: Resource[]): string[] {
  const held = resources.flatMap(({ type, props }) => toList(props[HOLDERS[type] ?? ""])).map(toText);
  const inside = held.flatMap((one) => {
    try {
      return leaves(JSON.parse(one) as Value).filter(isSecret);
    } catch {
      return []; // no JSON: the secret is the whole of it
    }
  });
  return [...held, ...inside.map(({ value }) => toText(value))].filter((one) => one.length >= SHORTEST);
}

/**
 * No output of the stack shows a secret, and no tag has one as its value. The SDK does not tell whether an output is marked as secret,
 * so it is refused in any case: a password has no business there. In the first preview of a stack most values are unknown; then an
 * output is judged by its name alone, and a tag by whether it is made of a password.
 */
export const secretInOutputs: StackRule = (resources) => {
  const secrets = secretValues(resources);
  const passwords = resources.filter(({ type }) => type === PASSWORD).map(({ urn }) => urn);
  const carries = ({ value }: Leaf) => secrets.some((one) => toText(value).includes(one));
  return resources.flatMap(({ urn, type, props, madeOf }): Finding[] => {
    if (type === STACK) {
      const shown = leaves(props).filter((leaf) => isSecret(leaf) || carries(leaf));
      return shown.map(({ path }) => ({ urn, message: inOutput(path.join(".")) }));
    }
    const made = passwords.some((password) => madeOf.tags?.includes(password));
    return leaves(props.tags)
      .filter((leaf) => carries(leaf) || (made && leaf.value === UNKNOWN))
      .map(({ path }) => ({ urn, message: inTag(path.join(".")) }));
  });
};
