/** POST /recommend/batch: many users at once, as JSON and as lines. */
import { describe, expect, it } from "@effect/vitest";
import { Effect, Schema } from "effect";
import * as fc from "fast-check";
import { emptyUserState } from "../../src/domain/UserState.ts";
import { ManyAnswer } from "../../src/serving/recommend/ManyAnswer.ts";
import { type Ask, expectProblem, fieldsOf, inShop, post } from "./Served.ts";

const decode = Schema.decodeUnknownSync(ManyAnswer, { onExcessProperty: "error" });

const lines = (text: string): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/x-ndjson" },
  body: text,
});

const linesOf = (text: string): ReadonlyArray<Record<string, unknown>> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

interface List {
  readonly recommendations: ReadonlyArray<Record<string, unknown>>;
}

/** What of a single answer a batch tells. */
const single = (ask: Ask, user: string, query: string) =>
  Effect.map(ask(`/recommend/${encodeURIComponent(user)}?${query}`), ({ body }) => {
    const { model, recommendations, source, user } = body as unknown as List & Record<string, unknown>;
    return {
      user,
      source,
      model,
      recommendations: recommendations.map(({ item_idx, metadata, reasons, score, source }) => ({
        item_id: (metadata as { item_id: string }).item_id,
        item_idx,
        score,
        source,
        metadata,
        ...(reasons === undefined ? {} : { reasons }),
      })),
    };
  });

const unnamed = ({ recommendation_id, ...rest }: Record<string, unknown>) => {
  expect(recommendation_id).toMatch(/^[\w-]{20,512}$/);
  return rest;
};

const user = fc.oneof(
  fc.constantFrom("u1", "u2", "u4", "bought", "3", "nobody", "2147483648"),
  fc.stringMatching(/^[\wäé ./~-]{1,12}$/).filter((text) => !/^\.{1,2}$/.test(text)),
);
const common = fc.record(
  {
    k: fc.integer({ min: 1, max: 100 }),
    product_type: fc.constantFrom("Hat", "Scarf"),
    product_group: fc.constantFrom("Shoes", "Accessories"),
    exclude_types: fc.constant("Boots"),
    seen: fc.constantFrom("bought", "seen", "none"),
    min_score: fc.constantFrom(0.1, 0.5),
    diversity_lambda: fc.constantFrom(0.5, 1),
    variants: fc.integer({ min: 0, max: 3 }),
    explain: fc.constant(true),
    seed: fc.nat(9),
  },
  { requiredKeys: [] },
);

describe("POST /recommend/batch", () => {
  it.live(
    "answers to each user what a single request answers, as JSON and as lines, with any learner and index",
    () =>
      Effect.forEach(
        [
          ["ema", true],
          ["blend", true],
          ["blend", false],
        ] as const,
        ([LEARNER, inMemory]) =>
          inShop(
            (ask, shop) =>
              Effect.promise(() => {
                shop.control.inMemory = inMemory;
                const interactions = [2, 9, 4].map((itemIdx, time) => ({ itemIdx, type: 0, time }));
                shop.users.set("a/bought", { ...emptyUserState, bought: Uint32Array.of(3, 7, 11), interactions });
                return fc.assert(
                  fc.asyncProperty(fc.array(user, { minLength: 1, maxLength: 12 }), common, async (users, asked) => {
                    const run = Effect.runPromise;
                    const { exclude_types: types, ...rest } = asked;
                    const body = { ...rest, ...(types === undefined ? {} : { exclude_types: [types] }) };
                    const query = new URLSearchParams(
                      Object.entries(asked).map(([name, value]) => [name, String(value)]),
                    ).toString();
                    const alone = await run(Effect.forEach(users, (one) => single(ask, one, query)));
                    const reply = await run(ask("/recommend/batch", post({ users, ...body })));
                    expect(reply.status, reply.text).toBe(200);
                    const { answers, model } = decode(reply.body);
                    expect(answers.map((one) => ({ ...unnamed(one), model }))).toEqual(alone);
                    const inQuery = await run(ask(`/recommend/batch?${query}`, post({ users })));
                    expect(decode(inQuery.body).answers.map((one) => ({ ...unnamed(one), model }))).toEqual(alone);
                    const sent = users.map((user_id) => `${JSON.stringify({ user_id })}\n`).join("\n");
                    const told = linesOf((await run(ask(`/recommend/batch?${query}`, lines(sent)))).text);
                    expect(told.map(({ line, ...one }) => unnamed(one))).toEqual(alone);
                  }),
                  { numRuns: 20 },
                );
              }),
            { LEARNER },
          ),
      ),
    60_000,
  );

  it.live("answers all others as ever where what is stored of one cannot be decoded", () =>
    inShop(
      (ask, shop) =>
        Effect.gen(function* () {
          shop.control.inMemory = true;
          for (const user of ["one", "two", "three"]) {
            shop.users.set(`a/${user}`, { ...emptyUserState, bought: Uint32Array.of(user.length) });
          }
          const asked = post({ users: ["one", "two", "three"], k: 3 });
          const before = decode((yield* ask("/recommend/batch", asked)).body).answers;
          shop.control.damaged.add("two");
          const after = decode((yield* ask("/recommend/batch", asked)).body).answers;
          const lists = [before, after].map((answers) => answers.map(({ recommendations }) => recommendations));
          expect([lists[1][0], lists[1][2]]).toEqual([lists[0][0], lists[0][2]]);
          expect(lists[1][1].length).toBe(3);
          const [alone, others] = yield* Effect.all([single(ask, "two", "k=3"), single(ask, "one", "k=3")], {
            concurrency: "unbounded",
          });
          expect(alone.recommendations.length).toBe(3);
          expect(others.recommendations).toEqual(lists[0][0]);
          // No outage of the store, which answers of all others.
          expect((yield* ask("/health/ready")).body).toMatchObject({ status: "ready" });
          const profile = yield* ask("/users/two/profile");
          expect(profile.status).toBe(503);
          expect(profile.body).toMatchObject({
            detail:
              "What is stored of shopper two in model a cannot be decoded: run the batch, which makes a model anew.",
          });
        }),
      { LEARNER: "blend" },
    ),
  );

  it.live("answers single requests of all others as ever where what is stored of one cannot be decoded", () =>
    inShop(
      (ask, { control, users }) =>
        Effect.gen(function* () {
          control.inMemory = true;
          const others = ["one", "three", "fourth"];
          for (const user of ["two", ...others]) {
            users.set(`a/${user}`, { ...emptyUserState, bought: Uint32Array.of(user.length) });
          }
          const answers = Effect.forEach(others, (user) => single(ask, user, "k=100"), { concurrency: "unbounded" });
          const before = yield* answers;
          const stranger = yield* single(ask, "nobody", "k=100");
          for (const { recommendations } of before) expect(recommendations).not.toEqual(stranger.recommendations);
          control.damaged.add("two");
          expect(yield* single(ask, "two", "k=100")).toEqual({ ...stranger, user: "two" });
          // All are read at once: none is answered without, as in an outage.
          const latch = yield* Effect.makeLatch();
          let reads = 0;
          control.beforeRead = Effect.suspend(() => {
            reads += 1;
            return reads < others.length ? latch.await : latch.open;
          });
          expect(yield* answers).toEqual(before);
        }),
      { LEARNER: "blend" },
    ),
  );

  it.live("tells ids, scores and sources alone where words are not asked for", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const worded = decode((yield* ask("/recommend/batch", post({ users: ["u1"], k: 3 }))).body);
        const bare = decode((yield* ask("/recommend/batch", post({ users: ["u1"], k: 3, metadata: false }))).body);
        const without = worded.answers[0].recommendations.map(({ metadata, ...rest }) => rest);
        expect(bare.answers[0].recommendations).toEqual(without);
        expect(without).toHaveLength(3);
        const [line] = linesOf((yield* ask("/recommend/batch?metadata=false&k=3", lines('{"user_id":"u1"}'))).text);
        expect(line.recommendations).toEqual(without);
      }),
    ),
  );

  it.live("tells of lines that cannot be used in their place, and answers the others", () =>
    inShop(
      (ask) =>
        Effect.gen(function* () {
          const sent = ['{"user_id":"u1","k":2}', "", "{", "7", '{"k":0}', "x".repeat(2000), '{"user_id":"u2"}'];
          const reply = yield* ask("/recommend/batch?k=4", lines(sent.join("\r\n")));
          expect(reply.status).toBe(200);
          expect(reply.type).toBe("application/x-ndjson");
          const told = linesOf(reply.text);
          expect(told.map(({ line }) => line)).toEqual([1, 3, 4, 5, 6, 7]);
          expect(told.map(({ recommendations }) => (recommendations as Array<unknown> | undefined)?.length)).toEqual([
            2,
            undefined,
            undefined,
            undefined,
            undefined,
            4,
          ]);
          const fields = told.map(({ errors }) =>
            (errors as ReadonlyArray<{ field: string }> | undefined)?.map(({ field }) => field),
          );
          expect(fields.slice(1, 5)).toEqual([["line"], ["line"], ["user_id", "k"], ["line"]]);
          expect((yield* ask("/recommend/batch", lines(""))).text).toBe("");
        }),
      { MAX_BODY_BYTES: "1024" },
    ),
  );

  it.live("refuses a body that is not as it should be, each field with its remedy", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const wrong = yield* ask("/recommend/batch", post({ users: ["", "u1"], k: 101, filter: 5, page: "x" }));
        expectProblem(wrong, 400);
        expect(fieldsOf(wrong).toSorted()).toEqual(["filter", "k", "page", "users.0"]);
        expectProblem(yield* ask("/recommend/batch", post({})), 400, /users.*send a list of 1 to 1000/);
        expectProblem(yield* ask("/recommend/batch", post([])), 400);
        const many = Array.from({ length: 1001 }, (_, i) => `u${i}`);
        expectProblem(yield* ask("/recommend/batch", post({ users: many })), 400, /users/);
        expectProblem(yield* ask("/recommend/batch", post({ users: ["u1"], filter: "price <" })), 400, /filter/);
        expectProblem(yield* ask("/recommend/batch?k=0", lines("")), 400, /k/);
        // What is wrong for all lines is told before the first.
        expectProblem(yield* ask("/recommend/batch?filter=price+%3C", lines('{"user_id":"u1"}')), 400, /filter/);
      }),
    ),
  );

  it.live("looks at no more of a list that is too long than makes it so", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const users = Array.from({ length: 200_000 }, () => 7);
        const wrong = yield* ask("/recommend/batch", post({ users }));
        expectProblem(wrong, 400);
        expect(wrong.body.errors).toHaveLength(100);
        expectProblem(yield* ask("/recommend", post({ context: users })), 400, /context/);
        expectProblem(yield* ask("/trace", post({ context: users })), 400, /context/);
        expectProblem(yield* ask("/recommend/batch", post({ users: users.map(String) })), 400, /list of 1 to 1000/);
      }),
    ),
  );

  it.live("answers a single request while it answers many", () =>
    inShop((ask) =>
      Effect.gen(function* () {
        const ended: Array<string> = [];
        const users = Array.from({ length: 1000 }, (_, i) => `u${i % 50}`);
        const noted = (name: string) => () => Effect.sync(() => void ended.push(name));
        yield* Effect.all(
          [
            Effect.tap(ask("/recommend/batch", post({ users, k: 50 })), noted("many")),
            Effect.tap(Effect.delay(ask("/recommend/u1"), "20 millis"), noted("one")),
          ],
          { concurrency: 2 },
        );
        expect(ended).toEqual(["one", "many"]);
      }),
    ),
  );
});
