/**
 * Target: what a request asks for, its path and its query as they were sent, and what is wrong with them.
 *
 * One path has one spelling: neither case nor a slash too many is forgiven, and `;` is a letter like any other. A
 * parameter that a route does not have is an error, since a misspelt one would be ignored in silence.
 */
import type { HttpServerRequest } from "@effect/platform";
import { Either, Encoding } from "effect";
import { nearest } from "../domain/Spelling.ts";
import { type FieldError, shown } from "../serving/FieldError.ts";
import { InvalidRequest, UriTooLong } from "./Problem.ts";

export interface Target {
  /** Host and port where the whole URL was sent (RFC 9112 3.2.2): they count in place of the Host header. */
  readonly authority: string | undefined;
  readonly path: string;
  /** Without its `?`. */
  readonly query: string;
}

const absolute = /^https?:\/\/([^/?#]*)(.*)$/i;

export const targetOf = (url: string): Target => {
  const whole = url.startsWith("/") ? null : absolute.exec(url);
  const local = whole === null ? url : whole[2].startsWith("/") ? whole[2] : `/${whole[2]}`;
  const mark = local.indexOf("?");
  return {
    authority: whole?.[1],
    path: mark === -1 ? local : local.slice(0, mark),
    query: mark === -1 ? "" : local.slice(mark + 1),
  };
};

/** The host that is asked: what the Host header says, unless the whole URL was sent. */
export const hostOf = ({ headers, url }: HttpServerRequest.HttpServerRequest): string | undefined =>
  url.startsWith("/") ? headers.host : (targetOf(url).authority ?? headers.host);

export const maxPathLength = 2048;
const maxErrors = 20;

/** Undefined where it cannot be decoded, or holds a `#`: what that begins is never sent to a server. */
const decoded = (text: string): string | undefined =>
  text.includes("#") ? undefined : Either.getOrUndefined(Encoding.decodeUriComponent(text));

const percentEncoded = "send each % as %25, # as %23, and other characters percent-encoded in UTF-8";

/** What is wrong with the path, whatever the routes are. Its length is that of what it says, not of its encoding. */
export const pathProblem = ({ path }: Target): InvalidRequest | UriTooLong | undefined => {
  const text = decoded(path);
  if ((text ?? path).length > maxPathLength) {
    return new UriTooLong({ detail: `The path has more than ${maxPathLength} characters.` });
  }
  if (text !== undefined) return undefined;
  return new InvalidRequest({
    detail: "The path cannot be decoded.",
    errors: [{ field: "path", value: shown(path), detail: percentEncoded }],
  });
};

const parameterError = (piece: string, known: ReadonlyArray<string>): FieldError | undefined => {
  const [name, ...rest] = piece.replaceAll("+", " ").split("=");
  const value = rest.join("=");
  const field = decoded(name);
  if (field === undefined || decoded(value) === undefined) {
    return { field: String(shown(field ?? name)), value: shown(value), detail: percentEncoded };
  }
  if (known.includes(field)) return undefined;
  const named = { field: String(shown(field)), value: shown(decoded(value)) };
  if (known.length === 0) return { ...named, detail: "this route takes no parameter: leave it out" };
  const meant = nearest(field, known);
  const question = meant === undefined ? "" : ` (did you mean ${meant}?)`;
  return { ...named, detail: `there is no such parameter${question}; there are ${known.join(", ")}` };
};

/** What is wrong with the query of a route that knows these parameters. */
export const queryProblem = ({ query }: Target, known: ReadonlyArray<string>): InvalidRequest | undefined => {
  const errors: Array<FieldError> = [];
  for (const piece of query.split("&")) {
    if (errors.length === maxErrors) break;
    const error = piece === "" ? undefined : parameterError(piece, known);
    if (error !== undefined) errors.push(error);
  }
  if (errors.length === 0) return undefined;
  return new InvalidRequest({ detail: errors.map(({ field, detail }) => `${field}: ${detail}`).join("; "), errors });
};

/** The URL for the platform's router, which would take `;` for the start of the query. */
export const routable = ({ path, query }: Target): string =>
  (query === "" ? path : `${path}?${query}`).replaceAll(";", "%3B");
