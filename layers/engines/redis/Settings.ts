/** Settings: where Redis is, and what is kept there. */
import { Config, Option, Redacted } from "effect";
import type { Rule } from "../../../src/config/Check.ts";
import { boolean, duration, secret, text } from "../../../src/config/Setting.ts";
import { parseRedisUrl, redisUrl } from "./Address.ts";

export const redis = {
  url: secret(
    "REDIS_URL",
    { description: "Redis or Valkey that holds user states, the catalogue, models and best sellers; unset: embedded." },
    redisUrl,
  ),
  password: secret("REDIS_PASSWORD", { description: "Password of REDIS_URL, where that has none." }),
  cluster: boolean("REDIS_CLUSTER", { default: false, description: "REDIS_URL is a node of a cluster." }),
  prefix: text("REDIS_PREFIX", { default: "slipstream", description: "Begins every key." }),
  userTtl: duration("REDIS_USER_TTL", {
    default: "400 days",
    max: "36500 days",
    description:
      "Who never bought anything is forgotten after this long without events, a day at least; 0 seconds keeps all.",
  }),
};

export const rules: ReadonlyArray<Rule> = [
  Config.map(Config.all({ cluster: redis.cluster.config, url: redis.url.config }), ({ cluster, url }) =>
    cluster && Option.exists(parseRedisUrl(Redacted.value(url)), ({ database }) => database !== 0)
      ? `${redis.cluster.env} and a database in ${redis.url.env} exclude each other: a cluster has database 0 alone`
      : undefined,
  ),
];
