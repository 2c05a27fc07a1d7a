import { describe, expect, it } from "vitest";
import { everywhere } from "../../compliance/control";
import { valuesAt } from "../../compliance/proof/property";
import { listTable } from "../../tools/docs/compliance-tables";
import { readTests } from "../../compliance/proof/titles";

describe("the titles of tests", () => {
  it("are read as they are written: nested, in tables, in templates; not those that do not run", () => {
    const { titles, texts, imports } = readTests(
      `import { x } from "./x";
       describe.each(["a", "b"])("the %s", (name) => {
         it("is", () => {});
         describe("inner", () => { it.each([["line", 1]])("has %s", () => {}); });
         it.skip("rests", () => {});
         test(\`knows \${name}\`, () => {});
       });
       describe.skip("asleep", () => { it("dreams", () => {}); });
       other("is none", () => {});`,
      "x.test.ts",
    );
    expect(titles).toEqual(["the %s > is", "the %s > inner > has %s", "the %s > knows ${name}"]);
    expect(texts).toContain("line");
    expect(imports).toEqual(["./x"]);
  });
});

describe("a property", () => {
  const inputs = {
    plain: 1,
    parameters: [
      { name: "a.b", value: "on" },
      { name: "c", value: "off" },
    ],
    rules: [{ days: 1 }, { days: 2 }],
  };

  it.each([
    ["plain", [1]],
    ["parameters[name=a.b].value", ["on"]],
    ["parameters[name=d].value", []],
    ["rules.*.days", [1, 2]],
    ["nothing.there", [undefined]],
  ])("%s", (place, values) => {
    expect(valuesAt(inputs, place)).toEqual(values);
  });
});

describe("the page", () => {
  it("shows an exception with its reason, and no cell ends too early", () => {
    const text = listTable({
      title: "",
      about: "",
      asks: { one: "a | b" },
      controls: { one: { exceptions: everywhere("too dear") } },
    });
    expect(text.split("\n")[2]).toBe("| one | a \\| b | **Exception**: too dear | exception | exception |");
  });
});
