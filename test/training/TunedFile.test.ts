import { FileSystem } from "@effect/platform";
import { describe, expect, it } from "@effect/vitest";
import { ConfigProvider, Effect, Logger } from "effect";
import { dataFolder } from "../../src/config/DataFolder.ts";
import { readTuned } from "../../src/training/TunedFile.ts";
import { inFolder } from "../support/Folder.ts";

describe("what is tuned", () => {
  it.effect("counts for nothing where the file is damaged, and is told why in a line", () =>
    inFolder(({ dataDir }) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem;
        const { tuned } = yield* dataFolder;
        const told: Array<string> = [];
        const logger = Logger.make(({ message }) => void told.push(String(message)));
        const read = (text: string) =>
          Effect.zipRight(fs.writeFileString(tuned, text), readTuned).pipe(
            Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
          );
        expect(yield* readTuned).toBeUndefined();
        expect(yield* read('{"tunedAt": "2026-')).toBeUndefined();
        expect(yield* read('{"tunedAt": 5}')).toBeUndefined();
        expect(told).toHaveLength(2);
        expect(told[0]).toContain(`${tuned} cannot be used, so nothing counts as tuned: Unterminated string in JSON`);
        expect(told[1]).toMatch(
          /counts as tuned: tunedAt: Expected string, actual 5\. `tune` writes it anew, `tune --forget` removes it$/,
        );
      }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["DATA_DIR", dataDir]])))),
    ),
  );
});
