/**
 * Shrinkage: whether a new model knows so much less than the one that serves that a person must look at it first.
 *
 * An import that went wrong, or half of a file, makes a model that answers well for the few and badly for all others.
 */
import { Option, Schema } from "effect";
import type { Model } from "../domain/Model.ts";
import type { RegistryState } from "../ports/ModelRegistry.ts";

export class RefusedModel extends Schema.TaggedError<RefusedModel>()("RefusedModel", {
  /** Empty: there is nothing to learn from. Shrunken: a model was made, and does not serve. */
  reason: Schema.Literal("Empty", "Shrunken"),
  message: Schema.String,
}) {}

/** With it the process ends that was refused a model: EX_DATAERR of BSD's sysexits. */
export const refusedCode = 65;

/** A new model has at least this share of what the serving one has, or it must be asked for. */
const least = 0.5;

/** What two models can be compared by: older ones do not know of how much they learnt. */
const measures = (serving: Model, next: Model): ReadonlyArray<readonly [string, number, number]> =>
  serving.learntFrom === undefined || next.learntFrom === undefined
    ? [
        ["users", serving.users, next.users],
        ["items", serving.items, next.items],
      ]
    : (["users", "items", "events"] as const).map((name) => [
        name,
        serving.learntFrom?.[name] ?? 0,
        next.learntFrom?.[name] ?? 0,
      ]);

/** In words what the next model has less than half of: `12 users (the serving model has 400)`; none where it may serve. */
export const shrinkage = (serving: Model, next: Model): ReadonlyArray<string> =>
  measures(serving, next).flatMap(([name, before, after]) =>
    after < before * least ? [`${after} ${name} (the serving model has ${before})`] : [],
  );

/** Why `next` may not take the place of the model that serves, if it may not. */
export const refusal = ({ models, serving }: RegistryState, next: Model): RefusedModel | undefined => {
  const present = models.find(({ id }) => id === Option.getOrUndefined(serving));
  const less = present === undefined || present.id === next.id ? [] : shrinkage(present, next);
  if (less.length === 0) return undefined;
  const message = `model ${next.id} was learnt from ${less.join(", ")}, less than half, and is not put to use: model ${present?.id} goes on. If that is right, \`models use ${next.id}\` or \`batch --force\` switches; else look at what was imported last, and run \`batch\` again`;
  return new RefusedModel({ reason: "Shrunken", message });
};

export interface Held {
  readonly id: string;
  readonly detail: string;
}

/** The newest model, where it was refused and waits for a person's word. */
export const heldModel = (state: RegistryState): Held | undefined => {
  const next = state.models.at(-1);
  const serving = Option.getOrUndefined(state.serving);
  if (next === undefined || serving === undefined || next.status !== "trained" || next.id < serving) return undefined;
  const refused = refusal(state, next);
  return refused === undefined ? undefined : { id: next.id, detail: refused.message };
};
