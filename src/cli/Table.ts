/** Table: the settings as the README shows them. */
import type { Setting } from "./Setting.ts";
import { groups } from "./Settings.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const row = ({ allowed, env, flag, kind, choices, fallback, description }: Setting<unknown>): string => {
  const value = kind === "choice" ? choices.map((choice) => `\`${choice}\``).join(", ") : cell(allowed);
  return `| \`${env}\` | \`--${flag}\` | ${value} | ${fallback === "" ? "" : `\`${cell(fallback)}\``} | ${cell(description)} |`;
};

/** One Markdown table, grouped by the service that reads the setting. */
export const settingsTable = (): string =>
  [
    "| variable | flag | value | default | meaning |",
    "|---|---|---|---|---|",
    ...Object.entries(groups).flatMap(([name, group]) => [
      `| **${name}** | | | | |`,
      ...Object.values(group as Readonly<Record<string, Setting<unknown>>>).map(row),
    ]),
  ].join("\n");
