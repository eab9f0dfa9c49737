/** Key: the API key that this tab shows, kept until the tab is closed, and the asking for one where a call was refused. */
import { signal } from "@preact/signals";

const place = "slipstream-key";

export const key = signal<string | undefined>(globalThis.sessionStorage?.getItem(place) ?? undefined);

/** Why a key is asked for; undefined while none is. */
export const wanted = signal<string | undefined>(undefined);
let waiting: Array<(given: boolean) => void> = [];

/** Whether there is another key now; false where the asking was dismissed. All who ask meanwhile share one answer. */
export const askForKey = (why: string): Promise<boolean> => {
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
  settle(text !== "" && text !== value);
};

export const dismissKey = (): void => settle(false);
