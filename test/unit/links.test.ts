import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { brokenLinks } from "../../tools/docs/links";
import { ROOT } from "../../platform/shared/paths";

const documents = readdirSync(path.join(ROOT, "docs"), { recursive: true, encoding: "utf8" });
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...documents.filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`),
];

const folder = mkdtempSync(path.join(tmpdir(), "links-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("links", () => {
  it.each(pages)("of %s lead to files and headings that there are", (page) => {
    expect(brokenLinks(path.join(ROOT, page))).toEqual([]);
  });

  it("that lead nowhere are found", () => {
    const page = path.join(folder, "page.md");
    const text = [
      "# A `page`, of [two](two.md) words",
      "## Again\n## Again",
      "[one](#a-page-of-two-words) [two](#again-1) [three](page.md#again) [four](https://example.com/#x)",
      "[five](#again-2) [six](missing.md) ![seven](missing.svg) [eight](page.md#nowhere)",
      "```md\n# Not a heading\n[nine](missing.md)\n```",
      "[ten](#not-a-heading)",
    ];
    writeFileSync(page, text.join("\n"));
    expect(brokenLinks(page)).toEqual([
      ...["two.md", "#again-2", "missing.md", "missing.svg", "page.md#nowhere", "#not-a-heading"],
    ]);
  });
});
