import { OBJECT_KINDS } from "../../model/access/matrix";
import { MatrixCell } from "./database/access";

/** Sizes in the picture's own units; the page scales it. */
const CELL = 22;
const GAP = 20;
const LEFT = 96;
const TOP = 128;

type Look = "granted" | "none" | "missing" | "extra";

function lookOf({ wanted, wrong }: MatrixCell): Look {
  return wrong > 0 ? (wanted ? "missing" : "extra") : wanted ? "granted" : "none";
}

const WORDS: Record<Look, string> = {
  granted: "has it, and should",
  none: "does not have it, and should not",
  missing: "should have it, and does not",
  extra: "has it, and should not",
};

const MARKS: Record<Look, string> = { granted: "", none: "", missing: "!", extra: "!" };

/** Where each column stands: groups of one kind of object, with a gap between them. */
function columnsOf(cells: MatrixCell[]) {
  const first = cells.filter(({ role }) => role === cells[0]?.role);
  let x = LEFT;
  return OBJECT_KINDS.flatMap((kind) => {
    const group = first.filter((cell) => cell.kind === kind);
    const begin = x;
    const columns = group.map(({ privilege }, index) => ({ kind, privilege, x: begin + index * CELL }));
    x = begin + group.length * CELL + GAP;
    return columns;
  });
}

/** The access matrix as a picture: a row for each role, a column for each right, what is wrong in red. `escape` is the page's. */
export function matrixSvg(cells: MatrixCell[], escape: (text: string) => string): string {
  const roles = [...new Set(cells.map(({ role }) => role))];
  const columns = columnsOf(cells);
  const width = Math.max(...columns.map(({ x }) => x)) + CELL + 34;
  const height = TOP + roles.length * CELL + 4;
  const short = (role: string) => role.replace(/^[^_]*_/, "");
  const heads = columns.map(
    ({ privilege, x }) =>
      `<text class="head" transform="translate(${x + CELL / 2 + 4} ${TOP - 6}) rotate(-90)">${escape(privilege)}</text>`,
  );
  const kinds = OBJECT_KINDS.map((kind) => {
    const x = columns.find((column) => column.kind === kind)?.x ?? 0;
    return `<text class="kind" x="${x}" y="14">${kind}</text>`;
  });
  const names = roles.map(
    (role, row) => `<text class="role" x="${LEFT - 8}" y="${TOP + row * CELL + 15}">${escape(short(role))}</text>`,
  );
  const squares = cells.map((cell) => {
    const { role, kind, privilege } = cell;
    const x = columns.find((column) => column.kind === kind && column.privilege === privilege)?.x ?? 0;
    const y = TOP + roles.indexOf(role) * CELL;
    const look = lookOf(cell);
    const told = `${role}, ${privilege} on ${kind}: ${WORDS[look]}${cell.wrong > 0 ? `, on ${cell.wrong} of ${cell.wrong + cell.right}` : ""}`;
    return (
      `<g><title>${escape(told)}</title><rect class="${look}" x="${x + 2}" y="${y + 2}" width="${CELL - 4}" height="${CELL - 4}" rx="3"/>` +
      `<text class="mark" x="${x + CELL / 2}" y="${y + 16}">${MARKS[look]}</text></g>`
    );
  });
  const wrong = cells.filter((cell) => cell.wrong > 0).length;
  const label = `The access matrix: ${roles.length} roles, ${columns.length} rights, ${wrong === 0 ? "all as they should be" : `${wrong} not as they should be`}`;
  return (
    `<svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">` +
    [...kinds, ...heads, ...names, ...squares].join("") +
    "</svg>"
  );
}
