import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import { compliancePage, prove } from "./compliance";
import { gatherEvidence } from "./compliance/evidence";
import { dashboardPicture } from "./dashboard";
import { PAGES, replaceSection } from "./tables";

/** Writes the computed tables into the documentation, the picture of the dashboard and the map of controls: `make docs`. */
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
  // Last: it names headings of the pages above.
  prove(await gatherEvidence());
  writeFileSync(path.join(__dirname, "compliance.md"), compliancePage());
  console.log("docs/compliance.md: written");
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
