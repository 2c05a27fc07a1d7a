import js from "@eslint/js";
import tseslint from "typescript-eslint";

const SPEED = "a test must not depend on how fast the machine is";
const EVENT = "wait for what comes of it: expect.poll, an event, the end of a process";
const COUNT = "count what is done (messages, calls, bytes), or compare what comes first";
const LIMIT = "the limits stand in vitest.config.mts";

const READERS = "docs/ is for readers: what a test needs of it is in model/, compliance/ or tools/docs/";

/** Keeps fixed times, clocks and limits of their own out of tests; test/bench measures, and may have them. */
const timeless = {
  files: ["test/{stack,support,unit}/**/*.ts", "platform/test/**/*.ts"],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        paths: ["node:timers/promises", "timers/promises"].map((name) => ({
          name,
          importNames: ["setTimeout"],
          message: `${SPEED}; ${EVENT}.`,
        })),
        patterns: [
          { group: ["**/port-forwarding-session"], importNames: ["sleep"], message: `${SPEED}; ${EVENT}.` },
          { regex: String.raw`^(\.\./)+docs/(?!examples/)`, message: READERS },
        ],
      },
    ],
    "no-restricted-syntax": [
      "error",
      { selector: "CallExpression[callee.name='setTimeout']", message: `${SPEED}; ${EVENT}.` },
      {
        selector: "BinaryExpression[operator=/^[<>]/] CallExpression[callee.property.name='now']",
        message: `${SPEED}; ${COUNT}.`,
      },
      {
        selector:
          "CallExpression[callee.property.name=/^(poll|waitFor|waitUntil)$/] > .arguments Property[key.name='timeout']",
        message: `${SPEED}; ${LIMIT}.`,
      },
    ],
  },
};

const only = (files, group, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
});
const UP = "decides, and does nothing: no Pulumi, no AWS, no files, no network, and nothing that stands above it";
const DOES = ["@pulumi/*", "@aws-sdk/*", "pg", "node:*", "!node:crypto"];
const ABOVE = [
  "**/components/**",
  "**/ops/**",
  "**/policy/**",
  "**/local/**",
  "**/platform/**",
  "**/docs/**",
  "**/test/**",
];
/** What RDS itself knows, and the model had first. */
const RDS_MODEL = [
  "!**/model",
  "!**/model/parameters",
  "!**/model/parameters/**",
  "!**/model/access",
  "!**/model/access/scram",
];
const PROGRAM = "belongs to the program, and is imported by it alone";

/** Decisions stand below, resources above: what is imported from where (docs/architecture.md). */
const storeys = [
  only(["model/**/*.ts"], [...DOES, ...ABOVE], `model/ ${UP}`),
  only(["lib/**/*.ts"], [...ABOVE, "**/model/**"], "lib/ is what every program needs, and knows none of them"),
  only(["components/**/*.ts", "index.ts"], ABOVE.slice(1), "the program does not know who runs it or looks at it"),
  only(["local/**/*.ts", "compliance/**/*.ts", "tools/**/*.ts"], ["**/components/**"], `components/ ${PROGRAM}`),
  only(
    ["ops/**/*.ts", "policy/**/*.ts"],
    ["**/components/**", "**/local/**", "**/platform/**"],
    `components/ ${PROGRAM}, and what runs in AWS has no local platform`,
  ),
  only(
    ["platform/!(test)/**/*.ts"],
    [...ABOVE.filter((folder) => folder !== "**/platform/**"), "**/model/**", ...RDS_MODEL],
    "platform/ runs any program: of this one it knows RDS's parameters, SCRAM and lib/ alone",
  ),
  only(
    [".github/**/*.ts"],
    ["**/components/**", "**/local/**", "**/platform/**"],
    `components/ ${PROGRAM}, and a job has no local platform`,
  ),
];

export default tseslint.config(
  { ignores: ["node_modules", ".local"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // A provider's values are whatever a program passes; a model checks what it uses.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "max-lines": ["error", { max: 300 }],
    },
  },
  timeless,
  ...storeys,
);
