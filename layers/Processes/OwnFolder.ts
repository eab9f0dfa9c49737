/** OwnFolder: a folder of one process for what it needs for a while, and the removal of those that processes left when they died. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Effect, Either, Schema, type Scope } from "effect";
import { Identity, isRunning, ownIdentity } from "./Identity.ts";

export interface OwnFolder {
  readonly folder: string;
  /** The folder, once it is there; fails as the system does where it could not be made. */
  readonly made: Effect.Effect<string, unknown>;
}

/** In each folder: the process whose it is. */
const ownerFile = "owner.json";
const Owner = Schema.parseJson(Identity);

/** How long a folder of a process of which nothing is known must have been left alone. */
const leftoverMillis = 24 * 3600 * 1000;

const isOld = async (folder: string): Promise<boolean> => {
  const files = await readdir(folder).catch(() => []);
  const times = await Promise.all(
    [folder, ...files.map((file) => join(folder, file))].map((path) =>
      stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Date.now() - Math.max(...times) > leftoverMillis;
};

const isLeft = async (folder: string): Promise<boolean> => {
  const text = await readFile(join(folder, ownerFile), "utf8").catch(() => "");
  const owner = Either.getOrUndefined(Schema.decodeEither(Owner)(text));
  const running = owner === undefined ? undefined : isRunning(owner);
  return running === undefined ? isOld(folder) : !running;
};

const removeLeftovers = async (root: string): Promise<void> => {
  for (const name of await readdir(root).catch(() => [])) {
    const folder = join(root, name);
    if (await isLeft(folder)) await rm(folder, { recursive: true, force: true });
  }
};

const quietly = (run: () => Promise<void>): Effect.Effect<void> => Effect.promise(() => run().catch(() => undefined));

/** A folder below `root` until the scope closes. */
export const ownFolder = (root: string): Effect.Effect<OwnFolder, never, Scope.Scope> => {
  const folder = join(resolve(root), randomUUID());
  const make = Effect.tryPromise({
    try: async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, ownerFile), Schema.encodeSync(Owner)(ownIdentity));
      return folder;
    },
    catch: (cause) => cause,
  });
  const remove = quietly(async () => {
    await rm(folder, { recursive: true, force: true });
    await rmdir(root);
  });
  return Effect.gen(function* () {
    yield* quietly(() => removeLeftovers(root));
    const made = yield* Effect.acquireRelease(Effect.either(make), () => remove);
    return { folder, made };
  });
};
