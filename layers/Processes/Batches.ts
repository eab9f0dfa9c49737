/** Batches as child processes: this program's own `batch`. */
import { Effect, Layer } from "effect";
import { Batches, type BatchesService } from "../../src/ports/Batches.ts";
import { type ChildOptions, own, runChild } from "./Child.ts";

export const make = (options: () => ChildOptions): BatchesService => ({
  learn: ({ onStep = () => {}, unlessSince }) =>
    Effect.suspend(() =>
      runChild(options(), "the batch", ["batch", "--if-new", "--unless-since", unlessSince], onStep),
    ),
});

/** Of the program that this process runs. `texts` is asked when a batch is due. */
export const layer = (texts: () => ReadonlyMap<string, string>): Layer.Layer<Batches> =>
  Layer.succeed(
    Batches,
    make(() => own(texts)),
  );
