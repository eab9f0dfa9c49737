/** Acting: something is done to an item, and the list that comes of it: how long that took is told. */
import { signal } from "@preact/signals";
import { ask } from "../data/Api.ts";
import { notify } from "../shell/Notices.tsx";
import { loadPast, type Pane, refresh } from "./Pane.ts";

/** Whether what is done stays in this page. Where the shop is a real one it always does. */
export const sandbox = signal(true);

/** How many things were done in this page, whose guide goes by it. */
export const done = signal(0);

/** What was done for real last, and in which pane: others of the same shopper follow. */
export const happened = signal<{ readonly user: string; readonly pane: Pane } | undefined>(undefined);

interface Taken {
  readonly token: string;
}

/** Once the browser has drawn what was changed. */
const drawn = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));

const tell = (pane: Pane, item: string, type: string) =>
  ask<Taken>("/events", {
    method: "POST",
    body: { user_id: pane.who.value.user, item_id: item, event_type: type },
  });

/** `type`: of the event; undefined: the item is left out of this page's lists alone. */
export const act = async (pane: Pane, item: string, type: string | undefined): Promise<void> => {
  const started = performance.now();
  if (type === undefined) pane.hidden.value = [...pane.hidden.value, item];
  else pane.deeds.value = [...pane.deeds.value, { item, type, time: Date.now() }];
  const isReal = !sandbox.value && type !== undefined;
  const told = isReal ? await tell(pane, item, type) : undefined;
  if (told?.ok === false) {
    pane.deeds.value = pane.deeds.value.slice(0, -1);
    notify(told.problem.detail, "bad");
    return;
  }
  const list = await refresh(pane, sandbox.value, told?.value.token);
  if (list === undefined) return;
  done.value += 1;
  await drawn();
  pane.took.value = { all: performance.now() - started, event: told?.ms, list };
  if (!isReal) return;
  loadPast(pane);
  happened.value = { user: pane.who.value.user, pane };
};

/** What was done in the sandbox is forgotten. */
export const undo = (pane: Pane): void => {
  pane.deeds.value = [];
  pane.hidden.value = [];
  pane.took.value = undefined;
  refresh(pane, sandbox.value);
};
