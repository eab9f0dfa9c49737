/** Address: where Redis is, and with which password. */
import { Option, Redacted } from "effect";
import { isHost, urlOf, withoutBrackets } from "../../../src/config/Address.ts";
import type { Form } from "../../../src/config/Setting.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Empty: none. */
  readonly username: string;
  readonly password: Redacted.Redacted;
  readonly database: number;
}

const decoded = Option.liftThrowable(decodeURIComponent);

export const parseRedisUrl = (given: string): Option.Option<RedisAddress> => {
  const text = given.trim();
  if (!/^rediss?:\/\//i.test(text) || /[?#]/.test(text) || text.indexOf("@") !== text.lastIndexOf("@")) {
    return Option.none();
  }
  return Option.gen(function* () {
    const url = yield* urlOf(text);
    const host = yield* Option.filter(Option.some(withoutBrackets(url.hostname)), isHost);
    const [, database = "0"] = yield* Option.fromNullable(/^(?:\/(\d{1,9})?)?$/.exec(url.pathname));
    return {
      host,
      port: url.port === "" ? 6379 : Number(url.port),
      tls: url.protocol === "rediss:",
      username: yield* decoded(url.username),
      password: Redacted.make(yield* decoded(url.password)),
      database: Number(database),
    };
  });
};

export const redisUrl: Form = {
  allowed:
    "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS; what is special in a password is " +
    "percent-encoded (@ is %40), or the password given as REDIS_PASSWORD",
  parse: (text) => Option.as(parseRedisUrl(text), text.trim()),
  secrets: (text) => Option.toArray(Option.map(parseRedisUrl(text), ({ password }) => Redacted.value(password))),
};
