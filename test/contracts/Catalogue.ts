/** What every Catalogue promises, by the real clock. `store` is empty at first; each test has items of its own. */
import { expect, it } from "@effect/vitest";
import { Chunk, Context, Effect, Exit, Fiber, Layer, Option, Ref, Schedule, Scope, Stream } from "effect";
import { pageItems } from "../../layers/Catalogue/Follow.ts";
import { applyChange, type Change, fieldsOf, type ItemRecord, noRecord } from "../../src/domain/ItemRecord.ts";
import { Catalogue, type CatalogueService, type ItemChange, type StoredItem } from "../../src/ports/Catalogue.ts";

let tests = 0;
/** Ids that no other test has. */
const newIds = (count: number): ReadonlyArray<string> => {
  const test = ++tests;
  return Array.from({ length: count }, (_, i) => `item ${test}/${i} ž`);
};

const replace = (itemId: string, title: string, at?: number): ItemChange => ({
  kind: "replace",
  itemId,
  at,
  fields: { title, "attributes.price": 9.5, "attributes.tags": ["a", "b"], available: true },
});
const patch = (itemId: string, title: string | null, at?: number): ItemChange => ({
  kind: "patch",
  itemId,
  at,
  fields: { title },
});
const remove = (itemId: string, at?: number): ItemChange => ({ kind: "remove", itemId, at });

const titleOf = (item: StoredItem | undefined) => item?.record && fieldsOf(item.record).title;

const sorted = (numbers: Iterable<number>): ReadonlyArray<number> => [...numbers].sort((a, b) => a - b);

/** The number up to which there are changes now. */
const standing = (catalogue: CatalogueService) =>
  catalogue.changes(0).pipe(
    Stream.takeUntil(({ isLast }) => isLast),
    Stream.runLast,
    Effect.map((last) => Option.getOrThrow(last).number),
  );

/** All that changed since, up to now. */
const since = (catalogue: CatalogueService, after: number) =>
  catalogue.changes(after).pipe(
    Stream.takeUntil(({ isLast }) => isLast),
    Stream.runCollect,
    Effect.map((pages) => Chunk.toReadonlyArray(pages).flatMap(({ items }) => items)),
  );

/** `spoil` stores what cannot be decoded in an item's place; `catalogue` opens the store once more each time it is built. */
export const catalogueContract = <R>(
  name: string,
  store: () => Layer.Layer<R, unknown>,
  catalogue: Layer.Layer<Catalogue, unknown, R>,
  spoil: (itemId: string, itemIdx: number) => Effect.Effect<unknown, unknown, R>,
): void => {
  const layer = () => Layer.provideMerge(catalogue, store()) as Layer.Layer<Catalogue | R>;
  /** As another process: with the same store, and nothing else in common. */
  const another: Effect.Effect<CatalogueService, never, R | Scope.Scope> = Layer.build(Layer.fresh(catalogue)).pipe(
    Effect.map((context) => Context.get(context, Catalogue)),
    Effect.orDie,
  );

  const options = { timeout: "60 seconds", excludeTestServices: true } as const;
  it.layer(layer(), options)(`${name}: Catalogue`, (it) => {
    it.scoped("gives an index once, without gaps, whoever asks at the same time", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const there = yield* another;
        const first = yield* here.size;
        const ids = newIds(60);
        const answers = yield* Effect.forEach(
          Array.from({ length: 24 }, (_, i) => i),
          (i) => {
            const rotated = [...ids.slice(i * 2), ...ids.slice(0, i * 2)];
            const [some, one] = [rotated.slice(0, 40), rotated[50]!];
            return i % 3 === 2
              ? Effect.map((i % 2 === 0 ? here : there).change([replace(one, "put")]), ([item]) => [
                  [one, item!.itemIdx] as const,
                ])
              : Effect.map((i % 2 === 0 ? here : there).allot(some), (indices) =>
                  some.map((id, at) => [id, indices[at]!] as const),
                );
          },
          { concurrency: "unbounded" },
        );
        const given = new Map<string, number>();
        for (const [id, itemIdx] of answers.flat()) {
          expect(given.get(id) ?? itemIdx).toBe(itemIdx);
          given.set(id, itemIdx);
        }
        expect(sorted(given.values())).toEqual(Array.from({ length: 60 }, (_, i) => first + i));
        expect(yield* here.size).toBe(first + 60);
        expect(yield* there.allot([ids[7]!, ids[3]!, ids[7]!])).toEqual([7, 3, 7].map((i) => given.get(ids[i]!)));
        const listed = yield* Stream.runCollect(here.ids(first));
        expect(
          Chunk.toReadonlyArray(listed)
            .flat()
            .map((id) => given.get(id)),
        ).toEqual(sorted(given.values()));
        expect(Chunk.toReadonlyArray(yield* Stream.runCollect(here.ids(first + 60))).flat()).toEqual([]);
      }),
    );

    it.scoped("gives indices in the order of the ids", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const first = yield* here.size;
        const [a, b, c] = newIds(3) as [string, string, string];
        expect(yield* here.allot([c, a, c, b])).toEqual([first, first + 1, first, first + 2]);
        expect(yield* here.find([a, "never told", b])).toMatchObject([
          { itemId: a, itemIdx: first + 1, record: undefined },
          undefined,
          { itemId: b, itemIdx: first + 2 },
        ]);
      }),
    );

    it.scoped("gives indices to more items than one step of a store takes, and finds them", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const first = yield* here.size;
        const ids = newIds(11_000);
        expect(yield* here.allot(ids)).toEqual(ids.map((_, i) => first + i));
        expect(yield* here.allot(ids.toReversed())).toEqual(ids.map((_, i) => first + 10_999 - i));
        expect((yield* here.find(ids)).map((item) => item?.itemId)).toEqual(ids);
        const pages = Chunk.toReadonlyArray(yield* Stream.runCollect(here.ids(first + 1)));
        expect(pages.flat()).toEqual(ids.slice(1));
      }),
    );

    it.scoped("keeps what was said, whole, and under the same index for ever", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const [id] = newIds(1) as [string];
        const fields = {
          title: "Coat – “winter” \u2028 \\ \u0000 ✓",
          available: false,
          valid_from: "2026-01-01T00:00:00Z",
          "attributes.price": 0.1 + 0.2,
          "attributes.toString": true,
          "attributes.sizes": ["S", "", "ž"],
          "attributes.none": [],
          "attributes.": "",
        };
        const [first] = yield* here.change([{ kind: "replace", itemId: id, at: 1000, fields }]);
        expect(first).toMatchObject({ itemId: id, record: { at: 1000, removed: false, fields, patches: {} } });
        expect(yield* here.find([id])).toEqual([first]);
        const [gone] = yield* here.change([remove(id, 1001)]);
        expect(gone).toMatchObject({ itemIdx: first!.itemIdx, record: { at: 1001, removed: true, fields: {} } });
        const [back] = yield* here.change([replace(id, "back", 1002)]);
        expect(back!.itemIdx).toBe(first!.itemIdx);
        expect(first!.number < gone!.number && gone!.number < back!.number).toBe(true);
        expect(yield* (yield* another).find([id])).toEqual([back]);
      }),
    );

    it.scoped("lets the later word win, field by field, whatever the order", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const [id] = newIds(1) as [string];
        yield* here.change([replace(id, "file", 50), patch(id, "late", 70), replace(id, "newer file", 60)]);
        const [item] = yield* here.find([id]);
        expect(fieldsOf(item!.record!)).toMatchObject({ title: "late", available: true });
        const [older] = yield* here.change([remove(id, 55)]);
        expect(older).toEqual(item);
        const [tied] = yield* here.change([patch(id, null, 70)]);
        expect(titleOf(tied)).toBeUndefined();
        expect(fieldsOf(tied!.record!)).toMatchObject({ available: true });
      }),
    );

    it.scoped("takes a word without a time as later than all before it", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const [id] = newIds(1) as [string];
        const before = Date.now();
        const [now] = yield* here.change([replace(id, "now")]);
        expect(now!.record!.at).toBeGreaterThanOrEqual(before);
        expect(now!.record!.at).toBeLessThanOrEqual(Date.now());
        const future = Date.now() + 86_400_000;
        yield* here.change([patch(id, "tomorrow", future)]);
        const [called, again] = yield* here.change([patch(id, "called"), replace(id, "again")]);
        expect(called!.record!.patches.title).toEqual({ at: future + 1, value: "called" });
        expect(again!.record).toMatchObject({ at: future + 2, patches: {} });
        expect(titleOf(again)).toBe("again");
      }),
    );

    it.scoped("answers undefined where a patch or a removal has nothing to change", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const [id, other, indexed, hidden] = newIds(4) as [string, string, string, string];
        const size = yield* here.size;
        expect(yield* here.change([patch(id, "no"), remove(id)])).toEqual([undefined, undefined]);
        expect(yield* here.size).toBe(size);
        const answers = yield* here.change([
          replace(other, "there"),
          remove(other),
          patch(other, "no"),
          remove(other),
          patch(id, "no"),
        ]);
        expect(answers.map((item) => item?.record?.removed)).toEqual([false, true, undefined, undefined, undefined]);
        expect(yield* here.find([id])).toEqual([undefined]);
        // Something happened with these, and nothing was said of them: a model may know them.
        yield* here.allot([indexed, hidden]);
        const [patched, taken] = yield* here.change([patch(indexed, "said"), remove(hidden)]);
        expect(titleOf(patched)).toBe("said");
        expect(taken!.record!.removed).toBe(true);
        expect(yield* here.change([patch(hidden, "no")])).toEqual([undefined]);
      }),
    );

    it.scoped("writes nothing where nothing changes", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const ids = newIds(3);
        const words = ids.flatMap((id) => [replace(id, "file", 10), patch(id, "patched", 20)]);
        yield* here.change(words);
        const before = yield* here.find(ids);
        const number = yield* standing(here);
        const again = yield* here.change(words);
        expect(again).toEqual([0, 0, 1, 1, 2, 2].map((i) => before[i]));
        expect(yield* here.find(ids)).toEqual(before);
        yield* here.allot(ids);
        expect(yield* standing(here)).toBe(number);
        expect(yield* here.change([])).toEqual([]);
      }),
    );

    it.scoped("adopts indices that were given elsewhere, and only those that fit", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const first = yield* here.size;
        const ids = newIds(6);
        const told: ItemRecord = { ...noRecord, fields: { title: "of the model" } };
        const refused = (at: number, some: ReadonlyArray<string>) =>
          Effect.map(
            Effect.flip(
              here.adopt(
                at,
                some,
                some.map(() => told),
              ),
            ),
            ({ reason }) => reason,
          );
        expect(yield* refused(first + 1, ids)).toBe("Conflict");
        expect(yield* refused(first, [ids[0]!, ids[1]!, ids[0]!])).toBe("Conflict");
        expect(yield* here.size).toBe(first);

        yield* here.adopt(first, ids.slice(0, 3), [told, undefined]);
        expect(yield* here.find(ids.slice(0, 4))).toMatchObject([
          { itemIdx: first, record: told },
          { itemIdx: first + 1, record: undefined },
          { itemIdx: first + 2, record: undefined },
          undefined,
        ]);
        const number = yield* standing(here);
        yield* here.adopt(first, ids.slice(0, 3), [{ ...told, at: 7 }]);
        yield* here.adopt(first + 3, []);
        expect(yield* standing(here)).toBe(number);

        yield* here.change([replace(ids[1]!, "said", 5)]);
        // The known ones stay, a record is taken where there is none, and new ones follow without a gap.
        yield* here.adopt(first + 1, ids.slice(1, 5), [told, told, told]);
        expect((yield* here.find(ids)).map(titleOf)).toEqual([
          "of the model",
          "said",
          "of the model",
          "of the model",
          undefined,
          undefined,
        ]);
        expect(yield* here.size).toBe(first + 5);

        const before = yield* here.find(ids);
        expect(yield* refused(first, [ids[5]!])).toBe("Conflict");
        expect(yield* refused(first + 4, [ids[4]!, ids[0]!])).toBe("Conflict");
        expect(yield* refused(first + 4, [ids[4]!, ids[5]!, ids[5]!])).toBe("Conflict");
        expect(yield* refused(first + 3, [ids[4]!, ids[5]!])).toBe("Conflict");
        expect(yield* here.find(ids)).toEqual(before);
        expect(yield* here.allot([ids[5]!])).toEqual([first + 5]);
      }),
    );

    it.scoped("loses no change of callers at the same time, here and there", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const there = yield* another;
        const ids = newIds(5);
        const words = Array.from({ length: 300 }, (_, i): ItemChange => {
          const itemId = ids[i % 5]!;
          // Of distinct times, in no order; items are there before and after.
          const at = 100 + ((i * 7919) % 300);
          return i % 11 === 0
            ? replace(itemId, `all ${i}`, at)
            : { kind: "patch", itemId, at, fields: { [`attributes.${i % 4}`]: i } };
        });
        yield* here.change(ids.map((id) => replace(id, "first", 1)));
        yield* Effect.forEach(words, (word, i) => (i % 2 === 0 ? here : there).change([word]), {
          concurrency: "unbounded",
        });
        const told = ids.map((id) =>
          [replace(id, "first", 1), ...words.filter(({ itemId }) => itemId === id)].reduce(
            (record, { itemId: _, ...change }) => applyChange(record, change as Change),
            noRecord,
          ),
        );
        expect((yield* there.find(ids)).map((item) => item!.record)).toEqual(told);
      }),
    );

    it.scoped("decides by the item as it is then, whoever changes it at the same time, here and there", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const there = yield* another;
        const [a, gone] = newIds(2) as [string, string];
        const countUp = (most: number): ItemChange => ({
          itemId: a,
          kind: "decided",
          decide: (before) => {
            const n = Number(fieldsOf(before)["attributes.n"] ?? 0);
            if (n >= most) return undefined;
            return { kind: before === noRecord ? "replace" : "patch", fields: { "attributes.n": n + 1 } };
          },
        });
        const answers = yield* Effect.forEach(
          Array.from({ length: 30 }, (_, i) => i),
          (i) => (i % 2 === 0 ? here : there).change([countUp(20)]),
          { concurrency: "unbounded" },
        );
        const counted = answers
          .flat()
          .flatMap((item) => Number(item?.record && fieldsOf(item.record)["attributes.n"]) || []);
        expect(sorted(counted)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
        const refuse: ItemChange = { itemId: gone, kind: "decided", decide: () => undefined };
        expect(yield* here.change([refuse])).toEqual([undefined]);
        yield* here.change([replace(gone, "there"), remove(gone)]);
        const seen: Array<boolean> = [];
        const look: ItemChange = {
          itemId: gone,
          kind: "decided",
          decide: ({ removed }) => {
            seen.push(removed);
            return { kind: "patch", fields: {} };
          },
        };
        expect(yield* there.change([look])).toEqual([undefined]);
        expect(seen.at(-1)).toBe(true);
      }),
    );

    it.scoped("applies all changes of a call or none", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const [whole, broken, late] = newIds(3) as [string, string, string];
        const [, item] = yield* here.change([replace(whole, "before", 1), replace(broken, "before", 1)]);
        yield* spoil(broken, item!.itemIdx);
        const size = yield* here.size;
        const [failed, others] = yield* Effect.all(
          [
            Effect.flip(
              here.change([replace(whole, "after", 2), replace(broken, "after", 2), replace(late, "new", 2)]),
            ),
            here.change([patch(whole, "other", 3)]),
          ],
          { concurrency: "unbounded" },
        );
        expect(failed).toMatchObject({ _tag: "CatalogueError", reason: "Corrupt" });
        expect(failed.message).toContain(broken);
        expect(titleOf(others[0])).toBe("other");
        expect(others[0]!.record!.at).toBe(1);
        expect(yield* here.size).toBe(size);

        const told = [
          yield* Effect.flip(here.find([whole, broken])),
          yield* Effect.flip(since(here, item!.number - 1)),
          yield* Effect.flip(here.allot([late, broken])),
        ];
        for (const { message, reason } of told) {
          expect(reason).toBe("Corrupt");
          expect(message).toContain(JSON.stringify(broken));
          expect(message).toContain("restore");
        }
      }),
    );
  });

  it.layer(layer(), options)(`${name}: Catalogue's changes`, (it) => {
    it.scoped("are empty at first, then each item once, as it is, oldest change first", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const head = yield* Stream.runHead(here.changes(0));
        expect(Option.getOrThrow(head)).toEqual({ items: [], number: 0, isLast: true });
        const ids = newIds(4) as [string, string, string, string];
        yield* here.change(ids.map((id) => replace(id, "first", 1)));
        const half = yield* standing(here);
        yield* here.change([patch(ids[2], "second", 2), patch(ids[0], "second", 2), patch(ids[2], "third", 3)]);
        const all = yield* since(here, 0);
        expect(all.map(({ itemId }) => itemId).slice(0, 2)).toEqual([ids[1], ids[3]]);
        expect(new Set(all.map(({ itemId }) => itemId))).toEqual(new Set(ids));
        expect(all).toHaveLength(4);
        expect(all.every((item, i) => i === 0 || item.number > all[i - 1]!.number)).toBe(true);
        expect(new Map(all.map((item) => [item.itemId, titleOf(item)])).get(ids[2])).toBe("third");
        const news = yield* since(here, half);
        expect(new Set(news.map(({ itemId }) => itemId))).toEqual(new Set([ids[0], ids[2]]));
        expect(yield* here.find(ids)).toEqual(ids.map((id) => all.find(({ itemId }) => itemId === id)));
        // An index alone is told, too.
        const [bare] = newIds(1) as [string];
        const [itemIdx] = yield* here.allot([bare]);
        const [last] = yield* since(here, news.at(-1)!.number);
        expect(last).toMatchObject({ itemId: bare, itemIdx, record: undefined });
      }),
    );

    it.scoped("come in pages that end where the last change does", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const after = yield* standing(here);
        const ids = newIds(4500);
        for (let from = 0; from < ids.length; from += 1000) {
          yield* here.change(ids.slice(from, from + 1000).map((id) => replace(id, "paged", 1)));
        }
        const pages = Chunk.toReadonlyArray(
          yield* Stream.runCollect(Stream.takeUntil(here.changes(after), ({ isLast }) => isLast)),
        );
        expect(pages.length).toBeGreaterThan(1);
        expect(pages.flatMap(({ items }) => items.map(({ itemId }) => itemId))).toEqual(ids);
        for (const { items, number } of pages.slice(0, -1)) expect(number).toBe(items.at(-1)!.number);
        expect(pages.at(-1)!.number).toBe(yield* standing(here));
      }),
    );

    it.scoped("of another process are seen within a second, one's own at once", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const there = yield* another;
        const [mine, theirs] = newIds(2) as [string, string];
        const seen = yield* Ref.make<ReadonlyMap<string, number>>(new Map());
        const watching = yield* here.changes(yield* standing(here)).pipe(
          Stream.runForEach(({ items }) =>
            Ref.update(
              seen,
              (before) => new Map([...before, ...items.map((one) => [one.itemId, Date.now()] as const)]),
            ),
          ),
          Effect.fork,
        );
        const seenAt = (id: string) =>
          Effect.flatMap(Ref.get(seen), (now) =>
            now.has(id) ? Effect.succeed(now.get(id)!) : Effect.fail("not yet"),
          ).pipe(Effect.retry(Schedule.intersect(Schedule.spaced("5 millis"), Schedule.recurs(400))));
        yield* Effect.sleep("50 millis");
        yield* there.change([replace(theirs, "theirs")]);
        const toldThere = Date.now();
        expect((yield* seenAt(theirs)) - toldThere).toBeLessThan(1000);
        const delays: Array<number> = [];
        for (let i = 0; i < 5; i++) {
          yield* here.change([patch(i === 0 ? theirs : mine, String(i)), replace(mine, String(i))]);
          const toldHere = Date.now();
          yield* Ref.set(seen, new Map());
          yield* here.change([patch(mine, `again ${i}`)]);
          delays.push((yield* seenAt(mine)) - toldHere);
        }
        // Most of them sooner than anybody looks again.
        expect(sorted(delays)[2]).toBeLessThan(100);
        yield* Fiber.interrupt(watching);
      }),
    );

    it.scoped("come to their end, however many there are: also where the last page is a full one", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const number = yield* standing(here);
        for (let page = 0; page < 2; page++) {
          const ids = newIds(pageItems);
          for (let first = 0; first < ids.length; first += 1000) {
            yield* here.change(ids.slice(first, first + 1000).map((id) => replace(id, "new")));
          }
          const told = yield* Effect.timeout(since(here, number), "20 seconds");
          expect(told).toHaveLength((page + 1) * pageItems);
        }
      }),
    );

    it.scoped("wait for one who was away, and are none the less there after a restart", () =>
      Effect.gen(function* () {
        const here = yield* Catalogue;
        const ids = newIds(3);
        const scope = yield* Scope.make();
        const before = yield* Scope.extend(another, scope);
        yield* before.change(ids.map((id) => replace(id, "before", 1)));
        const number = yield* standing(before);
        yield* Scope.close(scope, Exit.void);
        yield* here.change([patch(ids[1]!, "meanwhile", 2)]);
        const after = yield* another;
        expect((yield* since(after, number)).map(titleOf)).toEqual(["meanwhile"]);
        expect((yield* after.find(ids)).map(titleOf)).toEqual(["before", "meanwhile", "before"]);
      }),
    );
  });
};
