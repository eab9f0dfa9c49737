/** Warnings: what the roles of this process wait for, and what they could not write just now. */
import { Effect, Schema } from "effect";
import { check } from "./Check.ts";
import type { VitalsService } from "./Vitals.ts";

export const Warning = Schema.Struct({
  role: Schema.String.annotations({ description: "What goes without it, e.g. archiver." }),
  store: Schema.String.annotations({ description: "What fails, e.g. tables." }),
  detail: Schema.String.annotations({ description: "The reason and the remedy." }),
}).annotations({
  identifier: "Warning",
  description: "Something that cannot be written, or is waited for, while recommendations are answered.",
});
export type Warning = typeof Warning.Type;

export const warningsOf = ({ outages, writes }: VitalsService): Effect.Effect<ReadonlyArray<Warning>> =>
  Effect.gen(function* () {
    const told = outages().map(({ reason, role, store }): Warning => ({ role, store, detail: reason }));
    const tried = yield* Effect.forEach(
      [...writes].filter(([store]) => told.every((warning) => warning.store !== store)),
      ([store, { role, trial }]) => Effect.map(check(trial), ({ detail }) => ({ role, store, detail })),
      { concurrency: "unbounded" },
    );
    return [...told, ...tried.flatMap(({ detail, ...at }) => (detail === undefined ? [] : [{ ...at, detail }]))];
  });
