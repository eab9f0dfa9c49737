/**
 * Replay: appends events again that were given up and can be used now, so that each counts once, however often this is run
 * and wherever it is killed.
 *
 * Before events are appended their letters are marked with the ends of the log, after it as replayed. Letters that are found
 * begun were marked by a run that did not come to its end: whether their events were appended is then looked up in the log,
 * from those ends on. Of two runs at once both may append: the second event is a retry of the first, which counts once.
 */
import { createHash } from "node:crypto";
import { Clock, Duration, Effect, Either } from "effect";
import { eventLog } from "../config/Shared.ts";
import type { Event } from "../domain/Event.ts";
import { decodeEvent, encodeEvent, positionId } from "../domain/EventCodec.ts";
import { removeAllLetters } from "../forgetting/Letters.ts";
import { type DeadLetterReason, DeadLetters, type KeptLetter, type ReplayMark } from "../ports/DeadLetters.ts";
import { EventLog } from "../ports/EventLog.ts";
import { type Case, casesOf, everything, openLetters, place } from "./Cases.ts";
import { decisionOf } from "./Decision.ts";
import { gatherFacts } from "./GatherFacts.ts";

export interface ReplayOptions {
  readonly reason: DeadLetterReason | undefined;
  /** Also what is still not usable. */
  readonly all: boolean;
}

/** Events by what became of them. */
export interface ReplaySummary {
  readonly replayed: number;
  /** Every model and the archive have it already. */
  readonly counted: number;
  /** Events by why they stay. */
  readonly unusable: ReadonlyMap<string, number>;
}

/** Events marked, appended and marked at a time. */
const slice = 500;
const page = 5000;
const longestId = 128;

type Begun = Extract<ReplayMark, { readonly state: "begun" }>;

const begunOf = ({ replay }: KeptLetter): Begun | undefined => (replay?.state === "begun" ? replay : undefined);

/** An id that may stand in an event; that of an event without one, which its place gives, may be longer. */
const idOf = ({ eventId }: Event): string =>
  eventId.length <= longestId ? eventId : createHash("sha256").update(eventId).digest("hex");

/** The same for an event and what is appended for it. */
const keyOf = (event: Event): string => `${event.userId}\u0000${idOf(event)}\u0000${event.timestamp}`;

const keyOfLetter = ({ log, offset, partition, value }: KeptLetter, identity: string): string | undefined => {
  const event = decodeEvent(value, positionId(log || identity, partition, offset));
  return Either.isRight(event) ? keyOf(event.right) : undefined;
};

/** The keys of all events that were appended again at or beyond `ends`. */
const appendedSince = (ends: ReadonlyArray<bigint>) =>
  Effect.gen(function* () {
    const log = yield* EventLog;
    const now = yield* log.endOffsets;
    const found = new Set<string | undefined>();
    for (const [partition, end] of now.entries()) {
      let from = ends[partition] ?? 0n;
      while (from < end) {
        const records = yield* log.read(partition, from, page);
        const last = records.at(-1);
        if (last === undefined) break;
        for (const { value } of records) {
          const event = decodeEvent(value, "");
          if (Either.isRight(event) && event.right.replayOf !== undefined) found.add(keyOf(event.right));
        }
        from = last.offset + 1n;
      }
    }
    return found;
  });

const leastOf = (ends: Array<bigint>): bigint => ends.sort((a, b) => (a < b ? -1 : 1))[0] ?? 0n;

/**
 * Finishes what earlier runs began: letters whose events they had appended are replayed, the others are to be decided on
 * again. Answers how many events had been. One that was begun before the log's oldest records counts as appended: whether it
 * was cannot be told any more.
 */
const resume = (all: ReadonlyArray<KeptLetter>) =>
  Effect.gen(function* () {
    const letters = yield* DeadLetters;
    const begun = all.flatMap((letter) => {
      const mark = begunOf(letter);
      return mark === undefined ? [] : [{ letter, mark }];
    });
    if (begun.length === 0) return 0;
    const partitions = Math.max(...begun.map(({ mark }) => mark.ends.length));
    const ends = Array.from({ length: partitions }, (_, p) => leastOf(begun.map(({ mark }) => mark.ends[p] ?? 0n)));
    const appended = yield* appendedSince(ends);
    const oldest = (yield* Clock.currentTimeMillis) / 1000 - Duration.toSeconds(yield* eventLog.retention.config);
    const identity = yield* Effect.flatMap(EventLog, (log) => log.identity);
    const over = begun.filter(
      ({ letter, mark }) => appended.has(keyOfLetter(letter, identity)) || mark.begunAt <= oldest,
    );
    yield* letters.mark(
      over.map(({ letter }) => letter),
      { state: "replayed" },
    );
    return new Set(over.map(({ letter }) => place(letter))).size;
  });

export const replayLetters = ({ all, reason }: ReplayOptions) =>
  Effect.gen(function* () {
    const letters = yield* DeadLetters;
    const log = yield* EventLog;
    yield* removeAllLetters;
    const resumed = yield* resume(yield* letters.list(everything));
    const cases = casesOf(yield* letters.list(everything)).filter((one) =>
      openLetters(one).some((letter) => reason === undefined || letter.reason === reason),
    );
    const facts = yield* gatherFacts(cases, all);
    const unusable = new Map<string, number>();
    const counted: Array<Case> = [];
    const chosen: Array<{ readonly one: Case; readonly event: Event }> = [];
    for (const one of cases) {
      const decision = decisionOf(one, facts);
      if (decision._tag === "Replay") chosen.push({ one, event: decision.event });
      else if (decision._tag === "Counted") counted.push(one);
      else unusable.set(decision.why, (unusable.get(decision.why) ?? 0) + 1);
    }
    yield* letters.mark(counted.flatMap(openLetters), { state: "counted" });
    for (let from = 0; from < chosen.length; from += slice) {
      const some = chosen.slice(from, from + slice);
      const open = some.flatMap(({ one }) => openLetters(one));
      const begunAt = (yield* Clock.currentTimeMillis) / 1000;
      yield* letters.mark(open, { state: "begun", ends: yield* log.endOffsets, begunAt });
      yield* log.append(
        some.map(({ event }) => ({ key: event.userId, value: encodeEvent({ ...event, eventId: idOf(event) }) })),
      );
      yield* letters.mark(open, { state: "replayed" });
    }
    const summary: ReplaySummary = { replayed: resumed + chosen.length, counted: counted.length, unusable };
    return summary;
  });
