import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { absences } from "../../../../layers/EventLog/embedded/Awake.ts";
import { Store } from "../../../../layers/engines/lmdb/Store.ts";
import { temporaryStore } from "../../engines/lmdb/temporary.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

it.scoped("counts a group's absence only while the log is open", () =>
  Effect.gen(function* () {
    const store = yield* Store;
    const began = 1_800_000_000_000;
    const look = (now: number, at: number) =>
      Effect.map(
        store.write(() => absences(store, [{ group: "updater", at }], now)),
        (unseen) => unseen.get("updater"),
      );
    expect(yield* look(began, began)).toBe(0);

    // Switched off for forty days, and the group is not there yet when the log opens again.
    const reopened = began + 40 * day;
    expect(yield* look(reopened, began)).toBeLessThanOrEqual(10 * minute);

    const now = reopened + 8 * day;
    yield* store.write(() => {
      for (let at = reopened; at < now; at += 5 * minute) absences(store, [{ group: "updater", at: began }], at);
    });
    expect(yield* look(now, began)).toBeGreaterThan(8 * day - minute);

    expect(yield* look(now + minute, now + minute)).toBe(0);
    expect(yield* look(now + 11 * minute, now + minute)).toBe(10 * minute);
  }).pipe(Effect.provide(temporaryStore)),
);
