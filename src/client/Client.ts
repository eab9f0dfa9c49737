/**
 * Client: the API as functions, one per operation of its OpenAPI document, over `fetch` and nothing else: for Node, Deno, Bun and
 * browsers. The build joins it with the operations and their types (`scripts/client.mjs`) as `slipstream/client`. Who calls it need not
 * know Effect: a failure is a rejected promise.
 */

import { isAsync, isLines, linesOf, same, typeOf, valuesOf, withEventIds } from "./Lines.ts";

/** An operation as the document has it. */
export interface Operation {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  /** The names of the query's parameters. */
  readonly query: ReadonlyArray<string>;
  /** The media type of a JSON body; undefined: there is none. */
  readonly body?: string | undefined;
  /** Whether it takes lines of JSON, too. */
  readonly lines?: boolean | undefined;
  /** Whether its body is an event, or its entries and lines are: those without an id get one. */
  readonly events?: boolean | undefined;
}

export interface ClientOptions {
  /** Where the API listens: `http://localhost:8000`. */
  readonly url: string;
  /** An API key, where the server has keys. */
  readonly key?: string | undefined;
  /** Milliseconds until a try is given up: 10,000 unless given. Not of bodies that are streams. */
  readonly timeout?: number | undefined;
  /** How often a call is tried again that may succeed later: 3 unless given. */
  readonly retries?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What the API says of a failure: RFC 9457. */
export interface ProblemDetails {
  readonly status: number;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: ReadonlyArray<{ readonly field: string; readonly value?: unknown; readonly detail: string }>;
}

/** Any answer that is not a success, and any call that got none (`status` 0, the reason in `cause`). */
export class SlipstreamError extends Error {
  readonly status: number;
  readonly problem: ProblemDetails | undefined;

  constructor(message: string, status: number, problem?: ProblemDetails, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SlipstreamError";
    this.status = status;
    this.problem = problem;
  }
}

const passing: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);
const longestWait = 30_000;

/** Milliseconds before the next try: as long as the answer says, or a random part of a time that doubles. */
const waitBefore = (attempt: number, answer: Response | undefined): number => {
  const said = Number(answer?.headers.get("retry-after") ?? Number.NaN);
  return Math.min(said >= 0 ? said * 1000 : Math.random() * 200 * 2 ** attempt, longestWait);
};

const isSuccess = ({ status }: Response): boolean => status >= 200 && status < 300;

const sleep = (millis: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, millis);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });

type Values = Readonly<Record<string, unknown>>;

/** The path and query of a call. Fails, telling the name, where a parameter of the path is missing or cannot stand there. */
export const targetOf = ({ path, query }: Operation, params: Values): string => {
  const asked = new URLSearchParams();
  for (const name of query) {
    const value = params[name];
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
    for (const one of values) asked.append(name, String(one));
    // One value alone would be read as a list with commas.
    if (Array.isArray(value) && value.length === 1 && /^(?:exclude_|ids$)/.test(name)) asked.append(name, "");
  }
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || value === "") throw new SlipstreamError(`${name} is missing: ${path}`, 0);
    // Whoever reads a URL takes these for steps of its path, however they are escaped.
    if (value === "." || value === "..")
      throw new SlipstreamError(`${name} "${value}" cannot stand in a path: ${path}`, 0);
    return encodeURIComponent(String(value));
  });
  return asked.size === 0 ? filled : `${filled}?${asked}`;
};

const read = async (answer: Response): Promise<unknown> => {
  if (answer.status === 204) return undefined;
  const type = typeOf(answer);
  if (type.startsWith("application/octet-stream")) return new Uint8Array(await answer.arrayBuffer());
  return /[/+]json/.test(type) ? answer.json() : answer.text();
};

/** Whatever comes of a time that is over, or a caller who wants no more. */
const limited = (millis: number | undefined, signal: AbortSignal | undefined) => {
  const controller = new AbortController();
  const stop = () => controller.abort(signal?.reason);
  const timer = millis === undefined ? undefined : setTimeout(() => controller.abort(late(millis)), millis);
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  return {
    signal: controller.signal,
    /** The time counts no more; the caller still does. */
    inTime: () => clearTimeout(timer),
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    },
  };
};

const late = (millis: number) => new Error(`no answer within ${millis} ms`);

const failure = async (answer: Response): Promise<SlipstreamError> => {
  const text = await answer.text().catch(() => "");
  let problem: ProblemDetails | undefined;
  try {
    problem = JSON.parse(text);
  } catch {
    problem = undefined;
  }
  const message = problem?.detail ?? problem?.title ?? (text.slice(0, 200) || answer.statusText);
  return new SlipstreamError(`${answer.status}: ${message}`, answer.status, problem);
};

/**
 * Calls an operation. Tries again after a lost connection and after answers that say that it may succeed later: what changes
 * something in the shop does so once, since events carry ids and all other changes are the same when they are done twice.
 */
export const call = async (
  options: ClientOptions,
  operation: Operation,
  params: Values,
  body: unknown,
  { headers = {}, signal }: CallOptions,
): Promise<unknown> => {
  const { key, retries = 3, timeout = 10_000, url } = options;
  const target = `${url.replace(/\/+$/, "")}${targetOf(operation, params)}`;
  const isStream = isAsync(body) && operation.lines === true;
  const withIds = operation.events === true ? withEventIds : same;
  const sent = isStream ? linesOf(body, withIds) : body === undefined ? undefined : JSON.stringify(withIds(body));
  const type = isStream ? "application/x-ndjson" : operation.body;
  const request = {
    method: operation.method,
    headers: {
      ...(sent === undefined || type === undefined ? {} : { "content-type": type }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: sent }),
    ...(isStream ? { duplex: "half" as const } : {}),
  };
  for (let attempt = 0; ; attempt++) {
    const mayFail = attempt < retries && !isStream;
    const limit = limited(isStream ? undefined : timeout, signal);
    let answer: Response | undefined;
    try {
      answer = await (options.fetch ?? fetch)(target, { ...request, signal: limit.signal });
      if (isSuccess(answer) && isLines(answer)) {
        limit.inTime();
        return valuesOf(answer, limit.end);
      }
      const value = isSuccess(answer) ? await read(answer) : undefined;
      limit.end();
      if (isSuccess(answer)) return value;
    } catch (cause) {
      limit.end();
      if (signal?.aborted || !mayFail) {
        const reason = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause : cause).message : cause;
        throw new SlipstreamError(`${operation.method} ${target} got no answer: ${reason}`, 0, undefined, cause);
      }
    }
    if (answer !== undefined && !isSuccess(answer) && !(mayFail && passing.has(answer.status))) {
      throw await failure(answer);
    }
    await answer?.body?.cancel().catch(() => {});
    await sleep(waitBefore(attempt, answer), signal);
  }
};

type Call = (...args: ReadonlyArray<unknown>) => Promise<unknown>;

const valuesIn = (value: unknown): Values => (typeof value === "object" && value !== null ? (value as Values) : {});

/**
 * A function per operation: of its parameters, where it has any, then its body, where it has one, then options of the call. Where no
 * parameter is of the path, all can be left out: then the body comes first.
 */
export const clientOf =
  (operations: Readonly<Record<string, Operation>>) =>
  (options: ClientOptions): Readonly<Record<string, Call>> =>
    Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => {
        const hasBody = operation.body !== undefined;
        const hasPath = operation.path.includes("{");
        const places = [
          ...(hasPath ? ["params"] : []),
          ...(hasBody ? ["body"] : []),
          ...(!hasPath && operation.query.length > 0 ? ["params"] : []),
          "options",
        ];
        const one: Call = (...args) => {
          const given = (place: string) => args[places.indexOf(place)];
          const body = hasBody ? given("body") : undefined;
          return call(options, operation, valuesIn(given("params")), body, valuesIn(given("options")));
        };
        return [name, one];
      }),
    );
