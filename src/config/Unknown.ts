/**
 * Unknown: environment variables that nobody reads and that look as if somebody should. They are worth a warning and no more,
 * since platforms put names of their own into the environment.
 */
import { nearest } from "../domain/Spelling.ts";
import type { Texts } from "./Check.ts";

/** Names that begin so are meant for us, or for the servers that we use. */
const ours = /^(?:SLIPSTREAM|ALS|PRODUCER|FOLD_IN|KAFKA|REDIS|QDRANT)_/;

/** What Kubernetes and Docker put in for a service called `redis`: `REDIS_SERVICE_HOST`, `REDIS_PORT=tcp://…`. */
const injected = (name: string, text: string): boolean =>
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP)(?:_\w+)?|ENV_\w+)$/.test(name) ||
  (name.endsWith("_PORT") && /^(?:tcp|udp):\/\//.test(text));

/** Edits within which a name counts as misspelt. Short names are words that mean something elsewhere. */
const mostEdits = (name: string): number => (name.length < 6 ? 0 : name.length < 9 ? 1 : 2);

export interface Stranger {
  readonly name: string;
  readonly meant: string | undefined;
}

/** Variables of the environment that look like ours, each with the setting that is probably meant. */
export const strangers = (environment: Texts, known: ReadonlySet<string>): ReadonlyArray<Stranger> =>
  [...environment].flatMap(([name, text]) => {
    if (known.has(name) || injected(name, text)) return [];
    const own = name.replace(/^SLIPSTREAM_/, "");
    const meant = known.has(own) ? own : nearest(own, known, mostEdits(own));
    return meant !== undefined || ours.test(name) ? [{ name, meant }] : [];
  });

/** One line about all of them; `undefined` where there are none. */
export const aboutStrangers = (environment: Texts, known: ReadonlySet<string>): string | undefined => {
  const found = strangers(environment, known);
  if (found.length === 0) return undefined;
  const names = found.map(({ meant, name }) => (meant === undefined ? name : `${name} (did you mean ${meant}?)`));
  return `no settings of Slipstream, and without effect: ${names.join(", ")}`;
};
