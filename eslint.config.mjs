import js from "@eslint/js";
import tseslint from "typescript-eslint";

const SPEED = "a test must not depend on how fast the machine is";
const EVENT = "wait for what comes of it: expect.poll, an event, the end of a process";
const COUNT = "count what is done (messages, calls, bytes), or compare what comes first";
const LIMIT = "the limits stand in vitest.config.mts";

/** Keeps fixed times, clocks and limits of their own out of tests; test/bench measures, and may have them. */
const timeless = {
  files: ["test/{stack,support,unit}/**/*.ts"],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        paths: ["node:timers/promises", "timers/promises"].map((name) => ({
          name,
          importNames: ["setTimeout"],
          message: `${SPEED}; ${EVENT}.`,
        })),
        patterns: [{ group: ["**/port-forwarding-session"], importNames: ["sleep"], message: `${SPEED}; ${EVENT}.` }],
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
);
