/** Studies as child processes: this program's own `tune` and `evaluate`. */
import { Effect, Layer } from "effect";
import { Studies, type Study } from "../../src/ports/Studies.ts";
import { own, runChild } from "./Child.ts";

const argumentsOf = (study: Study): ReadonlyArray<string> =>
  study.kind === "tune" && study.minutes !== undefined ? ["tune", "--minutes", String(study.minutes)] : [study.kind];

/** Of the program that this process runs. `texts` is asked when one is due. */
export const layer = (texts: () => ReadonlyMap<string, string>): Layer.Layer<Studies> =>
  Layer.succeed(Studies, {
    run: (study, onStep) => Effect.suspend(() => runChild(own(texts), study.kind, argumentsOf(study), onStep)),
  });
