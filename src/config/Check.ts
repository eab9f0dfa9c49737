/** Check: what is wrong with the settings, found before any work is done: each wrong value, then what does not fit together. */
import { Config, ConfigProvider, Duration, Effect, Option, Redacted } from "effect";
import { parseRedisUrl } from "./Address.ts";
import { kafka, redis } from "./ServerSettings.ts";
import { complaint, isUnset, type Setting } from "./Setting.ts";
import { retraining, runtime } from "./Settings.ts";

/** Texts by environment variable: the environment, with what flags gave laid over it. */
export type Texts = ReadonlyMap<string, string>;

export const providerOf = (texts: Texts): ConfigProvider.ConfigProvider => ConfigProvider.fromMap(new Map(texts));

/** A rule about several settings: the sentence about what breaks it, if anything does. */
type Rule = Config.Config<string | undefined>;

const onKafka = <A extends Readonly<Record<string, Config.Config<unknown>>>>(
  settings: A,
  broken: (values: { readonly [K in keyof A]: Config.Config.Success<A[K]> }) => string | undefined,
): Rule =>
  Config.map(Config.all({ brokers: kafka.brokers.config, values: Config.all(settings) }), ({ brokers, values }) =>
    brokers === "" ? undefined : broken(values as { readonly [K in keyof A]: Config.Config.Success<A[K]> }),
  );

const shorter = (less: Setting<Duration.Duration>, more: Setting<Duration.Duration>): Rule =>
  onKafka({ less: less.config, more: more.config }, (values) =>
    Duration.lessThan(values.less, values.more)
      ? undefined
      : `${less.env} (${Duration.format(values.less)}) must be shorter than ${more.env} (${Duration.format(values.more)})`,
  );

const rules: ReadonlyArray<Rule> = [
  shorter(runtime.drainTimeout, kafka.rebalanceTimeout),
  shorter(kafka.heartbeat, kafka.sessionTimeout),
  shorter(kafka.fetchWait, kafka.requestTimeout),
  onKafka({ events: kafka.topic.config, letters: kafka.deadLetterTopic.config }, ({ events, letters }) =>
    events === letters
      ? `${kafka.topic.env} and ${kafka.deadLetterTopic.env} must differ: both are ${events}`
      : undefined,
  ),
  onKafka(
    { sasl: kafka.sasl.config, username: kafka.username.config, password: kafka.password.config },
    ({ password, sasl, username }) => {
      if (sasl === "none") return undefined;
      const missing = [
        ...(username === "" ? [kafka.username.env] : []),
        ...(Redacted.value(password) === "" ? [kafka.password.env] : []),
      ];
      return missing.length === 0 ? undefined : `${kafka.sasl.env}=${sasl} needs ${missing.join(" and ")}`;
    },
  ),
  Config.map(Config.all({ every: retraining.every.config, at: retraining.at.config }), ({ at, every }) =>
    at !== "" && !Duration.isZero(every)
      ? `${retraining.every.env} and ${retraining.at.env} exclude each other: drop ${retraining.at.env} to learn every ${Duration.format(every)}, or ${retraining.every.env} to learn daily at ${at}`
      : undefined,
  ),
  Config.map(Config.all({ cluster: redis.cluster.config, url: redis.url.config }), ({ cluster, url }) =>
    cluster && Option.exists(parseRedisUrl(Redacted.value(url)), ({ database }) => database !== 0)
      ? `${redis.cluster.env} and a database in ${redis.url.env} exclude each other: a cluster has database 0 alone`
      : undefined,
  ),
];

/** A sentence for each wrong value and, where there is none, for each broken rule. `nameOf`: how a setting was given. */
export const wrongSettings = (
  settings: Iterable<Setting<unknown>>,
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
