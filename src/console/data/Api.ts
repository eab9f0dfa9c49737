/** Api: calls of the API on this host. A refused key is asked for, once for all who wait, and the call made again. */
import { askForKey, key } from "./Key.ts";

/** What went wrong, in the API's own words (RFC 9457), or 0 where the API did not answer. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

export type Reply<A> =
  /** `ms`: from the call to the whole answer, as the browser saw it. */
  { readonly ok: true; readonly value: A; readonly ms: number } | { readonly ok: false; readonly problem: Problem };

export interface Call {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Of the query; what is undefined is left out, and of a list each value is a parameter of its own. */
  readonly query?: Readonly<Record<string, string | number | boolean | ReadonlyArray<string> | undefined>>;
  readonly signal?: AbortSignal;
  /** What a good answer is: JSON unless given, or an ArrayBuffer. */
  readonly form?: "json" | "bytes";
}

/** `/path?query`. */
export const addressOf = (path: string, query: NonNullable<Call["query"]> = {}): string => {
  const kept = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => [name, String(one)]),
  );
  return kept.length === 0 ? path : `${path}?${new URLSearchParams(kept)}`;
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const problemOf = (status: number, text: string): Problem => {
  const parsed = parse(text);
  const body = typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  return {
    status,
    title: textOf(body.title) || `The API answered ${status}`,
    detail: textOf(body.detail) || textOf(body.title) || `The API answered ${status}.`,
  };
};

const parse = (text: string): unknown => {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
};

const headersOf = (body: unknown, form: Call["form"]): Record<string, string> => ({
  accept: form === "bytes" ? "application/octet-stream, application/problem+json" : "application/json",
  ...(body === undefined ? {} : { "content-type": "application/json" }),
  ...(key.value === undefined ? {} : { "x-api-key": key.value }),
});

/** Where none was shown; what is wrong with one that was, the API says. */
const first =
  "The console shows what the shop's admins may see. On the server, `keys add NAME --scopes read,write,admin` makes a key: enter it here.";

/** After `shown` was refused, for the reason `why`: whether there is another key now, which is asked for unless one was given meanwhile, or the asking was dismissed (`askForKey`). */
export const otherKey = async (shown: string | undefined, why: string, isDeed = false): Promise<boolean> =>
  key.value !== shown || askForKey(shown === undefined ? first : why, isDeed);

/** What changes something is somebody's deed; anything else a page may ask by itself. */
const isDeed = (method: string, path: string): boolean => method !== "GET" && !/^\/(?:trace|recommend)\b/.test(path);

/** Of a call that nothing answered. Browsers word it in few words of their own: `Failed to fetch`. */
export const unanswered = (cause: unknown): string =>
  `The API gave no answer: it is stopped or starting, or the way to it is cut (${cause instanceof Error ? cause.message : "no connection"}).`;

const silent = (cause: unknown): Problem => ({
  ...{ status: 0, title: "The API does not answer" },
  detail: unanswered(cause),
});

/** `A` is what the endpoint promises; it is not checked again here. An aborted call is a problem of status 0. */
export const ask = async <A>(path: string, call: Call = {}): Promise<Reply<A>> => {
  const { body, form, method = "GET", query, signal } = call;
  const started = performance.now();
  const shown = key.value;
  try {
    const response = await fetch(addressOf(path, query), {
      method,
      headers: headersOf(body, form),
      cache: "no-store",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const isBytes = response.ok && form === "bytes";
    const answer = await (isBytes ? response.arrayBuffer() : response.text());
    const ms = performance.now() - started;
    const text = typeof answer === "string" ? answer : "";
    if (response.ok) return { ok: true, value: (isBytes ? answer : parse(text)) as A, ms };
    const problem = problemOf(response.status, text);
    if (problem.status !== 401 && problem.status !== 403) return { ok: false, problem };
    return (await otherKey(shown, problem.detail, isDeed(method, path))) ? ask<A>(path, call) : { ok: false, problem };
  } catch (cause) {
    return { ok: false, problem: silent(cause) };
  }
};
