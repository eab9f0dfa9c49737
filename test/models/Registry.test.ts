import { describe, expect, it } from "@effect/vitest";
import { Either, Option } from "effect";
import * as fc from "fast-check";
import { addModel, findModel, newestModel, serve, superfluous, withoutModel } from "../../src/models/Registry.ts";
import type { RegistryState } from "../../src/ports/ModelRegistry.ts";
import { modelOf } from "../support/Models.ts";

const stateOf = (...ids: ReadonlyArray<string>): RegistryState => ({
  models: ids.map((id) => modelOf(id)),
  serving: Option.none(),
});

const idOf = (state: RegistryState, id: string) => Either.map(findModel(state, id), (model) => model.id);
const messageOf = <A>(found: Either.Either<A, { readonly message: string }>) =>
  Either.match(found, { onLeft: ({ message }) => message, onRight: () => "found" });

describe("a model", () => {
  it("is found by its id, and by the start of its id where no other starts so", () => {
    const state = stateOf("2026-a", "2026-ab", "2027-c");
    expect(idOf(state, "2026-ab")).toEqual(Either.right("2026-ab"));
    expect(idOf(state, "2026-a")).toEqual(Either.right("2026-a"));
    expect(idOf(state, "2027")).toEqual(Either.right("2027-c"));
    expect(messageOf(findModel(state, "2026"))).toBe(
      'more than one model is called "2026"; models: 2026-a, 2026-ab, 2027-c',
    );
    expect(messageOf(findModel(state, "c"))).toBe('no model is called "c"; models: 2026-a, 2026-ab, 2027-c');
  });

  it("is not found where there is none, with what to do", () => {
    expect(messageOf(findModel(stateOf(), "a"))).toBe('no model is called "a"; models: there is none; run `batch`');
    expect(messageOf(newestModel(stateOf()))).toBe("there is no model; run `batch train` first");
  });
});

const statuses = fc.constantFrom("trained", "live", "retired");

/** Models in order of their ids, of which one may serve. */
const registry = fc.array(statuses, { maxLength: 8 }).chain((all) =>
  fc.record({
    models: fc.constant(all.map((status, i) => modelOf(`m${i}`, { status }))),
    serving: fc
      .option(fc.nat(Math.max(0, all.length - 1)), { nil: undefined })
      .map((index) => (index === undefined || all.length === 0 ? Option.none() : Option.some(`m${index}`))),
  }),
);

describe("the registry", () => {
  it("keeps its models in order of their ids, each once", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 30 }), (added) => {
        const state = added.reduce((before, id) => addModel(before, modelOf(`m${id}`)), stateOf());
        expect(state.models.map(({ id }) => id)).toEqual([...new Set(added)].sort().map((id) => `m${id}`));
        const [first] = added;
        if (first !== undefined)
          expect(Either.isLeft(findModel(withoutModel(state, `m${first}`), `m${first}`))).toBe(true);
      }),
    );
  });

  it("retires what is live and older than who serves, but for who served last", () => {
    fc.assert(
      fc.property(registry, fc.nat(7), (state, n) => {
        const id = `m${n}`;
        const after = serve(state, id);
        expect(after.serving).toEqual(Option.some(id));
        for (const [i, { id: own, status }] of state.models.entries()) {
          const over = status === "live" && own < id && !Option.contains(state.serving, own);
          expect(after.models[i]?.status).toBe(over ? "retired" : status);
          expect(after.models[i]?.served).toBe(own === id ? true : undefined);
        }
      }),
    );
  });

  it("has too many where, beyond the newest, some neither are live nor serve", () => {
    fc.assert(
      fc.property(registry, fc.nat(9), (state, keep) => {
        const found = superfluous(state, keep).map(({ id }) => id);
        const old = state.models.filter((_, i) => state.models.length - i > keep);
        const wanted = old.filter(({ id, status }) => status !== "live" && !Option.contains(state.serving, id));
        expect(found).toEqual(wanted.map(({ id }) => id));
      }),
    );
  });
});
