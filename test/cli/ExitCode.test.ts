import { describe, expect, it } from "@effect/vitest";
import { Exit } from "effect";
import type { Command } from "../../src/cli/Command.ts";
import { commands } from "../../src/cli/Commands.ts";
import { exitCode } from "../../src/cli/ExitCode.ts";
import { EvaluateError } from "../../src/evaluation/EvaluateError.ts";
import { InputError } from "../../src/intake/InputError.ts";
import { KeysError } from "../../src/keys/KeysError.ts";
import { SqlError } from "../../src/ports/Sql.ts";
import { TuneError } from "../../src/tuning/Problems.ts";

const message = "it is wrong";
const command = (name: string): Command | undefined => commands.find((one) => one.name === name);
const ended = (name: string, error: unknown) => exitCode(Exit.fail(error), command(name), undefined);
const input = (reason: InputError["reason"]) => new InputError({ reason, file: "e.csv", message });
const sql = (reason: SqlError["reason"]) => new SqlError({ reason, message });

describe("what was typed and is of no use ends with 64, though it was found out late", () => {
  it.each([
    ["keys", new KeysError({ reason: "BadName", message })],
    ["import", input("BadOption")],
    ["import", input("MissingColumn")],
    ["sql", sql("Statement")],
    ["sql", sql("Forbidden")],
  ])("of %s: %s", (name, error) => expect(ended(name, error)).toBe(64));
});

describe("too little to learn from, or to measure, ends with 65", () => {
  it.each([
    ["tune", new TuneError({ reason: "TooLittle", message })],
    ["evaluate", new EvaluateError({ reason: "NoData", message })],
    ["evaluate", new EvaluateError({ reason: "TooFewDays", message })],
    ["evaluate", new EvaluateError({ reason: "NothingToScore", message })],
  ])("of %s: %s", (name, error) => expect(ended(name, error)).toBe(65));
});

describe("what files, stores or this program are at fault for ends with 1", () => {
  it.each([
    ["keys", new KeysError({ reason: "NameTaken", message })],
    ["import", input("MissingFile")],
    ["import", input("TooManyRejects")],
    ["batch", input("MissingColumn")],
    ["sql", sql("Memory")],
    ["batch", sql("Statement")],
    ["evaluate", new EvaluateError({ reason: "NotWritten", message })],
  ])("of %s: %s", (name, error) => expect(ended(name, error)).toBe(1));
});
