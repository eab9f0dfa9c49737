/** Taste: candidates from the item index, by the inner product of the user's and the items' vectors. */
import { Effect } from "effect";
import { nearest } from "../../learning/Stages.ts";
import { ItemIndex, type Within } from "../../ports/ItemIndex.ts";
import { orElse, type Waiting } from "../../vitals/Waiting.ts";
import type { Serving } from "../ServingModel.ts";
import { type Candidate, candidatesOf } from "./Candidate.ts";
import type { Observer } from "./Observer.ts";

/** Best first; none for a user without a vector, and while the index does not answer. */
export const makeTaste = (waiting: Waiting) =>
  Effect.map(
    ItemIndex,
    (index) =>
      (
        { catalogue, model }: Serving,
        vector: Float32Array | undefined,
        k: number,
        within: Within,
        observer?: Observer,
      ): Effect.Effect<ReadonlyArray<Candidate>> =>
        vector === undefined
          ? Effect.succeed([])
          : Effect.map(orElse(waiting, "taste", index.search(model, vector, nearest(k), within), []), (found) => {
              observer?.near(vector, nearest(k), found);
              return [...candidatesOf("personalized", found, catalogue)];
            }),
  );
