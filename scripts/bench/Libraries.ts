/**
 * Libraries: ALS of Python libraries as trainers, so that their factors are split, ranked and measured by the product's own
 * `evaluate`. `libraries.py` does the training.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Effect, Layer } from "effect";
import * as Live from "../../layers/Live.ts";
import { make as makeSql } from "../../layers/Sql/DuckDb.ts";
import { layerAt } from "../../layers/Tables/Local.ts";
import { evaluateLog } from "../../src/evaluation/Evaluate.ts";
import { readInteractions } from "../../src/evaluation/ReadInteractions.ts";
import type { Report } from "../../src/evaluation/Report.ts";
import { Progress } from "../../src/ports/Progress.ts";
import { Sql } from "../../src/ports/Sql.ts";
import { type Ratings, type TrainedFactors, Trainer, TrainingError } from "../../src/ports/Trainer.ts";

export type Library = "implicit" | "irspack";

const script = new URL("../../scripts/bench/libraries.py", import.meta.url).pathname;

/** Undefined where this interpreter lacks it. */
export const versionOf = (python: string, library: Library): string | undefined => {
  const asked = `from importlib.metadata import version; import ${library}; print(version("${library}"))`;
  const { status, stdout } = spawnSync(python, ["-c", asked], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
};

const bytesOf = ({ buffer, byteLength, byteOffset }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

const floats = (file: string): Float32Array => {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

const trained = (
  python: string,
  library: Library,
  ratings: Ratings,
  parameters: Report["parameters"]["model"],
): TrainedFactors => {
  const folder = mkdtempSync(join(tmpdir(), "slipstream-libraries-"));
  try {
    for (const name of ["pointers", "itemIdx", "ratings"] as const) {
      writeFileSync(join(folder, name), bytesOf(ratings[name]));
    }
    const { items, users } = ratings;
    const options = { library, folder, users, items, threads: availableParallelism(), ...parameters };
    const { status, stderr } = spawnSync(python, [script, JSON.stringify(options)], {
      encoding: "utf8",
      env: { ...process.env, OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
    });
    if (status !== 0) throw new Error(stderr);
    const of = (name: string): Float32Array => floats(join(folder, name));
    return { userFactors: of("userFactors"), itemFactors: of("itemFactors"), losses: [0] };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const trainerBy = (python: string, library: Library): Layer.Layer<Trainer> =>
  Layer.succeed(Trainer, {
    train: (ratings, parameters) =>
      Effect.try({
        try: () => trained(python, library, ratings, parameters),
        catch: (cause) => new TrainingError({ reason: "WorkerFailed", message: String(cause), cause }),
      }),
    refuses: () => undefined,
  });

/** What `evaluate` with these parameters says of the data folder's events where the library trains. */
export const evaluatedBy = (
  { library, python }: { readonly library: Library; readonly python: string },
  folder: string,
  parameters: Report["parameters"],
): Promise<Report> => {
  const delta = layerAt(join(folder, "delta"));
  const sql = Layer.succeed(Sql, makeSql({ threads: 2, memoryMiB: 1024, spillFolder: join(folder, "spill") }));
  const services = Layer.mergeAll(delta, sql, trainerBy(python, library), Progress.layerSilent, Live.forgotten);
  return Effect.scoped(readInteractions).pipe(
    Effect.flatMap((log) => evaluateLog(log, parameters)),
    Effect.provide(services),
    Effect.runPromise,
  );
};
