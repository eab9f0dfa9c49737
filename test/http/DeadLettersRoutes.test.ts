/** Dead letters over HTTP: listed page by page, replayed, dropped. */
import { expect, it } from "@effect/vitest";
import { Effect } from "effect";
import { encodeEvent } from "../../src/domain/EventCodec.ts";
import { letter } from "../contracts/DeadLetters.ts";
import { expectProblem, inShop } from "./Served.ts";

const path = "/dead-letters";
const replay = { method: "POST" };
const drop = { method: "DELETE" };
const offsets = (letters: unknown) => (letters as ReadonlyArray<{ offset: string }>).map(({ offset }) => offset);

it.live("dead letters are listed by reason, page by page, the newest first to come, with values cut short", () =>
  inShop((ask, { letters }) =>
    Effect.gen(function* () {
      const kept = [1n, 2n, 3n, 4n, 5n].map((offset) => letter("archiver", 0, offset, "x".repeat(500)));
      yield* letters.service.append([...kept, { ...letter("archiver", 0, 6n), reason: "unknown_item" as const }]);
      const all = yield* ask(path);
      expect(all.body).toMatchObject({
        total: 6,
        done: 0,
        by_reason: { undecodable: 5, unknown_item: 1 },
        next_cursor: null,
      });
      const first = yield* ask(`${path}?reason=undecodable&limit=2`);
      expect(offsets(first.body.letters)).toEqual(["4", "5"]);
      expect(first.body).toMatchObject({ total: 5 });
      expect((first.body.letters as ReadonlyArray<unknown>)[0]).toMatchObject({
        ...{ reason: "undecodable", partition: 0, by: ["archiver"], state: "open" },
        ...{ value: "x".repeat(400), is_cut: true, bytes: 500 },
      });
      // What the cursor stands at may be gone when it is followed.
      yield* letters.service.drop([kept[4]]);
      const second = yield* ask(`${path}?reason=undecodable&limit=2&cursor=${first.body.next_cursor}`);
      expect(offsets(second.body.letters)).toEqual(["2", "3"]);
      const third = yield* ask(`${path}?reason=undecodable&limit=2&cursor=${second.body.next_cursor}`);
      expect([offsets(third.body.letters), third.body.next_cursor]).toEqual([["1"], null]);
      for (const query of ["reason=any", "limit=0", "limit=1001", "cursor=eA", "cursor="]) {
        expectProblem(yield* ask(`${path}?${query}`), 400, /send /);
      }
      for (const query of ["all=1", "reason=x"]) {
        expectProblem(yield* ask(`${path}/replay?${query}`, replay), 400, /send /);
        expectProblem(yield* ask(`${path}?${query}`, drop), 400, /send /);
      }
    }),
  ),
);

it.live("what can be used now is replayed once, though two ask at once; what was is dropped", () =>
  inShop((ask, { appended, ends, letters }) =>
    Effect.gen(function* () {
      const event = {
        ...{ eventId: "e1", userId: "u1", itemId: "0100000003", eventType: "click" as const },
        ...{ quantity: 1, timestamp: Math.floor(Date.now() / 1000) },
      };
      ends[0] = 9n;
      const value = encodeEvent(event);
      const usable = { ...letter("updater-a", 0, 8n), reason: "unknown_item" as const, value };
      yield* letters.service.append([usable, letter("archiver", 0, 7n)]);
      const replies = yield* Effect.all([ask(`${path}/replay`, replay), ask(`${path}/replay?all=true`, replay)], {
        concurrency: 2,
      });
      for (const { status } of replies) expect(status).toBe(200);
      expect(replies.map(({ body }) => body.replayed).sort()).toEqual([0, 1]);
      expect(replies[0]?.body.unusable).toEqual([{ why: expect.any(String), events: 1 }]);
      expect(appended.map(({ event }) => event.itemId)).toEqual(["0100000003"]);
      expect((yield* ask(path)).body).toMatchObject({ total: 2, done: 1 });
      expect((yield* ask(`${path}?reason=undecodable`, drop)).body).toEqual({ dropped: 0 });
      expect((yield* ask(path, drop)).body).toEqual({ dropped: 1 });
      expect((yield* ask(`${path}?all=true`, drop)).body).toEqual({ dropped: 1 });
      expect((yield* ask(path)).body).toMatchObject({ total: 0, letters: [] });
    }),
  ),
);

it.live("a log that is away is told of, and nothing is lost", () =>
  inShop((ask, { control, letters }) =>
    Effect.gen(function* () {
      yield* letters.service.append([letter("archiver", 0, 1n)]);
      control.down.add("log");
      expectProblem(yield* ask(`${path}/replay`, replay), 503, /Ask again/);
      control.down.clear();
      expect((yield* ask(path)).body.total).toBe(1);
    }),
  ),
);

it.live("nothing is replayed where what an archiver wrote is not to be seen", () =>
  inShop((ask, { appended, control, letters }) =>
    Effect.gen(function* () {
      yield* letters.service.append([letter("archiver", 0, 1n)]);
      control.archived = [undefined, 4n];
      expectProblem(
        yield* ask(`${path}/replay`, replay),
        409,
        /^.*The archive \(raw\/events\) is not in DATA_DIR.*all-in-one/,
      );
      expect((yield* ask(path)).body).toMatchObject({ total: 1, done: 0 });
      expect(appended).toEqual([]);
    }),
  ),
);
