import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** A heading's anchor, as GitHub makes it. */
export const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");

/** A page without what stands in blocks of code, where no link is one. */
const prose = (file: string) => readFileSync(file, "utf8").replace(/^( *)```.*?^\1```$/gms, "");

/** The anchors of a page; a heading that comes again has a number. */
function anchorsOf(file: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => {
    const name = anchor(heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1"));
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}-${times}`;
  });
}

/** Links of a page to files or headings that there are not. */
export function brokenLinks(page: string): string[] {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) {
      return false;
    }
    const [place = "", heading] = link.split("#");
    const file = place ? path.join(path.dirname(page), place) : page;
    return !existsSync(file) || (heading !== undefined && !anchorsOf(file).includes(heading));
  });
}
