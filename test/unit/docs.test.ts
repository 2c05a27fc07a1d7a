import { readFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { PAGES, replaceSection } from "../../tools/docs/tables";

describe("documentation", () => {
  it.each(Object.entries(PAGES))("%s has the tables of today (`make docs` writes them)", async (page, sections) => {
    const text = readFileSync(path.join(__dirname, "../..", page), "utf8");
    let now = text;
    for (const [name, content] of Object.entries(sections)) {
      now = replaceSection(now, name, content());
    }
    expect(text).toBe(await format(now, { parser: "markdown", printWidth: 120 }));
  });

  it("says which markers are missing", () => {
    expect(() => replaceSection("no markers", "parameters", "x")).toThrowError("parameters: written by");
  });
});
