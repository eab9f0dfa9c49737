import { Either } from "effect";
import { describe, expect, it } from "vitest";
import { defaultEventTypes } from "../../../src/domain/EventTypes.ts";
import type { FieldError } from "../../../src/serving/FieldError.ts";
import { makeDecodeMany, queryOfLine } from "../../../src/serving/recommend/ManyInput.ts";
import { defaultK, type RecommendQuery } from "../../../src/serving/recommend/Query.ts";
import { makeDecodeTrace } from "../../../src/serving/recommend/trace/TraceInput.ts";
import { makeDecodeVisit } from "../../../src/serving/recommend/VisitInput.ts";

const query: RecommendQuery = { user: null, k: defaultK, excludeIds: [], excludeGroups: [], excludeTypes: [] };
const visit = makeDecodeVisit(defaultEventTypes);
const many = makeDecodeMany(defaultEventTypes);
const trace = makeDecodeTrace(defaultEventTypes);

const errorsOf = (decoded: Either.Either<unknown, { readonly errors?: ReadonlyArray<FieldError> | undefined }>) =>
  Either.isLeft(decoded) ? (decoded.left.errors ?? []) : [];

const ways: Readonly<Record<string, (body: unknown) => ReadonlyArray<FieldError>>> = {
  "a visitor": (body) => errorsOf(visit(null, body)),
  "a shopper": (body) => errorsOf(visit("ann", body)),
  "many users": (body) => errorsOf(many(body, { query, isWorded: true })),
  "a trace": (body) => errorsOf(trace(body)),
  "a line": (body) => Either.match(queryOfLine(body, query), { onLeft: (errors) => errors, onRight: () => [] }),
};

/** Of each way, what is enough. */
const enough: Readonly<Record<string, object>> = {
  "a visitor": { context: [] },
  "a shopper": {},
  "many users": { users: ["ann"] },
  "a trace": {},
  "a line": { user_id: "ann" },
};

describe.each(Object.entries(ways))("a body of %s", (way, errors) => {
  it("is taken where all of its fields are known, and refused with one that is not, whose name it offers", () => {
    const body = { ...enough[way], k: 3 };
    expect(errors(body)).toEqual([]);
    expect(errors({ ...body, K: 4, nothing: { a: 1 } })).toEqual([
      {
        field: "K",
        value: 4,
        detail: expect.stringMatching(/no such field \(did you mean k\?\): leave it out, or send/),
      },
      { field: "nothing", value: "an object", detail: expect.stringMatching(/no such field: leave it out, or send/) },
    ]);
  });

  it("is an object, and each error names a field, tells the value, and says in plain words what to send", () => {
    for (const body of [[], "x", 5, null]) {
      const [error, ...others] = errors(body);
      expect(others).toEqual([]);
      expect(error?.detail).toMatch(/^send a JSON object, such as \{/);
      expect(error).toHaveProperty("value");
    }
  });
});

it.each([
  [ways["a visitor"], {}, "context", /^is missing: send a list of at most 100 things/],
  [ways["a visitor"], { context: "x" }, "context", /^send a list of at most 100 things/],
  [
    ways["a shopper"],
    { context: Array.from({ length: 101 }, () => ({ item_idx: 1 })) },
    "context",
    /^send a list of at/,
  ],
  [ways["many users"], {}, "users", /^is missing: send a list of 1 to 1000 user ids/],
  [ways["many users"], { users: "ann" }, "users", /^send a list of 1 to 1000 user ids/],
  [ways["many users"], { users: [] }, "users", /^send a list of 1 to 1000 user ids/],
  [ways["many users"], { users: ["ann"], context: [] }, "context", /^is of one user alone: leave it out/],
  [ways["many users"], { users: ["ann"], page: "x" }, "page", /^is of one user alone: leave it out/],
  [
    ways["a line"],
    { user_id: "ann", filter: "a = 1" },
    "filter",
    /no such field: leave it out, or send one of user_id, k$/,
  ],
])("what is wrong is told without words of a schema", (errors, body, field, detail) => {
  expect(errors?.(body)).toMatchObject([{ field, detail: expect.stringMatching(detail) }]);
});

it("an entry of a list is told by its own words", () => {
  expect(ways["a visitor"]?.({ context: [{ item_idx: -1 }] })).toEqual([
    { field: "context.0.item_idx", value: -1, detail: "send a whole number from 0 to 2147483647" },
  ]);
  expect(ways["many users"]?.({ users: ["ann", 5] })).toMatchObject([{ field: "users.1", value: 5 }]);
});
