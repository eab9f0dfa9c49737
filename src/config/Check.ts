/** Check: what is wrong with the settings, found before any work is done: each wrong value, then what does not fit together. */
import { type Config, ConfigProvider, Effect, Option } from "effect";
import { complaint, isUnset, type Setting } from "./Setting.ts";

/** Texts by environment variable: the environment, with what flags gave laid over it. */
export type Texts = ReadonlyMap<string, string>;

export const providerOf = (texts: Texts): ConfigProvider.ConfigProvider => ConfigProvider.fromMap(new Map(texts));

/** A rule about several settings: the sentence about what breaks it, if anything does. */
export type Rule = Config.Config<string | undefined>;

/** A sentence for each wrong value and, where there is none, for each broken rule. `nameOf`: how a setting was given. */
export const wrongSettings = (
  settings: Iterable<Setting<unknown>>,
  rules: ReadonlyArray<Rule>,
  texts: Texts,
  nameOf: (env: string) => string = (env) => env,
): Effect.Effect<ReadonlyArray<string>> => {
  const wrong: Array<string> = [];
  for (const setting of settings) {
    const text = texts.get(setting.env) ?? "";
    if (isUnset(text) || Option.isSome(setting.parse(text))) continue;
    wrong.push(complaint(setting, nameOf(setting.env), text));
  }
  if (wrong.length > 0) return Effect.succeed(wrong);
  return Effect.map(
    Effect.forEach(rules, (rule) => Effect.orElseSucceed(providerOf(texts).load(rule), () => undefined)),
    (broken) => broken.filter((sentence) => sentence !== undefined),
  );
};
