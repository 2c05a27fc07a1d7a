import { randomBytes, randomInt } from "node:crypto";
import { Property, ProviderModel, ResourceModel, Values } from "../protocol/model";

/**
 * Stands in for the official `random` plugin. As there, the value lives in Pulumi's state alone: the id is always
 * "none", create makes it, read returns what the state has, delete forgets it.
 *
 * Left out: `bcryptHash` of RandomPassword, which this project has no use for.
 */
const replaced = (more: Property = {}): Property => ({ forceNew: true, ...more });

const CLASSES = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  numeric: "0123456789",
  special: "!@#$%&*()-_=+[]{}<>:?",
} as const;
type CharacterClass = keyof typeof CLASSES;

function minimum(inputs: Values, name: CharacterClass): number {
  return inputs[`min${name[0]?.toUpperCase()}${name.slice(1)}`] as number;
}

function pick(alphabet: string): string {
  return alphabet[randomInt(alphabet.length)] as string;
}

/** Characters of every class in the least number asked for, the rest from all of them, in a random order. */
function generate(inputs: Values): string {
  const classes = (Object.keys(CLASSES) as CharacterClass[]).filter((name) => inputs[name]);
  const alphabet = (name: CharacterClass) =>
    name === "special" && inputs.overrideSpecial ? (inputs.overrideSpecial as string) : CLASSES[name];
  const characters = classes.flatMap((name) =>
    Array.from({ length: minimum(inputs, name) }, () => pick(alphabet(name))),
  );
  const all = classes.map(alphabet).join("");
  while (characters.length < inputs.length) {
    characters.push(pick(all));
  }
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] as string, characters[last] as string];
  }
  return characters.join("");
}

/** `imported` is what an import's id tells, which is the value itself (ImportState of resource_password.go, resource_bytes.go). */
function stateless(
  properties: Record<string, Property>,
  make: (inputs: Values) => Values,
  imported: (value: string) => Values,
): ResourceModel<object> {
  return {
    properties,
    importer: (_, value) => Promise.resolve({ id: "none", state: imported(value) }),
    create: (_, inputs) => Promise.resolve({ id: "none", state: { ...inputs, ...make(inputs) } }),
    read: (_, _id, state) => Promise.resolve(state),
    delete: () => Promise.resolve(),
  };
}

const switches = Object.fromEntries(Object.keys(CLASSES).map((name) => [name, replaced({ default: true })]));
const minima = Object.fromEntries(
  ["minLower", "minUpper", "minNumeric", "minSpecial"].map((name) => [name, replaced({ default: 0 })]),
);

export const random: ProviderModel<object> = {
  package: "random",
  version: "4.21.2",
  config: {},
  configure: () => ({}),
  resources: {
    "random:index/randomPassword:RandomPassword": {
      ...stateless(
        {
          length: replaced({
            required: true,
            validate: (length: number) => (length < 1 ? `length must be at least 1, got: ${length}` : undefined),
          }),
          overrideSpecial: replaced(),
          keepers: replaced(),
          ...switches,
          ...minima,
          result: { output: true, secret: true },
        },
        (inputs) => ({ result: generate(inputs) }),
        (result) => ({
          ...{ result, length: result.length },
          ...Object.fromEntries(Object.keys(CLASSES).map((name) => [name, true])),
          ...Object.fromEntries(Object.keys(minima).map((name) => [name, 0])),
        }),
      ),
      check: (inputs) => {
        const least = (Object.keys(CLASSES) as CharacterClass[]).reduce((sum, name) => sum + minimum(inputs, name), 0);
        return inputs.length < least
          ? [{ property: "length", reason: `length must be at least the sum of the minima (${least})` }]
          : [];
      },
    },
    "random:index/randomBytes:RandomBytes": stateless(
      {
        length: replaced({ required: true }),
        keepers: replaced(),
        base64: { output: true, secret: true },
        hex: { output: true, secret: true },
      },
      (inputs) => {
        const bytes = randomBytes(inputs.length as number);
        return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
      },
      (base64) => {
        const bytes = Buffer.from(base64, "base64");
        return { base64, hex: bytes.toString("hex"), length: bytes.length };
      },
    ),
  },
};
