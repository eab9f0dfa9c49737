import { describe, expect, it } from "@effect/vitest";
import fc from "fast-check";
import { type Judge, makeJudge, rowKinds } from "../../src/datasets/Judge.ts";
import { mostImpressions, mostShown, nothingShown, type ShownItems, unpackShown } from "../../src/domain/ShownItems.ts";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { applyEvent, type LearningItems, openUser } from "../../src/learning/ApplyEvent.ts";
import { makeEma } from "../../src/learning/Ema.ts";
import { sinkingOf } from "../../src/serving/recommend/Rotation.ts";
import { everyType } from "../support/EventTypes.ts";

const items: LearningItems = {
  rank: 1,
  itemIdx: Uint32Array.from({ length: 300 }, (_, row) => row),
  vectors: new Float32Array(300).fill(1),
  rowOf: (id) => Number(id),
  rowOfIdx: (idx) => idx,
};
const context = { items, learner: makeEma(items, { rate: 0.2 }), types: everyType, debounceSeconds: 300 };
const start = 1_700_000_000;

interface Told {
  readonly user: number;
  readonly id: string;
  readonly item: number;
  readonly type: string;
  readonly time: number;
  readonly arrival: number;
}

/** Of two users, more items and impressions than are kept, some sent again and some late. */
const log = fc
  .array(
    fc.record({
      user: fc.nat(1),
      id: fc.nat(700),
      item: fc.nat(299),
      type: fc.oneof(
        { weight: 12, arbitrary: fc.constant("impression") },
        fc.constantFrom("view", "purchase", "dislike"),
      ),
      wait: fc.oneof({ weight: 200, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.nat(90_000) }),
      late: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9_000) }),
    }),
    { minLength: 1, maxLength: 1_200, size: "max" },
  )
  .map((steps): ReadonlyArray<Told> => {
    let arrival = start;
    return steps.map(({ id, late, wait, ...one }) => {
      arrival += wait;
      // A client that sends again says the same of the item.
      return { ...one, id: `${one.type} ${id}`, arrival, time: arrival - late };
    });
  });

type Row = Readonly<Record<string, number | bigint | string | boolean | null>> & { readonly user_idx: number };

const eventRow = (told: Told, at: number): Row => ({
  user_idx: told.user,
  item_idx: told.item,
  type: everyType.codeOf(told.type),
  time: told.time,
  arrival: told.arrival,
  log_partition: told.user,
  event_id: told.id,
  place: BigInt(at),
  number: null,
  counted: null,
  kind: everyType.shows[everyType.codeOf(told.type)] ? rowKinds.impression : rowKinds.event,
});

const names = [
  "user_idx",
  "item_idx",
  "type",
  "time",
  "arrival",
  "log_partition",
  "event_id",
  "place",
  "number",
  "counted",
  "kind",
];

const columnsOf = (rows: ReadonlyArray<Row>) => ({
  rows: rows.length,
  columns: Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)])),
});

const rowsOf = (batches: Judge["remembered"]): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  batches.flatMap(({ columns, rows }) =>
    Array.from({ length: rows }, (_, i) =>
      Object.fromEntries(Object.entries(columns).map(([name, all]) => [name, all[i]])),
    ),
  );

/** What is carried to the next run, as rows for its judge, and what of it was shown. */
const judged = (before: ReadonlyArray<Row>, told: ReadonlyArray<Told>) => {
  const acts = told.filter(({ type }) => !everyType.shows[everyType.codeOf(type)]);
  const newest = new Map(acts.map(({ arrival, user }) => [user, arrival]));
  const judge = makeJudge(300, (partition) => newest.get(partition));
  const rows = [...before, ...told.map(eventRow)];
  // In two batches, wherever the first ends.
  const sorted = [0, 1].flatMap((user) => rows.filter(({ user_idx }) => user_idx === user));
  judge.read(columnsOf(sorted.slice(0, told.length >> 1)));
  judge.read(columnsOf(sorted.slice(told.length >> 1)));
  judge.finish();
  const shown = rowsOf(judge.takeShown());
  const carried = [
    ...rowsOf(judge.remembered).map((row): Row => {
      const { arrived_at, event_key, timestamp, user_idx, ...rest } = row as Row;
      return {
        ...rest,
        user_idx,
        event_id: null,
        time: timestamp,
        arrival: arrived_at,
        number: event_key,
        kind: rowKinds.remembered,
      };
    }),
    ...shown.map((row): Row => {
      const { impression, item_idx, last, shown: count, user_idx } = row as Record<string, number>;
      const isKey = item_idx === -1;
      return {
        ...{
          user_idx,
          item_idx,
          event_id: null,
          arrival: null,
          time: last,
          number: BigInt(isKey ? impression : count),
        },
        kind: isKey ? rowKinds.key : rowKinds.item,
      };
    }),
  ];
  const of = (user: number): ShownItems => {
    const own = shown.filter(({ user_idx }) => user_idx === user) as ReadonlyArray<Record<string, number>>;
    expect(own.map(({ n }) => n)).toEqual(own.map((_, n) => n));
    return {
      items: Uint32Array.from(
        own.flatMap(({ item_idx, last, shown }) => (item_idx < 0 ? [] : [item_idx, last, shown])),
      ),
      ids: Uint32Array.from(own.flatMap(({ impression, item_idx }) => (item_idx < 0 ? [impression] : []))),
    };
  };
  return { carried, shown: [of(0), of(1)] };
};

const streamed = (told: ReadonlyArray<Told>): ReadonlyArray<ShownItems> =>
  [0, 1].map((user) => {
    const state = openUser(emptyUserState);
    told.forEach((one, i) => {
      if (one.user !== user) return;
      const event = { eventId: one.id, userId: "u", itemId: String(one.item), eventType: one.type };
      applyEvent(
        state,
        { ...event, timestamp: one.time, quantity: 1 },
        0,
        { offset: BigInt(i), appendedAt: one.arrival },
        context,
      );
    });
    return state.shown;
  });

describe("Judge", () => {
  it("comes to what the stream comes to of what was shown, and of what sinks, also where it carries on", () => {
    let [full, overtaken] = [0, 0];
    fc.assert(
      fc.property(log, fc.nat(1_200), (told, cut) => {
        const stream = streamed(told);
        const first = judged([], told.slice(0, cut % told.length));
        expect(judged([], told).shown).toEqual(stream);
        expect(judged(first.carried, told.slice(cut % told.length)).shown).toEqual(stream);
        const now = start + 100_000;
        const scores = items.itemIdx.map((_, i) => 300 - i);
        const listed = (shown = nothingShown) => [
          ...sinkingOf(shown, 0.7, 86_400, now).reordered(
            Array.from(scores, (score, itemIdx) => ({ itemIdx, row: itemIdx, score, source: "personalized" as const })),
          ),
        ];
        expect(listed(judged([], told).shown[0])).toEqual(listed(stream[0]));
        if (stream.some((shown) => unpackShown(shown).length === mostShown)) full++;
        if (stream.some(({ ids }) => ids.length === mostImpressions)) overtaken++;
      }),
      { numRuns: 60 },
    );
    expect([full > 0, overtaken > 0]).toEqual([true, true]);
  });
});
