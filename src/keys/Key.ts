/**
 * Key: what a caller of the API shows, and what is kept of it: a name, what it may do, and the SHA-256 of the key.
 *
 * A key is 256 random bits. Nobody guesses one, so that a plain hash is right where a password would need salt and a slow one:
 * whoever reads the entry can do nothing with it. An entry is a line of text, the same in a file and in API_KEYS:
 * `shop:read+write:HEX:2026-11-26`, the last part, when it was made, being for people alone.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import { Either } from "effect";

/**
 * read: questions. events: to tell of events and nothing else, which is all that a key in a page should be able to. write: events and
 * items. admin: models, batches, dead letters, people's data. But for events, none is part of another.
 */
export const scopes = ["read", "events", "write", "admin"] as const;
export type Scope = (typeof scopes)[number];

/** Whether who has the scopes may do what needs one. */
export const allows = (given: ReadonlyArray<Scope>, need: Scope): boolean =>
  given.includes(need) || (need === "events" && given.includes("write"));

export interface Key {
  /** For people and the log; unique. */
  readonly name: string;
  readonly scopes: ReadonlyArray<Scope>;
  /** SHA-256 of the key. */
  readonly digest: Buffer;
  /** Day on which it was made, `2026-11-26`; empty where nobody says. */
  readonly made: string;
}

export const digestOf = (key: string): Buffer => hash("sha256", key, "buffer");

/** A new one: `slip_` and 43 characters, which are 256 random bits. */
export const newKey = (): string => `slip_${randomBytes(32).toString("base64url")}`;

/** In the order of `scopes`; each once. */
export const orderedScopes = (given: ReadonlyArray<string>): ReadonlyArray<Scope> =>
  scopes.filter((scope) => given.includes(scope));

export const isScope = (text: string): text is Scope => scopes.some((scope) => scope === text);

export const nameForm = /^[A-Za-z0-9][\w.-]{0,63}$/;

export const entryOf = ({ digest, made, name, scopes }: Key): string =>
  [name, scopes.join("+"), digest.toString("hex"), ...(made === "" ? [] : [made])].join(":");

/** The key of an entry, or what is wrong with it; the sentence repeats nothing of the entry, which may be a key by mistake. */
export const parseEntry = (text: string): Either.Either<Key, string> => {
  const [name = "", allowed = "", digest = "", made = "", ...more] = text.trim().split(":");
  const named = allowed.split("+");
  if (!nameForm.test(name)) return Either.left("an entry begins with a name: letters, digits, `.`, `_` and `-`");
  if (!named.every(isScope)) return Either.left(`scopes are ${scopes.join(", ")}, joined by +`);
  if (!/^[\da-f]{64}$/i.test(digest)) return Either.left("the third part is the SHA-256 of the key, in 64 hex digits");
  if ((made !== "" && !/^\d{4}-\d{2}-\d{2}$/.test(made)) || more.length > 0) {
    return Either.left("the fourth part, where there is one, is a day such as 2026-11-26, and the last");
  }
  return Either.right({ name, scopes: orderedScopes(named), digest: Buffer.from(digest, "hex"), made });
};

/** The keys of texts that are an entry each; or what is wrong, and with which of them, from 1. */
export const parseEntries = (
  entries: ReadonlyArray<readonly [number: number, text: string]>,
): Either.Either<ReadonlyArray<Key>, string> => {
  const keys: Array<Key> = [];
  for (const [number, text] of entries) {
    const parsed = parseEntry(text);
    if (Either.isLeft(parsed)) return Either.left(`entry ${number}: ${parsed.left}`);
    const key = parsed.right;
    if (keys.some(({ name }) => name === key.name)) return Either.left(`two keys are called ${key.name}`);
    keys.push(key);
  }
  return Either.right(keys);
};

/**
 * Finds a key by what was shown. It is looked up by a digest, of which nobody can choose the digits, and then compared in a
 * time that does not tell how much of it was right.
 */
export const finder = (keys: ReadonlyArray<Key>): ((shown: string) => Key | undefined) => {
  const byStart = new Map<number, Array<Key>>();
  for (const key of keys) {
    const start = key.digest.readUInt32LE(0);
    byStart.set(start, [...(byStart.get(start) ?? []), key]);
  }
  return (shown) => {
    const digest = digestOf(shown);
    return byStart.get(digest.readUInt32LE(0))?.find((key) => timingSafeEqual(key.digest, digest));
  };
};
