/**
 * Hosts: by which names this server may be asked, and pages of which origins may write.
 *
 * A page that has its own name resolve to this machine (DNS rebinding) is of one origin with it, and is given away by
 * its name in the Host header alone. Any other page is of a foreign origin, and every browser says so when it writes.
 */
import { HttpServer } from "@effect/platform";
import { Effect } from "effect";
import { bracketed, isLoopback, nameIn, urlOfHost } from "../../config/Address.ts";
import { shown } from "../../serving/FieldError.ts";
import { ForeignOrigin, InvalidRequest, MisdirectedRequest } from "../Problem.ts";
import { http } from "../Settings.ts";

export interface HostPolicy {
  /** The setting HOST and the address that came of it. */
  readonly listening: ReadonlyArray<string>;
  readonly allowedHosts: ReadonlyArray<string>;
  readonly allowedOrigins: ReadonlyArray<string>;
}

export interface Hosts {
  /** Why a request is not answered; `host` is the Host header, or what stands in the request in its place. */
  readonly hostProblem: (host: string | undefined) => InvalidRequest | MisdirectedRequest | undefined;
  /** Why a page of `origin` may not write. */
  readonly originProblem: (origin: string, host: string | undefined) => ForeignOrigin | undefined;
  /** Whether ALLOWED_ORIGINS names it: its pages may read the answers, too. */
  readonly isAllowedOrigin: (origin: string | undefined) => origin is string;
}

/** What is wrong with a Host header, whoever is asked: it is to name one host, where there is one at all. */
export const malformedHost = (host: string | undefined): InvalidRequest | undefined =>
  host === undefined || nameIn(host) !== undefined
    ? undefined
    : new InvalidRequest({
        detail: "The Host header does not name one host.",
        errors: [{ field: "host", value: shown(host), detail: "send one host and its port, such as localhost:8000" }],
      });

const misdirected = (host: string | undefined) =>
  new MisdirectedRequest({
    detail:
      host === undefined
        ? "The request has no Host header: send the host that is asked, such as localhost:8000."
        : `This server does not go by the host ${shown(host)}: ask it as localhost, or name that host in ALLOWED_HOSTS.`,
  });

export const makeHosts = ({ allowedHosts, allowedOrigins, listening }: HostPolicy): Hosts => {
  const own = new Set(listening.map((host) => nameIn(bracketed(host)) ?? host));
  const any = allowedHosts.includes("*") || (allowedHosts.length === 0 && ![...own].some(isLoopback));
  const names = new Set([...own, ...allowedHosts.map((host) => nameIn(host) ?? host)]);
  const suffixes = allowedHosts.filter((host) => host.startsWith("*.")).map((host) => host.slice(1).toLowerCase());
  const origins = new Set(allowedOrigins.map((origin) => (URL.canParse(origin) ? canonical(origin) : origin)));

  const isKnown = (name: string) =>
    isLoopback(name) || names.has(name) || suffixes.some((suffix) => name.endsWith(suffix));
  const judge = (host: string | undefined) =>
    malformedHost(host) ?? (any || isKnown(nameIn(host ?? "") ?? "") ? undefined : misdirected(host));
  // Most requests name the same host as the one before.
  let last: string | undefined;
  let verdict = judge(last);

  return {
    hostProblem: (host) => {
      if (host === last) return verdict;
      verdict = judge(host);
      last = host;
      return verdict;
    },
    originProblem: (origin, host) => {
      if (origins.has(origin)) return undefined;
      const page = /^https?:\/\//.test(origin) && URL.canParse(origin) ? new URL(origin) : undefined;
      if (page !== undefined && page.host === urlOfHost(host ?? "", page.protocol)?.host) return undefined;
      const detail = `A page of the origin ${shown(origin)} may not write here: name it in ALLOWED_ORIGINS to let it.`;
      return new ForeignOrigin({ detail });
    },
    isAllowedOrigin: (origin): origin is string => origin !== undefined && origins.has(origin),
  };
};

const canonical = (origin: string): string => {
  const url = new URL(origin);
  return url.origin === "null" ? origin : url.origin;
};

/** Of the server that listens. */
export const hosts = Effect.gen(function* () {
  const { address } = yield* HttpServer.HttpServer;
  const host = yield* http.host.config;
  return makeHosts({
    listening: address._tag === "TcpAddress" ? [host, address.hostname] : ["localhost"],
    allowedHosts: yield* http.allowedHosts.config,
    allowedOrigins: yield* http.allowedOrigins.config,
  });
});
