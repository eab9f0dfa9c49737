/**
 * Snippet: what a page of the shop loads to tell the API what its visitors do. It is small, sets no cookie, and loses nothing that can be
 * kept: events wait in the tab's session storage until they are taken, go out together, and carry ids, so that one sent twice counts once.
 *
 * Who stops it: the page, by going away; what waits then is sent with `keepalive`, and again by the next page of the tab.
 */
/// <reference lib="dom" />

interface Sent {
  readonly user_id: string;
  readonly item_id: string;
  readonly event_type: string;
  readonly event_id: string;
  readonly quantity?: number;
  readonly recommendation_id?: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface TrackerOptions {
  /** Where the API listens: `https://recommend.example.com`. */
  readonly url: string;
  /** A key of the scope `events` alone, where the API has keys: whoever reads the page reads it. */
  readonly key?: string | undefined;
  /** The shop's own id of the user; a visitor without one gets an id for as long as the tab is open. */
  readonly user?: string | undefined;
}

export interface Tracker {
  /** What happened with an item, such as `track("click", "0108775015")`. */
  readonly track: (
    event_type: string,
    item_id: string,
    more?: { readonly quantity?: number; readonly recommendation_id?: string },
  ) => void;
  /** Whose events come from now on. */
  readonly identify: (user: string) => void;
  /** Who that is now; also to ask for recommendations by. */
  readonly user: () => string;
}

const most = 500;
const together = 50;
/** A browser sends no more than 64 KiB when a page goes away; an event may have some 1,500 bytes. */
const atTheEnd = 30;
const soon = 300;

/** Where a page is not of https, browsers have no `randomUUID`. */
const randomId = (): string =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");

/** What a tab keeps; where it may not, it is kept as long as the page is there. */
const kept = (name: string, value?: string): string | null => {
  try {
    if (value !== undefined) sessionStorage.setItem(name, value);
    return sessionStorage.getItem(name);
  } catch {
    return value ?? null;
  }
};

/** What an earlier page of the tab had no time to send. */
const earlier = (): ReadonlyArray<Sent> => {
  try {
    return JSON.parse(kept("slipstream.events") ?? "[]");
  } catch {
    return [];
  }
};

export const makeTracker = ({ key, url, user }: TrackerOptions): Tracker => {
  let who = user ?? kept("slipstream.user") ?? kept("slipstream.user", `visitor-${randomId()}`) ?? "";
  let waiting: ReadonlyArray<Sent> = earlier();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let sending = false;

  const keep = (events: ReadonlyArray<Sent>) => {
    if (events.length > most) console.warn("slipstream: the oldest events are dropped, none could be sent for long");
    waiting = events.slice(-most);
    kept("slipstream.events", JSON.stringify(waiting));
  };

  const later = (millis: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void send(together, false), millis);
  };

  /** Whether the events are done with: taken, or refused for good. */
  const post = async (events: ReadonlyArray<Sent>, keepalive: boolean): Promise<boolean> => {
    const now = Date.now() / 1000;
    // The server's clock is the better one, for what has only just happened.
    const body = events.map((event) => (now - event.timestamp < 5 ? { ...event, timestamp: undefined } : event));
    const headers = { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) };
    const answer = await fetch(`${url.replace(/\/+$/, "")}/events`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      keepalive,
    });
    if (answer.ok) return true;
    if (answer.status === 408 || answer.status === 429 || answer.status > 499) return false;
    // One that is wrong would hold up the others for ever.
    if (events.length > 1) {
      const done: Array<boolean> = [];
      for (const event of events) done.push(await post([event], keepalive));
      return done.every((is) => is);
    }
    console.warn("slipstream: an event was refused", events[0], await answer.text());
    return true;
  };

  const send = async (count: number, keepalive: boolean): Promise<void> => {
    const events = waiting.slice(0, count);
    if (sending || events.length === 0) return;
    sending = true;
    const done = await post(events, keepalive).catch(() => false);
    sending = false;
    if (done) keep(waiting.filter((event) => !events.includes(event)));
    failures = done ? 0 : failures + 1;
    if (waiting.length > 0) later(done ? 0 : Math.min(1000 * 2 ** failures, 60_000) * (0.5 + Math.random() / 2));
  };

  addEventListener("pagehide", () => void post(waiting.slice(0, atTheEnd), true).catch(() => false));
  addEventListener("online", () => later(0));
  later(0);

  return {
    track: (event_type, item_id, more = {}) => {
      const timestamp = Date.now() / 1000;
      keep([...waiting, { user_id: who, item_id, event_type, event_id: randomId(), timestamp, ...more }]);
      if (failures === 0) later(soon);
    },
    identify: (named) => {
      who = named;
    },
    user: () => who,
  };
};
