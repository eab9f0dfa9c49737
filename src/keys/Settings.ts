/** Settings: who may ask the API. */
import { Either, Option } from "effect";
import { boolean, flagged, secret, text } from "../config/Setting.ts";
import { isScope, orderedScopes, parseEntries, scopes } from "./Key.ts";

/** The entries of API_KEYS, numbered from 1. */
export const entriesIn = (text: string): ReadonlyArray<readonly [number, string]> =>
  text
    .split(/[,\n]/)
    .map((entry, i) => [i + 1, entry.trim()] as const)
    .filter(([, entry]) => entry !== "");

/** Scopes as people write them, in their order and each once; none where one of them is no scope. */
const parseScopes = (text: string): Option.Option<string> => {
  const named = text.split(/[,+]/).map((name) => name.trim().toLowerCase());
  return named.every(isScope) ? Option.some(orderedScopes(named).join(",")) : Option.none();
};

export const access = {
  keys: secret(
    "API_KEYS",
    {
      description:
        "Keys of the API, beside those of API_KEYS_FILE: entries NAME:SCOPES:SHA256 with commas between them, as `keys add` prints them.",
    },
    {
      allowed: `entries NAME:SCOPES:SHA256, such as shop:read+write:9f86…0a08, with commas between them (scopes: ${scopes.join(", ")}; hashes, never the keys themselves)`,
      parse: (text) => (Either.isRight(parseEntries(entriesIn(text))) ? Option.some(text) : Option.none()),
    },
  ),
  file: text("API_KEYS_FILE", {
    default: "",
    description:
      "File of the API's keys, an entry a line, written by `keys add` and read again whenever it changes. Unset: DATA_DIR/keys, where there is one.",
  }),
  open: boolean("API_OPEN", {
    default: false,
    description: "Whether the API may be served beyond loopback without any key.",
  }),
};

export const keyScopes = flagged(
  "scopes",
  text(
    "KEY_SCOPES",
    {
      default: "read,write",
      description:
        "What a new key may do. read: ask for recommendations, items and figures; write: send events, change items; admin: models, batches, dead letters, data of people. None implies another.",
    },
    { allowed: `some of ${scopes.join(", ")}, with commas between them`, parse: parseScopes },
  ),
);
