import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import { dashboardPicture } from "./dashboard";
import { PAGES, replaceSection } from "./tables";

/** Writes the computed tables into the documentation, and the picture of the dashboard: `make docs`. */
async function main(): Promise<void> {
  for (const [page, sections] of Object.entries(PAGES)) {
    const file = path.join(__dirname, "..", page);
    let text = readFileSync(file, "utf8");
    for (const [name, content] of Object.entries(sections)) {
      text = replaceSection(text, name, content());
    }
    writeFileSync(file, await format(text, { parser: "markdown", printWidth: 120 }));
    console.log(`${page}: written`);
  }
  writeFileSync(path.join(__dirname, "dashboard.svg"), dashboardPicture());
  console.log("docs/dashboard.svg: written");
}

void main();
