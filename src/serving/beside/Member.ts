/** Member: a process that answers parts, as the one sees it that asks: what it has been sent, and what became of that. */
import { Deferred, Effect, FiberId } from "effect";
import type { LiveCatalogueService } from "../../catalogue/LiveCatalogue.ts";
import type { Channel } from "../../ports/Answerers.ts";
import type { VitalsService } from "../../vitals/Vitals.ts";
import type { RecommendQuery } from "../recommend/Query.ts";
import type { Serving } from "../ServingModel.ts";
import { count } from "./Counted.ts";
import type { Ask, Said } from "./Messages.ts";
import type { Taker } from "./Turns.ts";

/** Parts that a process has at a time: one that it answers, and one that it need not wait for. */
export const underWay = 2;

/** Some users of a batch, at most `together`, who all ask the same but for k; who asks for more is not understood. */
export interface Part {
  readonly serving: Serving | undefined;
  readonly queries: ReadonlyArray<RecommendQuery>;
  /** The numbers of the lines that they stand in; undefined: they came as one JSON document. */
  readonly lines: ReadonlyArray<number> | undefined;
  readonly isWorded: boolean;
}

export interface Sent {
  readonly part: Part;
  /** Undefined: it is to be answered here. */
  readonly reply: Deferred.Deferred<Uint8Array | undefined>;
  /** Ends the process that has it. */
  end: Effect.Effect<void>;
  /** It is answered here after all: what the process says of it is not counted. */
  isTakenOver: boolean;
}

export interface Member extends Taker<Sent> {
  readonly hear: (said: Said) => void;
  /** Told once it takes parts. */
  readonly ready: Deferred.Deferred<void>;
  readonly isReady: () => boolean;
  /** Whether what it knows of items may be of a store that has lost changes since. */
  readonly isStale: () => boolean;
  /** Answers all that was sent to it: here it is. */
  readonly gone: () => void;
}

export interface OfMember {
  readonly channel: Channel<Ask, Said>;
  readonly live: Pick<LiveCatalogueService, "anew" | "newest">;
  readonly vitals: VitalsService;
  /** Somebody has room who had none. */
  readonly settle: () => void;
  /** Ends the process. */
  readonly end: Effect.Effect<void>;
}

export const makeMember = ({ channel, end, live, settle, vitals }: OfMember): Member => {
  const anew = live.anew();
  const sent = new Map<number, Sent>();
  const ready = Deferred.unsafeMake<void>(FiberId.none);
  let isReady = false;
  let lastId = 0;
  const isStale = (): boolean => anew !== live.anew();
  const settled = (id: number, text: Uint8Array | undefined): void => {
    const one = sent.get(id);
    sent.delete(id);
    if (one !== undefined) Deferred.unsafeDone(one.reply, Effect.succeed(text));
  };
  return {
    ready,
    isReady: () => isReady,
    isStale,
    load: () => (isReady && sent.size < underWay && !isStale() ? sent.size : undefined),
    take: (one) => {
      one.end = end;
      const { isWorded, lines, queries, serving } = one.part;
      const [first] = queries;
      lastId += 1;
      sent.set(lastId, one);
      if (first === undefined || serving === undefined) return settled(lastId, undefined);
      const { after: _, ...query } = first;
      channel.send({
        id: lastId,
        model: serving.model,
        change: live.newest(),
        query,
        users: queries.map(({ user }) => user ?? ""),
        ks: queries.map(({ k }) => k),
        lines,
        isWorded,
      });
    },
    hear: (said) => {
      if (said._tag === "Ready") {
        isReady = true;
        Deferred.unsafeDone(ready, Effect.void);
      } else {
        const one = sent.get(said.id);
        const model = one?.part.serving?.model;
        if (said._tag === "Answered" && model !== undefined && one?.isTakenOver === false)
          count(vitals, model, said.counted);
        settled(said.id, said._tag === "Answered" ? said.text : undefined);
      }
      settle();
    },
    gone: () => {
      isReady = false;
      for (const id of [...sent.keys()]) settled(id, undefined);
      settle();
    },
  };
};
