/** Page: what reports look like: one page that needs nothing else, no network and no script; light and dark. */
import { escapeText } from "./Charts.ts";
import { styleSheet } from "./ReportStyle.ts";

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const cells = (row: ReadonlyArray<string>): string =>
    row
      .map((cell, i) => (i === 0 ? `<th scope="row">${escapeText(cell)}</th>` : `<td>${escapeText(cell)}</td>`))
      .join("");
  const heads = head.map((cell) => `<th scope="col">${escapeText(cell)}</th>`).join("");
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join("");
  return `<div class="scroll"><table><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table></div>`;
};

/** Escaped, dates in one line each, what is typed as it is typed. */
export const prose = (text: string): string =>
  escapeText(text.replaceAll(/(?<=\d)-(?=\d)/g, "\u2011")).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

export const figure = (title: string, note: string, chart: string): string =>
  `<figure><figcaption><strong>${escapeText(title)}</strong><span>${escapeText(note)}</span></figcaption>${chart}</figure>`;

export const wide = (chart: string): string => `<div class="wide">${chart}</div>`;

export const facts = (rows: ReadonlyArray<readonly [string, string]>): string =>
  `<dl>${rows.map(([name, value]) => `<div><dt>${escapeText(name)}</dt><dd>${escapeText(value)}</dd></div>`).join("")}</dl>`;

export const warningLine = (warning: string): string => `<p class="warning">${prose(`Warning: ${warning}.`)}</p>`;

/** The findings in a few words each, the figure large. */
export const tilesOf = (
  tiles: ReadonlyArray<{ readonly figure: string; readonly text: string; readonly detail: string }>,
): string =>
  tiles
    .map(
      ({ figure, text, detail }) =>
        `<div class="tile"><b>${escapeText(figure)}</b><p>${escapeText(text)}</p><small>${escapeText(detail)}</small></div>`,
    )
    .join("");

export interface Page {
  readonly title: string;
  /** What the report is of, beside our name. */
  readonly brand: string;
  /** As HTML. */
  readonly header: string;
  readonly sections: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export const page = ({ brand, createdAt, header, sections, title }: Page): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escapeText(title)}</title>
<style>${styleSheet}</style></head><body><main>
<header><p class="brand">Slipstream <span>${escapeText(brand)}</span></p>${header}</header>
${sections}
<footer>${escapeText(createdAt.slice(0, 16).replace("T", " "))} UTC</footer>
</main></body></html>
`;
