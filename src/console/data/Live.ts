/**
 * Live: how all is, each second, as signals. One connection for all parts of the page that look, and none while none does; what it
 * lost is found again by itself.
 */
import { batch, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LiveEvent, LiveState } from "../../serving/live/LiveState.ts";
import { otherKey, unanswered } from "./Api.ts";
import { makeReader, type ServerEvent } from "./EventStream.ts";
import { key } from "./Key.ts";

/** What is drawn of a second. */
export interface Point {
  /** Seconds since 1970. */
  readonly at: number;
  readonly events: LiveState["events"];
}

/** Seconds that are kept, and events. */
const mostPoints = 300;
const mostEvents = 40;

export const state = signal<LiveState | undefined>(undefined);
/** Oldest first. */
export const points = signal<ReadonlyArray<Point>>([]);
/** Newest first. */
export const newest = signal<ReadonlyArray<LiveEvent>>([]);
/** States that this page was too slow to read. */
export const lost = signal(0);
export const connection = signal<"connecting" | "open" | "away">("connecting");
/** Why it is away. */
export const reason = signal("");

const take = ({ data, name }: ServerEvent): void => {
  if (name === "lost") {
    lost.value += (JSON.parse(data) as { readonly states: number }).states;
    return;
  }
  if (name !== "state") return;
  const found = JSON.parse(data) as LiveState;
  const at = Date.parse(found.at) / 1000;
  const last = points.value.at(-1)?.at ?? 0;
  batch(() => {
    state.value = found;
    if (at > last) points.value = [...points.value, { at, events: found.events }].slice(-mostPoints);
    const known = new Set(newest.value.map(({ offset, partition }) => `${partition} ${offset}`));
    const more = found.newest.filter(({ offset, partition }) => !known.has(`${partition} ${offset}`));
    if (more.length > 0) newest.value = [...more, ...newest.value].slice(0, mostEvents);
    connection.value = "open";
  });
};

const pause = (ms: number, ended: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    ended.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Until another key is shown: who was asked for one, and said "Not now", is not asked again by itself. */
const anotherKey = (ended: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const before = key.value;
    const stop = key.subscribe((now) => {
      if (now !== before) resolve();
    });
    ended.addEventListener("abort", () => resolve());
    ended.addEventListener("abort", stop);
  });

/** Why there is nothing to read, and until when it is not tried again. */
interface Away {
  readonly why: string;
  readonly until: (ended: AbortSignal) => Promise<void>;
}

const soon = (why: string): Away => ({
  why: `${why} It is tried again every other second.`,
  until: (ended) => pause(2000, ended),
});

/** Reads until the other side ends it. */
const readOnce = async (ended: AbortSignal): Promise<Away> => {
  const shown = key.value;
  const response = await fetch("/live", {
    headers: { accept: "text/event-stream", ...(shown === undefined ? {} : { "x-api-key": shown }) },
    cache: "no-store",
    signal: ended,
  });
  if (!response.ok || response.body === null) {
    const told = (await response.json().catch(() => ({}))) as { readonly detail?: string };
    const detail = told.detail ?? `The API answered ${response.status}.`;
    if (response.status !== 401 && response.status !== 403) return soon(detail);
    return { why: detail, until: (await otherKey(shown, detail)) ? () => Promise.resolve() : anotherKey };
  }
  const read = makeReader();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  while (true) {
    const { done, value } = await reader.read();
    if (done) return soon("The process that was listened to has stopped.");
    for (const event of read(value)) take(event);
  }
};

const follow = async (ended: AbortSignal): Promise<void> => {
  while (!ended.aborted) {
    const { until, why } = await readOnce(ended).catch((cause) => soon(unanswered(cause)));
    if (ended.aborted) return;
    reason.value = why;
    connection.value = "away";
    await until(ended);
  }
};

let lookers = 0;
let running: AbortController | undefined;

/** Keeps the signals above current for as long as the component is shown. */
export const useLive = (): void =>
  useEffect(() => {
    lookers += 1;
    if (lookers === 1) {
      running = new AbortController();
      connection.value = "connecting";
      void follow(running.signal);
    }
    return () => {
      lookers -= 1;
      if (lookers === 0) running?.abort();
    };
  }, []);
