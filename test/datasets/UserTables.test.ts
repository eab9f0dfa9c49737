import { describe, expect, it } from "@effect/vitest";
import { Effect, Stream } from "effect";
import fc from "fast-check";
import { idsInTurn } from "../../src/datasets/StoredIds.ts";
import { readPasts } from "../../src/datasets/UserTables.ts";
import { defaultEventTypes } from "../../src/domain/EventTypes.ts";
import { itemSetOf } from "../../src/domain/ItemSet.ts";
import { packEvents } from "../../src/domain/RecentEvents.ts";
import {
  type TableDefinition,
  userBought,
  userHidden,
  userHistory,
  userMap,
  userRecent,
  userShown,
} from "../../src/domain/TableSchemas.ts";
import { keepNewest } from "../../src/learning/ApplyEvent.ts";
import { Tables } from "../../src/ports/Tables.ts";
import { batchOf, inFolder, type Row } from "../support/Folder.ts";
import { pastOf } from "../support/LoadedUsers.ts";

const users = 12;
const purchase = defaultEventTypes.codeOf("purchase");
const user = fc.nat(users - 1);
const item = fc.nat(9);
const type = fc.integer({ min: -1, max: 3 });
const time = fc.nat(5);

const history = fc.array(fc.record({ user_idx: user, item_idx: item, type, timestamp: time }), { maxLength: 60 });
const bought = fc.uniqueArray(fc.record({ user_idx: user, item_idx: item }), {
  maxLength: 40,
  selector: ({ item_idx, user_idx }) => `${user_idx} ${item_idx}`,
});
const recent = fc.array(
  fc.record({
    user_idx: user,
    event_key: fc.bigInt({ min: -1n, max: 2n ** 53n - 1n }),
    arrived_at: time,
    timestamp: time,
    item_idx: item,
    type,
    counted: fc.boolean(),
    log_partition: fc.option(fc.nat(3)),
  }),
  { maxLength: 20 },
);

/** Of each user what was shown, as rows of user_shown. */
const shown = fc.array(
  fc.record({
    user_idx: user,
    items: fc.array(fc.record({ item_idx: item, last: fc.nat(2 ** 32 - 1), shown: fc.integer({ min: 1, max: 9 }) }), {
      maxLength: 4,
    }),
    impressions: fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { maxLength: 4 }),
  }),
  { maxLength: 10 },
);

/** Ends of the windows that are asked for, one behind the other. */
const windows = fc
  .array(user, { maxLength: 4 })
  .map((ends) => [...new Set([...ends, users - 1])].sort((a, b) => a - b));

const put = ({ name, schema }: TableDefinition, rows: ReadonlyArray<Row>, cut: number) =>
  Effect.flatMap(Tables, (tables) => {
    const parts = [rows.slice(0, cut % (rows.length + 1)), rows.slice(cut % (rows.length + 1))];
    const append = (part: ReadonlyArray<Row>) => tables.append(name, schema, Stream.make(batchOf(schema, part)));
    return Effect.zipRight(tables.overwrite(name, schema, Stream.make(batchOf(schema, parts[0]!))), append(parts[1]!));
  });

const byUser = <A extends { readonly user_idx: number }>(rows: ReadonlyArray<A>): ReadonlyArray<A> =>
  [...rows].sort((a, b) => a.user_idx - b.user_idx);

describe("UserTables", () => {
  it.effect("tells the past of neighbouring users, however the rows lie in files and windows", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const services = yield* Effect.context<Tables>();
        const check = fc.asyncProperty(
          fc.record({ history, bought, hidden: bought, shown, recent, windows, cut: fc.nat(), isKept: fc.boolean() }),
          (given) =>
            Effect.runPromise(
              Effect.gen(function* () {
                const events = byUser(given.recent);
                const items = [...given.bought].sort((a, b) => a.user_idx - b.user_idx || a.item_idx - b.item_idx);
                const hidden = [...given.hidden].sort((a, b) => a.user_idx - b.user_idx || a.item_idx - b.item_idx);
                const seen = byUser(
                  given.shown.filter((one, i) => given.shown.findIndex((o) => o.user_idx === one.user_idx) === i),
                );
                const shownRows = seen.flatMap(({ impressions, items, user_idx }) => [
                  ...items.map((one) => ({ user_idx, ...one, impression: 0 })),
                  ...impressions.map((impression) => ({ user_idx, item_idx: -1, last: 0, shown: 0, impression })),
                ]);
                const versions = {
                  [userShown.name]: yield* put(userShown, shownRows, given.cut),
                  [userHidden.name]: yield* put(userHidden, hidden, given.cut),
                  [userHistory.name]: yield* put(userHistory, byUser(given.history), given.cut),
                  [userRecent.name]: yield* put(userRecent, events, given.cut),
                  ...(given.isKept ? { [userBought.name]: yield* put(userBought, items, given.cut) } : {}),
                };
                const pastsOf = yield* readPasts({ tables: versions, offsets: {} });
                let first = 0;
                for (const last of given.windows) {
                  const pasts = yield* pastsOf(first, last);
                  for (let u = first; u <= last; u++) {
                    const own = byUser(given.history).filter(({ user_idx }) => user_idx === u);
                    const purchases = own.filter((one) => one.type === purchase).map(({ item_idx }) => item_idx);
                    const kept = items.filter(({ user_idx }) => user_idx === u).map(({ item_idx }) => item_idx);
                    const all = new Set(given.isKept ? kept : purchases);
                    expect(pastOf(pasts, u - first)).toEqual({
                      interactions: own
                        .filter((one) => one.type !== purchase || all.has(one.item_idx))
                        .map((one) => ({ itemIdx: one.item_idx, type: one.type, time: one.timestamp })),
                      bought: itemSetOf(all),
                      hidden: itemSetOf(
                        hidden.filter(({ user_idx }) => user_idx === u).map(({ item_idx }) => item_idx),
                      ),
                      shown: {
                        items: Uint32Array.from(
                          seen
                            .filter(({ user_idx }) => user_idx === u)
                            .flatMap(({ items }) => items.flatMap((one) => [one.item_idx, one.last, one.shown])),
                        ),
                        ids: Uint32Array.from(
                          seen.filter(({ user_idx }) => user_idx === u).flatMap(({ impressions }) => impressions),
                        ),
                      },
                      recent: packEvents(
                        events
                          .filter(({ user_idx }) => user_idx === u)
                          .map((one) => ({
                            id: Number(one.event_key),
                            arrival: one.arrived_at,
                            time: one.timestamp,
                            itemIdx: one.item_idx,
                            type: one.type,
                            counted: one.counted,
                          })),
                      ),
                    });
                  }
                  first = last + 1;
                }
              }).pipe(Effect.scoped, Effect.provide(services)),
            ),
        );
        yield* Effect.promise(() => fc.assert(check, { numRuns: 25 }));
      }),
    ),
  );

  it.effect("tells as much of a history as a user state keeps", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const services = yield* Effect.context<Tables>();
        const types = fc.array(fc.constantFrom(0, 1, purchase), { maxLength: 400, size: "max" });
        const check = fc.asyncProperty(fc.array(types, { minLength: 1, maxLength: 3 }), fc.nat(), (given, cut) =>
          Effect.runPromise(
            Effect.gen(function* () {
              const rows = given.flatMap((own, user_idx) =>
                own.map((type, i) => ({ user_idx, item_idx: i, type, timestamp: i })),
              );
              const versions = {
                [userHistory.name]: yield* put(userHistory, rows, cut),
                [userBought.name]: yield* put(
                  userBought,
                  rows.filter(({ type }) => type === purchase),
                  0,
                ),
              };
              const pastsOf = yield* readPasts({ tables: versions, offsets: {} });
              const pasts = yield* pastsOf(0, given.length - 1);
              given.forEach((own, user) => {
                const all = own.map((type, i) => ({ itemIdx: i, type, time: i }));
                expect(pastOf(pasts, user).interactions).toEqual(keepNewest(all, defaultEventTypes));
              });
            }).pipe(Effect.scoped, Effect.provide(services)),
          ),
        );
        yield* Effect.promise(() => fc.assert(check, { numRuns: 15 }));
      }),
    ),
  );

  it.effect("refuses rows out of the users' order", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const rows = [2, 1].map((user_idx) => ({ user_idx, item_idx: 0, type: 0, timestamp: 0 }));
        const version = yield* put(userHistory, rows, 0);
        const pastsOf = yield* readPasts({ tables: { [userHistory.name]: version }, offsets: {} });
        const error = yield* Effect.flip(pastsOf(0, 2));
        expect(error).toMatchObject({ reason: "Corrupt", message: expect.stringContaining("preprocess") });
      }).pipe(Effect.scoped),
    ),
  );

  it.effect("gives ids in turn, in whatever order they are stored", () =>
    inFolder(() =>
      Effect.gen(function* () {
        const row = (user_idx: number) => ({ customer_id: `u${user_idx}`, user_idx });
        const inTurn = (indices: ReadonlyArray<number>) =>
          Effect.gen(function* () {
            const take = yield* idsInTurn(userMap, yield* put(userMap, indices.map(row), 2));
            return [yield* take(0, 2), yield* take(2, 5), yield* take(5, 9)];
          }).pipe(Effect.scoped);
        const expected = [["u0", "u1"], ["u2", "u3", "u4"], ["u5"]];
        for (const indices of [
          [0, 1, 2, 3, 4, 5],
          [0, 1, 2, 4, 3, 5],
          [5, 4, 3, 2, 1, 0],
        ]) {
          expect(yield* inTurn(indices)).toEqual(expected);
        }
        expect(yield* Effect.flip(inTurn([0, 1, 2, 2, 4, 5]))).toMatchObject({ reason: "Corrupt" });
      }),
    ),
  );
});
