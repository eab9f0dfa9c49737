/**
 * Pane: one shopper and their list: asked for, acted on, asked for again.
 *
 * In the sandbox what is done stays in this page: it goes along with each request as its context, and nothing of it is stored. For
 * real it is an event like any other, and the list is asked for with the event's token: so it knows of it.
 */
import { type Signal, signal } from "@preact/signals";
import type { Answer, Recommendation } from "../../serving/recommend/Answer.ts";
import type { History, Profile } from "../../serving/users/PastSchema.ts";
import { ask, type Problem } from "../data/Api.ts";
import { bodyOf, noSettings, type Settings } from "./Settings.ts";
import { learnLooks } from "./Shop.ts";

/** Done in this page, oldest first. */
export interface Deed {
  readonly item: string;
  readonly type: string;
  readonly time: number;
}

export interface Who {
  /** The shop's id; of a new shopper one that no shop has. */
  readonly user: string;
  readonly isNew: boolean;
}

export interface Took {
  /** Milliseconds from the click to the changed list, drawn. */
  readonly all: number;
  /** Of these, the API's part as the browser saw it. */
  readonly event: number | undefined;
  readonly list: number;
}

export interface Pane {
  readonly who: Signal<Who>;
  readonly settings: Signal<Settings>;
  readonly deeds: Signal<ReadonlyArray<Deed>>;
  /** What the shopper wants to see no more, where the shop has no type of event that says so. */
  readonly hidden: Signal<ReadonlyArray<string>>;
  readonly list: Signal<ReadonlyArray<Recommendation> | undefined>;
  /** By item: how many places it went up (below 0: down) with the last change; absent: it was not in the list. */
  readonly moves: Signal<ReadonlyMap<string, number> | undefined>;
  readonly took: Signal<Took | undefined>;
  readonly busy: Signal<boolean>;
  readonly problem: Signal<Problem | undefined>;
  readonly profile: Signal<Profile | undefined>;
  readonly history: Signal<History | undefined>;
}

export const size = 24;

export const newcomer = (): Who => ({ user: `guest-${Math.random().toString(36).slice(2, 8)}`, isNew: true });

export const makePane = (who: Who): Pane => ({
  who: signal(who),
  settings: signal(noSettings),
  deeds: signal([]),
  hidden: signal([]),
  list: signal(undefined),
  moves: signal(undefined),
  took: signal(undefined),
  busy: signal(false),
  problem: signal(undefined),
  profile: signal(undefined),
  history: signal(undefined),
});

export const idOf = ({ item_idx, metadata }: Recommendation): string => metadata?.item_id ?? String(item_idx);

const longestContext = 100;
const turns = new WeakMap<Pane, number>();
const running = new WeakMap<Pane, AbortController>();

/** Places gained by each item that both lists have. */
export const movesOf = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const places = new Map(before.map((id, place) => [id, place]));
  return new Map(
    after.flatMap((id, place): ReadonlyArray<readonly [string, number]> => {
      const was = places.get(id);
      return was === undefined ? [] : [[id, was - place]];
    }),
  );
};

/** `sandbox`: what was done here goes along. `after`: the token of an event that the list is to know of. */
const fetchList = (pane: Pane, sandbox: boolean, after: string | undefined, controller: AbortController) => {
  const { deeds, hidden, settings, who } = pane;
  const context = deeds.value.slice(-longestContext).map(({ item, type }) => ({ item_id: item, event_type: type }));
  const unknown = who.value.isNew && sandbox;
  return ask<Answer>(unknown ? "/recommend" : `/recommend/${encodeURIComponent(who.value.user)}`, {
    method: "POST",
    signal: controller.signal,
    body: {
      k: size,
      explain: true,
      explain_top_k: size,
      ...bodyOf(settings.value),
      ...(sandbox || unknown ? { context: sandbox ? context : [] } : {}),
      ...(hidden.value.length === 0 ? {} : { exclude_ids: hidden.value }),
      ...(after === undefined ? {} : { after }),
    },
  });
};

/** Asks for the list anew; the newest question alone counts. Answers how long the API took, undefined where it did not answer. */
export const refresh = async (pane: Pane, sandbox: boolean, after?: string): Promise<number | undefined> => {
  running.get(pane)?.abort();
  const controller = new AbortController();
  running.set(pane, controller);
  const turn = (turns.get(pane) ?? 0) + 1;
  turns.set(pane, turn);
  pane.busy.value = true;
  const reply = await fetchList(pane, sandbox, after, controller);
  if (turns.get(pane) !== turn) return undefined;
  pane.busy.value = false;
  pane.problem.value = reply.ok ? undefined : reply.problem;
  if (!reply.ok) return undefined;
  const { recommendations } = reply.value;
  const before = pane.list.value?.map(idOf);
  pane.moves.value = before === undefined ? undefined : movesOf(before, recommendations.map(idOf));
  pane.list.value = recommendations;
  learnLooks([
    ...recommendations.map(idOf),
    ...recommendations.flatMap(({ reasons }) =>
      (reasons?.because ?? []).slice(0, 4).map(({ article_id }) => article_id),
    ),
  ]);
  return reply.ms;
};

/** What is stored of the shopper; nothing of a new one. */
export const loadPast = async (pane: Pane): Promise<void> => {
  const { user } = pane.who.value;
  const path = `/users/${encodeURIComponent(user)}`;
  const [profile, history] = await Promise.all([
    ask<Profile>(`${path}/profile`, { query: { top_categories: 6 } }),
    ask<History>(`${path}/history`, { query: { limit: 12 } }),
  ]);
  if (pane.who.value.user !== user) return;
  pane.profile.value = profile.ok ? profile.value : undefined;
  pane.history.value = history.ok ? history.value : undefined;
  if (history.ok) learnLooks(history.value.history.map(({ metadata }) => metadata?.item_id ?? ""));
};

/** Somebody else, with nothing done in this page. */
export const become = (pane: Pane, who: Who, sandbox: boolean): void => {
  pane.who.value = who;
  pane.deeds.value = [];
  pane.hidden.value = [];
  pane.list.value = undefined;
  pane.took.value = undefined;
  pane.profile.value = undefined;
  pane.history.value = undefined;
  refresh(pane, sandbox);
  if (!who.isNew) loadPast(pane);
};
