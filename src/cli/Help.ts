/** Help: the first page, what there is and where to start, and a page per command. Plain text, without colours. */

import type { Group, Setting } from "../config/Setting.ts";
import type { Command } from "./Command.ts";
import { exitCodes } from "./ExitCode.ts";
import { type Adapters, everybodys, serversOf, settingsWith } from "./Settings.ts";

const width = 110;

/** Lines of at most `most` characters, the first after `head`, the others under where that ends. */
const hanging = (head: string, indent: number, text: string, most = width): string => {
  const lines: Array<string> = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > most) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  const [first, ...rest] = [...lines, line];
  return [head.padEnd(indent) + first, ...rest.map((line) => " ".repeat(indent) + line)].join("\n");
};

const table = (rows: ReadonlyArray<readonly [head: string, text: string]>): string => {
  const indent = Math.max(...rows.map(([head]) => head.length)) + 4;
  return rows.map(([head, text]) => hanging(`  ${head}`, indent, text)).join("\n");
};

export const firstPage = (version: string, commands: ReadonlyArray<Command>): string =>
  `Slipstream ${version}: real-time recommendations for shops

Usage: node dist/main.js COMMAND [--flag value …]
       ROLE=COMMAND node dist/main.js

${table(commands.map(({ about, name }) => [name, about]))}

Start here:
  node dist/main.js all-in-one                      a sample shop, live on http://127.0.0.1:8000
  node dist/main.js import --events events.csv --user user_id --item item_id && node dist/main.js all-in-one
                                                    your own shop

Every flag is also an environment variable; flags win. \`COMMAND --help\` lists them with their defaults.
${hanging("", 0, exitCodes, 118)}
`;

const envsOf = (groups: ReadonlyArray<Group>): ReadonlySet<string> =>
  new Set(groups.flatMap((group) => Object.values(group)).map(({ env }) => env));

const flagRow = ({ allowed, description, env, fallback, flag }: Setting<unknown>) =>
  [`--${flag}`, `${description} [${env}: ${allowed}${fallback === "" ? "" : `; default ${fallback}`}]`] as const;

/** `path`: the words that name the command. */
export const page = (version: string, path: string, command: Command, adapters: Adapters): string => {
  const { about, operands = [], steps = [] } = command;
  const settings = settingsWith(adapters)(command);
  const everyones = envsOf(everybodys(adapters));
  const servers = envsOf(serversOf(adapters));
  const flags = (title: string, rows: ReadonlyArray<readonly [string, string]>) =>
    rows.length === 0 ? [] : [`${title}:\n${table(rows)}`];
  const rowsOf = (which: (env: string) => boolean) => settings.filter(({ env }) => which(env)).map(flagRow);
  const usage = ["node dist/main.js", path, ...operands.map(({ name }) => name), "[--flag value …]"].join(" ");
  const sections = [
    `Slipstream ${version}`,
    `${path}: ${about}`,
    `Usage: ${usage}`,
    ...(operands.length === 0 ? [] : [table(operands.map(({ about, name }) => [name, about]))]),
    ...flags(
      `${path} alone, or with a further word`,
      steps.map(({ about, name }) => [name, about]),
    ),
    ...flags(
      "Flags [and the environment variables of the same meaning]",
      rowsOf((env) => !everyones.has(env) && !servers.has(env)),
    ),
    ...flags(
      "Where the stores are",
      rowsOf((env) => servers.has(env)),
    ),
    ...flags("Flags of every command", [...rowsOf((env) => everyones.has(env)), ["--help, -h", "This page."]]),
  ];
  return `${sections.join("\n\n")}\n`;
};
