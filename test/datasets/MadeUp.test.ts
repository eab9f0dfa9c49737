import { FileSystem, Path } from "@effect/platform";
import * as NodeContext from "@effect/platform-node/NodeContext";
import { expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Layer } from "effect";
import { isMadeUp, markMadeUp, unmarkMadeUp } from "../../src/datasets/MadeUp.ts";

it.scoped("a shop is a made-up one while its file is the one that was made, and until another is imported", () =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem;
    const path = yield* Path.Path;
    const folder = yield* fs.makeTempDirectoryScoped();
    const file = path.join(folder, "raw", "transactions_train.csv");
    yield* fs.makeDirectory(path.join(folder, "raw"));
    const there = Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["DATA_DIR", folder]])));
    yield* Effect.gen(function* () {
      expect(yield* isMadeUp).toBe(false);
      yield* fs.writeFileString(file, "made\n");
      yield* markMadeUp;
      expect(yield* isMadeUp).toBe(true);
      yield* fs.writeFileString(file, "a real shop's\n");
      expect(yield* isMadeUp).toBe(false);
      yield* fs.remove(file);
      expect(yield* isMadeUp).toBe(true);
      yield* unmarkMadeUp;
      expect(yield* isMadeUp).toBe(false);
    }).pipe(Effect.provide(there));
  }).pipe(Effect.provide(NodeContext.layer)),
);
