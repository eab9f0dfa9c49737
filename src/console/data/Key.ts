/** Key: the API key that this tab shows, kept until the tab is closed, and the asking for one where a call was refused. */
import { signal } from "@preact/signals";

const place = "slipstream-key";

export const key = signal<string | undefined>(globalThis.sessionStorage?.getItem(place) ?? undefined);

/** Why a key is asked for; undefined while none is. */
export const wanted = signal<string | undefined>(undefined);
let waiting: Array<(given: boolean) => void> = [];
/** "Not now" was said, and nothing has been done since that would need a key. */
let isDeclined = false;

/** Somebody asks for something again, or for something else: then they may be asked for a key again. */
export const reconsider = (): void => {
  isDeclined = false;
};

/**
 * Whether there is another key now; false where the asking was dismissed, and for what a page asks by itself (`isDeed` is false) after
 * it was. All who ask meanwhile share one answer.
 */
export const askForKey = (why: string, isDeed: boolean): Promise<boolean> => {
  if (isDeed) reconsider();
  if (isDeclined) return Promise.resolve(false);
  wanted.value = why;
  return new Promise((resolve) => waiting.push(resolve));
};

const settle = (given: boolean): void => {
  const all = waiting;
  waiting = [];
  wanted.value = undefined;
  for (const resolve of all) resolve(given);
};

export const giveKey = (text: string): void => {
  const { value } = key;
  if (text === "") sessionStorage.removeItem(place);
  else sessionStorage.setItem(place, text);
  key.value = text === "" ? undefined : text;
  reconsider();
  settle(text !== "" && text !== value);
};

export const dismissKey = (): void => {
  isDeclined = true;
  settle(false);
};
