/** Table: commands and settings as the README shows them. */
import type { Setting } from "../config/Setting.ts";
import { commands } from "./Commands.ts";
import { role } from "./Role.ts";
import { type Adapters, groupsWith } from "./Settings.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

const settingRow = ({ allowed, env, flag, kind, choices, fallback, description }: Setting<unknown>): string => {
  const value = kind === "choice" ? choices.map((choice) => `\`${choice}\``).join(", ") : cell(allowed);
  const typed = env === role.env ? "" : `\`--${flag}\``;
  return `| \`${env}\` | ${typed} | ${value} | ${fallback === "" ? "" : `\`${cell(fallback)}\``} | ${cell(description)} |`;
};

/** One Markdown table, grouped by the service that reads the setting. */
export const settingsTable = (adapters: Adapters): string =>
  [
    "| variable | flag | value | default | meaning |",
    "|---|---|---|---|---|",
    ...Object.entries(groupsWith(adapters)).flatMap(([name, group]) => [
      `| **${name}** | | | | |`,
      ...Object.values(group).map(settingRow),
    ]),
  ].join("\n");

/** A row per command, its steps in brackets. */
export const commandsTable = (): string =>
  [
    "| command | what it does |",
    "|---|---|",
    ...commands.map(({ about, name, steps = [] }) => {
      const words = steps.map(({ name, operands = [] }) => [name, ...operands.map(({ name }) => name)].join(" "));
      return `| \`${name}${words.length === 0 ? "" : cell(` [${words.join("|")}]`)}\` | ${cell(about)} |`;
    }),
  ].join("\n");
