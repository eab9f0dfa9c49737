import { describe, expect, it } from "@effect/vitest";
import { type Config, ConfigProvider, Duration, Effect, Equal, Exit, Option, Redacted } from "effect";
import fc from "fast-check";
import { adapters } from "../../layers/Settings.ts";
import { allSettings } from "../../src/cli/Settings.ts";
import * as Setting from "../../src/config/Setting.ts";
import { learning } from "../../src/learning/Settings.ts";

const settings = allSettings(adapters);

const given = <A>(config: Config.Config<A>, entries: Readonly<Record<string, string>>) =>
  Effect.runSyncExit(
    Effect.withConfigProvider(config, ConfigProvider.fromMap(new Map(Object.entries(entries)))) as Effect.Effect<A>,
  );

const read = <A>(setting: Setting.Setting<A>, text: string) => given(setting.config, { [setting.env]: text });

const same = (a: unknown, b: unknown): boolean =>
  Redacted.isRedacted(a) && Redacted.isRedacted(b) ? Redacted.value(a) === Redacted.value(b) : Equal.equals(a, b);

describe.each(settings.map((setting) => [setting.env, setting] as const))("%s", (_, setting) => {
  const unset = Exit.getOrElse(given(setting.config, {}), () => expect.unreachable());

  it("is unset where its value is blank", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(" ", "\t", "\n"), maxLength: 4 }), (blank) => {
        const value = Exit.getOrElse(read(setting, blank), () => expect.unreachable());
        expect(same(value, unset)).toBe(true);
      }),
    );
  });

  it("can be given the default that help shows", () => {
    if (setting.fallback === "") return;
    const parsed = Option.getOrElse(setting.parse(setting.fallback), () => expect.unreachable());
    expect(same(parsed, unset)).toBe(true);
  });

  it("takes what its parser takes and nothing else, and tells what it takes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom("1e3", "NaN", "-1 s")), (text) => {
        if (Setting.isUnset(text)) return;
        const exit = read(setting, text);
        expect(Exit.isSuccess(exit)).toBe(Option.isSome(setting.parse(text)));
        if (Exit.isSuccess(exit)) return;
        expect(String(exit)).toContain(setting.env);
        expect(String(exit)).not.toContain("provided map");
      }),
    );
  });
});

const outcome = (setting: Setting.Setting<unknown>) => (text: string) =>
  Option.match(setting.parse(text), { onNone: () => "refused", onSome: (value) => value });

describe("what is written as", () => {
  const whole = outcome(Setting.integer("X", { default: 8, min: -8, max: 64, multipleOf: 8, description: "" }));
  it.each([
    ["8", 8],
    [" 16\n", 16],
    ["-8", -8],
    ["008", 8],
  ])("a whole number, %j, is %d", (text, value) => expect(whole(text)).toBe(value));
  it.each(["7", "72", "-16", "8.0", "8e0", "0x10", "+8", "1_6", "eight", "8,", "Infinity", "٨", "9007199254740993"])(
    "a whole number, %j, is refused",
    (text) => expect(whole(text)).toBe("refused"),
  );

  const number = outcome(Setting.number("X", { default: 0, min: -1, description: "" }));
  it.each([
    ["0.5", 0.5],
    [".5", 0.5],
    ["-1", -1],
    ["1e-9", 1e-9],
    ["2E3", 2000],
  ])("a number, %j, is %d", (text, value) => expect(number(text)).toBe(value));
  it.each(["-1.5", "+5", "0x10", "1_000", "1e999", "Infinity", "NaN", "5.", "1,5", "½", "--1", "1e"])(
    "a number, %j, is refused",
    (text) => expect(number(text)).toBe("refused"),
  );

  const duration = outcome(Setting.duration("X", { default: "1 seconds", max: "2 weeks", description: "" }));
  it.each([
    ["300 seconds", 300_000],
    ["1 second", 1000],
    ["250ms", 250],
    ["1.5 Hours", 5_400_000],
    ["5min", 300_000],
    ["0 s", 0],
    ["2w", 1_209_600_000],
  ])("a duration, %j, is %d ms", (text, millis) => expect(duration(text)).toEqual(Duration.millis(millis)));
  it.each([
    "-5 seconds",
    "Infinity",
    "5",
    "5 m",
    "15 days",
    "1e3 s",
    "+5 s",
    "s",
    "5 parsecs",
    "5 s 3 ms",
    "5 valueOf",
  ])("a duration, %j, is refused", (text) => expect(duration(text)).toBe("refused"));

  const boolean = outcome(Setting.boolean("X", { default: false, description: "" }));
  it.each([
    ["true", true],
    ["Yes", true],
    ["1", true],
    ["FALSE", false],
    ["off", false],
    ["2", "refused"],
    ["truth", "refused"],
  ])("a boolean, %j, is %s", (text, value) => expect(boolean(text)).toBe(value));

  it("a choice is read in any case", () => {
    const setting = Setting.choice("X", ["debug", "info"], { default: "info", description: "" });
    expect(["DEBUG", " Info ", "warn"].map(outcome(setting))).toEqual(["debug", "info", "refused"]);
  });
});

it("tells of every wrong value of a group, with its name and what is allowed", () => {
  const exit = given(Setting.values(learning), { LEARNING_RATE: "fast", DEBOUNCE: "-5 seconds", FOLD_IN_DECAY: "0.5" });
  const text = String(exit);
  expect(text).toContain('LEARNING_RATE is \\"fast\\"; allowed: number from 0 to 1');
  expect(text).toContain(
    'DEBOUNCE is \\"-5 seconds\\"; allowed: duration from 0 seconds to 1 day (a number and ms, s, min',
  );
  expect(text).not.toContain("FOLD_IN_DECAY");
});
