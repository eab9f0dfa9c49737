/** Arguments: the flags and words of a command line. */
import { parseArgs } from "node:util";
import type { Setting } from "../config/Setting.ts";

const isBoolean = (word: string): boolean => word === "true" || word === "false";
/** `--port` is no value, `-5` is one. */
const isFlag = (word: string): boolean => /^-[^\d.]/.test(word);

export interface Flag {
  readonly name: string;
  /** As typed, without its value. */
  readonly typed: string;
  /** Absent: none was given. */
  readonly value: string | undefined;
}

/** Flags and other words, each in their order. `known`: which flags take a value, whatever the command. */
export const split = (args: ReadonlyArray<string>, known: ReadonlyArray<Setting<unknown>>) => {
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: {
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
      ...Object.fromEntries(
        known.map(({ flag, kind }) => [flag, { type: kind === "boolean" ? "boolean" : "string" }] as const),
      ),
    },
  });
  const booleans = new Set(known.filter(({ kind }) => kind === "boolean").map(({ flag }) => flag));
  const words: Array<string> = [];
  const flags: Array<Flag> = [];
  const taken = new Set<number>();
  for (const [i, token] of tokens.entries()) {
    if (token.kind === "positional" && !taken.has(token.index)) words.push(token.value);
    if (token.kind !== "option") continue;
    const { inlineValue, name, rawName, value } = token;
    const typed = rawName.startsWith("--") ? rawName : args[token.index].split("=", 1)[0];
    if (value !== undefined || !booleans.has(name)) {
      flags.push({ name, typed, value: inlineValue === false && isFlag(value ?? "") ? undefined : value });
      continue;
    }
    const next = tokens[i + 1];
    const told = next?.kind === "positional" && isBoolean(next.value) ? next : undefined;
    if (told !== undefined) taken.add(told.index);
    flags.push({ name, typed, value: told?.value ?? "true" });
  }
  return { words, flags };
};
