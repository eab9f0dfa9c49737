/**
 * Address: where servers are. An address is read whole or refused: what could be taken two ways, such as an unencoded `@`,
 * `/`, `?` or `#` in a password, is never guessed at, so that no part of a password is ever taken for a host.
 */
import { Option, Redacted } from "effect";
import { parseInteger } from "./Grammar.ts";
import type { Form } from "./Setting.ts";

const hostName = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?$/i;
const ipv6 = /^[0-9a-f.]*:[0-9a-f.:]*:[0-9a-f.]*(?:%[\w.-]+)?$/i;

/** `::1` as `[::1]`, as it stands before a port. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

const withoutBrackets = (host: string): string => (/^\[.*\]$/.test(host) ? host.slice(1, -1) : host);

const isHost = (host: string): boolean => hostName.test(host) || ipv6.test(host);

/** An address to listen on. */
export const host: Form = {
  allowed: "IP address or host name, without scheme and port",
  parse: (text) => Option.filter(Option.some(withoutBrackets(text.trim())), isHost),
};

const isPort = (text: string): boolean => Option.exists(parseInteger(text), (port) => port > 0 && port < 65_536);

const isBroker = (text: string): boolean => {
  const colon = text.lastIndexOf(":");
  return hostName.test(text.slice(0, colon)) && isPort(text.slice(colon + 1));
};

/** Kafka's brokers, without white space and empty parts. */
export const brokers: Form = {
  allowed: "HOST:PORT, several separated by commas, without scheme, user and password",
  hidden: true,
  parse: (text) => {
    const list = text
      .split(",")
      .map((broker) => broker.trim())
      .filter((broker) => broker !== "");
    return list.length > 0 && list.every(isBroker) ? Option.some(list.join(",")) : Option.none();
  },
};

/** A name that Kafka takes for a topic. */
export const topic: Form = {
  allowed: "1 to 249 letters, digits, dots, dashes and underscores",
  parse: (text) => Option.filter(Option.some(text), (name) => /^[\w.-]{1,249}$/.test(name) && !/^\.{1,2}$/.test(name)),
};

/** White space, and what a WHATWG URL treats as a slash, would be changed in silence. */
const urlOf = (text: string): Option.Option<URL> =>
  /[\s\\]/.test(text) || !URL.canParse(text) ? Option.none() : Option.some(new URL(text));

const isQdrant = ({ hostname, protocol }: URL): boolean =>
  /^https?:$/.test(protocol) && isHost(withoutBrackets(hostname));

export const qdrantUrl: Form = {
  allowed:
    "http://HOST:PORT or https://HOST:PORT, also with a path, without user and password (QDRANT_API_KEY is the key)",
  hidden: true,
  parse: (text) =>
    /[@?#]/.test(text)
      ? Option.none()
      : Option.map(Option.filter(urlOf(text.trim()), isQdrant), ({ href }) => href.replace(/\/+$/, "")),
};

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
};
