/**
 * ItemIndex in files: `$DATA_DIR/store/items/<model>/items.bin`, searched exactly in memory.
 *
 * A model is read when it is first asked for and kept; the few asked for last stay in memory. A search answers at most
 * `maxResults` (src/kernels/TopK.ts) items.
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ConfigError, Effect, Layer, Stream } from "effect";
import { type DataFolder, dataFolder } from "../../src/config/DataFolder.ts";
import { ItemIndex, ItemIndexError, type ItemIndexService, type ItemVector } from "../../src/ports/ItemIndex.ts";
import { type LoadedModel, makeLoadedModel } from "./embedded/LoadedModel.ts";
import { decodeItems, encodeItems } from "./ItemFile.ts";
import { collectItems } from "./Items.ts";

/** The one that serves, the one that comes next, and those one may switch back to. */
const keptModels = 4;
const fileName = "items.bin";

const isMissing = (cause: unknown): boolean => (cause as NodeJS.ErrnoException).code === "ENOENT";

const files = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, ItemIndexError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) =>
      new ItemIndexError({ reason: "Unavailable", message: `Cannot ${what}: ${(cause as Error).message}.`, cause }),
  });

/** What a process that was killed left is of no use to anybody; another may be writing what is younger. */
const leftoverMillis = 86_400_000;

const removeLeftovers = async (folder: string, name: string): Promise<void> => {
  for (const entry of await readdir(folder)) {
    const path = join(folder, entry);
    const found = entry === name ? undefined : await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs >= leftoverMillis)
      await rm(path, { recursive: true, force: true });
  }
};

/** Writes beside `path`, makes it durable, then takes its place. */
const replaceFile = async (folder: string, name: string, parts: ReadonlyArray<Uint8Array>): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await removeLeftovers(folder, name);
  const temporary = join(folder, `${name}.${randomUUID()}.partial`);
  try {
    const file = await open(temporary, "w");
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } finally {
    await rm(temporary, { force: true });
  }
};

const wrongLength = (model: string, rank: number, what: string, length: number): ItemIndexError =>
  new ItemIndexError({
    reason: "Corrupt",
    message: `${what} has length ${length}, but the rank of model ${model} is ${rank}: vectors of two models must not be mixed.`,
  });

const checkLength = (
  model: string,
  rank: number,
  items: ReadonlyArray<ItemVector>,
): Effect.Effect<void, ItemIndexError> => {
  const wrong = items.find((item) => item.vector.length !== rank);
  return wrong === undefined
    ? Effect.void
    : wrongLength(model, rank, `The vector of item ${wrong.itemIdx}`, wrong.vector.length);
};

/** The index in the folder. */
export const make = ({ items }: DataFolder): Effect.Effect<ItemIndexService> =>
  Effect.gen(function* () {
    const folderOf = (model: string) => join(items, encodeURIComponent(model));
    /** The least recently used first. */
    const models = new Map<string, LoadedModel>();
    const remember = (model: string, loaded: LoadedModel): LoadedModel => {
      models.delete(model);
      models.set(model, loaded);
      if (models.size > keptModels) models.delete(models.keys().next().value!);
      return loaded;
    };
    /** One file is read at a time, and none while it is replaced. */
    const turn = yield* Effect.makeSemaphore(1);

    const read = (model: string): Effect.Effect<LoadedModel, ItemIndexError> => {
      const path = join(folderOf(model), fileName);
      return Effect.tryPromise({
        try: () => readFile(path),
        catch: (cause) =>
          isMissing(cause)
            ? new ItemIndexError({
                reason: "UnknownModel",
                message: `No items of model ${model} are loaded; run \`batch load\`.`,
              })
            : new ItemIndexError({
                reason: "Unavailable",
                message: `Cannot read ${path}: ${(cause as Error).message}.`,
                cause,
              }),
      }).pipe(
        Effect.flatMap((file) => {
          const items = decodeItems(file);
          if (items === "newer") {
            return new ItemIndexError({
              reason: "Corrupt",
              message: `${path} was written by a newer version: start that version, or load model ${model} again.`,
            });
          }
          return items === "damaged"
            ? new ItemIndexError({ reason: "Corrupt", message: `${path} is damaged; load model ${model} again.` })
            : Effect.sync(() => remember(model, makeLoadedModel(items)));
        }),
      );
    };

    const get = (model: string): Effect.Effect<LoadedModel, ItemIndexError> => {
      const known = Effect.sync(() => models.get(model));
      return known.pipe(
        Effect.flatMap((loaded) =>
          loaded === undefined
            ? known.pipe(
                Effect.flatMap((now) => (now === undefined ? read(model) : Effect.succeed(now))),
                turn.withPermits(1),
              )
            : Effect.sync(() => remember(model, loaded)),
        ),
      );
    };

    return {
      load: (model, { attributes, metric = "dot", rank }, items) =>
        items.pipe(
          Stream.tap((batch) => checkLength(model, rank, batch)),
          Stream.runFold([] as Array<ItemVector>, (all, batch) => {
            for (const item of batch) all.push(item);
            return all;
          }),
          Effect.flatMap((all) => {
            const collected = collectItems({ rank, metric, attributes }, all);
            return files(`write the items of model ${model}`, () =>
              replaceFile(folderOf(model), fileName, encodeItems(collected)),
            ).pipe(
              Effect.zipRight(Effect.sync(() => models.delete(model))),
              Effect.as(collected.itemIdx.length),
              Effect.uninterruptible,
              turn.withPermits(1),
            );
          }),
        ),
      items: (model) => Effect.map(get(model), (loaded) => loaded.catalogue),
      search: (model, query, k, within) =>
        Effect.flatMap(get(model), (loaded) =>
          query.length === loaded.catalogue.rank
            ? Effect.sync(() => loaded.search(query, k, within))
            : wrongLength(model, loaded.catalogue.rank, "The query", query.length),
        ),
      inMemory: (model) => Effect.map(get(model), ({ search }) => search),
      // What is for sale and asked for is known where it is searched.
      filters: Effect.succeed(false),
      describe: () => Effect.void,
      // Files have no readers outside.
      serve: () => Effect.void,
      drop: (model) =>
        files(`remove the items of model ${model}`, () => rm(folderOf(model), { recursive: true, force: true })).pipe(
          Effect.zipRight(Effect.sync(() => models.delete(model))),
          Effect.asVoid,
          turn.withPermits(1),
        ),
    };
  });

export const layerAt = (folder: DataFolder): Layer.Layer<ItemIndex> => Layer.effect(ItemIndex, make(folder));

export const layer: Layer.Layer<ItemIndex, ConfigError.ConfigError> = Layer.unwrapEffect(
  Effect.map(dataFolder, layerAt),
);
