import { CheckResult, Finding } from "./finding";
import { matrixSvg } from "./matrix-svg";
import { findingsOf, Report, summary } from "./report";

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Names of tables and roles come from the database, and may be anything. */
const escape = (text: string) => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

const STYLE = `
:root { color-scheme: light dark; --back: #fff; --text: #1d2430; --soft: #5b6675; --line: #d9dee5; --good: #1a7f4b; --bad: #c62828; --part: #9a6700; --box: #f5f7fa; }
@media (prefers-color-scheme: dark) { :root { --back: #14181f; --text: #e6eaf0; --soft: #9aa6b5; --line: #2d3541; --good: #4cc38a; --bad: #ff7b72; --part: #e3b341; --box: #1c222b; } }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 3rem; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.soft { color: var(--soft); } .verdict { font-size: 1.15rem; font-weight: 600; margin: .75rem 0; padding: .6rem .9rem; border-left: .3rem solid; background: var(--box); }
.good { color: var(--good); } .bad { color: var(--bad); } .part { color: var(--part); }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0; border-top: 1px solid var(--line); }
td:first-child { white-space: nowrap; }
article { border: 1px solid var(--line); border-left: .3rem solid var(--bad); border-radius: .3rem; padding: .6rem .9rem; margin: .75rem 0; }
article h3 { margin: 0 0 .3rem; font-size: 1rem; } dl { display: grid; grid-template-columns: 6rem 1fr; gap: .15rem .6rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; }
code { font: .9em ui-monospace, monospace; background: var(--box); padding: .1rem .25rem; border-radius: .2rem; }
.scroll { overflow-x: auto; } svg text { fill: var(--text); font: 12px system-ui, sans-serif; } svg .role { text-anchor: end; font-weight: 600; } svg .kind { fill: var(--soft); font-weight: 600; }
svg .mark { fill: var(--back); text-anchor: middle; font-weight: 700; } rect { stroke-width: 1.5; } .granted { fill: var(--good); stroke: var(--good); } .none { fill: none; stroke: var(--line); }
.missing { fill: none; stroke: var(--bad); stroke-width: 2.5; } .extra { fill: var(--bad); stroke: var(--bad); } svg g:has(.missing) .mark { fill: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; list-style: none; } .legend svg { vertical-align: -3px; margin-right: .35rem; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; } td:first-child { white-space: normal; } }
`;

const LEGEND = [
  ["granted", "granted, as it should be"],
  ["none", "not granted, as it should be"],
  ["missing", "missing"],
  ["extra", "too many"],
].map(
  ([look, words]) =>
    `<li><svg width="16" height="16" aria-hidden="true"><rect class="${look}" x="1.5" y="1.5" width="13" height="13" rx="3"/></svg>${words}</li>`,
);

function finding({ check, controls, subject, found, expected, cure }: Finding): string {
  const rows = [
    ["found", escape(found)],
    ["expected", escape(expected)],
    ["cure", `<code>${escape(cure)}</code>`],
    ["check", escape(check)],
    ["serves", escape(controls.join(", "))],
  ];
  return `<article><h3>${escape(subject)}</h3><dl>${rows.map(([name, text]) => `<dt>${name}</dt><dd>${text}</dd>`).join("")}</dl></article>`;
}

function row({ check, title, controls, findings, skipped }: CheckResult): string {
  const [look, word] =
    findings.length > 0
      ? ["bad", `${findings.length} found`]
      : skipped === undefined
        ? ["good", "ok"]
        : ["part", "in part"];
  const note = skipped === undefined ? "" : `<br><span class="soft">Not looked at: ${escape(skipped)}</span>`;
  return `<tr><td class="${look}">${word}</td><td><code>${escape(check)}</code></td><td>${escape(title)}${note}<br><span class="soft">${escape(controls.join(", "))}</span></td></tr>`;
}

/** A page of its own: it loads nothing, runs nothing, and can be sent by mail. */
export function asHtml(report: Report): string {
  const findings = findingsOf(report);
  const verdict = findings.length === 0 ? "good" : "bad";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(report.stack)}: ${findings.length === 0 ? "no finding" : `${findings.length} found`}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Live check of ${escape(report.stack)}</h1>
<p class="soft">${escape(report.database)}, ${escape(report.at.toISOString())}</p>
<p class="verdict ${verdict}">${escape(summary(report))}</p>
<h2>Who may do what</h2>
<div class="scroll">${matrixSvg(report.matrix, escape)}</div>
<ul class="legend">${LEGEND.join("")}</ul>
${findings.length > 0 ? `<h2>Found</h2>\n${findings.map(finding).join("\n")}` : ""}
<h2>Checks</h2>
<div class="scroll"><table>
${report.results.map(row).join("\n")}
</table></div>
</body>
</html>
`;
}
