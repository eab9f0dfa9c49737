/**
 * Address: where servers are. An address is read whole or refused: what could be taken two ways, such as an unencoded `@`,
 * `/`, `?` or `#` in a password, is never guessed at, so that no part of a password is ever taken for a host.
 */
import { Option } from "effect";
import { parseInteger } from "./Grammar.ts";
import type { Form } from "./Setting.ts";

/** A name, or an address of IPv4. */
export const hostName = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_.])?$/i;
const ipv6 = /^[0-9a-f.]*:[0-9a-f.:]*:[0-9a-f.]*(?:%[\w.-]+)?$/i;

/** `::1` as `[::1]`, as it stands before a port. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host);

export const withoutBrackets = (host: string): string => (/^\[.*\]$/.test(host) ? host.slice(1, -1) : host);

export const isHost = (host: string): boolean => hostName.test(host) || ipv6.test(host);

/** An address to listen on. */
export const host: Form = {
  allowed: "IP address or host name, without scheme and port",
  parse: (text) => Option.filter(Option.some(withoutBrackets(text.trim())), isHost),
};

export const isPort = (text: string): boolean => Option.exists(parseInteger(text), (port) => port > 0 && port < 65_536);

/** White space, and what a WHATWG URL treats as a slash, would be changed in silence. */
export const urlOf = (text: string): Option.Option<URL> =>
  /[\s\\]/.test(text) || !URL.canParse(text) ? Option.none() : Option.some(new URL(text));

const hostForm = /^(?:\[[\da-f:.]+\]|[^\s,/?#@:[\]\\]+)(?::\d{0,5})?$/i;

/** `name:port` as a URL; undefined where it is not one. */
export const urlOfHost = (host: string, scheme = "http:"): URL | undefined =>
  hostForm.test(host) && URL.canParse(`${scheme}//${host}`) ? new URL(`${scheme}//${host}`) : undefined;

/** The name in `host` as browsers spell it: lower case, addresses in full, no port, no final dot. */
export const nameIn = (host: string): string | undefined => urlOfHost(host)?.hostname.replace(/\.$/, "");

/** Of a name as `nameIn` spells it. */
export const isLoopback = (name: string): boolean =>
  name === "localhost" ||
  name.endsWith(".localhost") ||
  /^127\.\d+\.\d+\.\d+$/.test(name) ||
  name === "[::1]" ||
  /^\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\]$/.test(name);
