import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { format } from "prettier";
import { prove } from "../../compliance";
import { gatherEvidence } from "../../compliance/proof/evidence";
import { compliancePage } from "./compliance-page";
import { dashboardPicture } from "./dashboard";
import { PAGES, replaceSection } from "./tables";

const ROOT = path.join(__dirname, "../..");

/** Writes the computed tables into the documentation, the picture of the dashboard and the map of controls: `make docs`. */
async function main(): Promise<void> {
  for (const [page, sections] of Object.entries(PAGES)) {
    const file = path.join(ROOT, page);
    let text = readFileSync(file, "utf8");
    for (const [name, content] of Object.entries(sections)) {
      text = replaceSection(text, name, content());
    }
    writeFileSync(file, await format(text, { parser: "markdown", printWidth: 120 }));
    console.log(`${page}: written`);
  }
  writeFileSync(path.join(ROOT, "docs", "dashboard.svg"), dashboardPicture());
  console.log("docs/dashboard.svg: written");
  // Last: it names headings of the pages above.
  prove(await gatherEvidence());
  writeFileSync(path.join(ROOT, "docs", "compliance.md"), compliancePage());
  console.log("docs/compliance.md: written");
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
