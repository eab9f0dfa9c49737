/**
 * ModelRegistry in the embedded store: one document, changed in a transaction. Changes of this process are seen at once,
 * those of others within `pollEvery`.
 */
import { Effect, Layer, ParseResult, Schema, Stream } from "effect";
import {
  emptyRegistry,
  ModelRegistry,
  ModelRegistryError,
  type ModelRegistryService,
  RegistryState,
  unreadableRegistry,
} from "../../src/ports/ModelRegistry.ts";
import { Store } from "../engines/lmdb/Store.ts";
import type { StoreError } from "../engines/lmdb/StoreError.ts";
import { makePolled } from "./Polled.ts";

const pollEvery = "200 millis";

const Document = Schema.parseJson(RegistryState);
const decode = ParseResult.decodeUnknown(Document);
const decodeNow = ParseResult.decodeUnknownEither(Document);
const encode = Schema.encodeSync(Document);

const key = Buffer.from("registry");
const words = new TextDecoder();

const failed = (operation: ModelRegistryError["operation"]) => (error: StoreError) =>
  new ModelRegistryError({ operation, message: error.message, cause: error });

const unreadable = (operation: ModelRegistryError["operation"]) => (error: ParseResult.ParseIssue) =>
  unreadableRegistry(operation, ParseResult.TreeFormatter.formatIssueSync(error));

const make = Effect.gen(function* () {
  const store = yield* Store;
  const { documents } = store.tables;

  const text = (): string | undefined => {
    const bytes = documents.get(key);
    return bytes === undefined ? undefined : words.decode(bytes);
  };

  const decoded = (operation: ModelRegistryError["operation"], found: string | undefined) =>
    found === undefined ? Effect.succeed(emptyRegistry) : decode(found).pipe(Effect.mapError(unreadable(operation)));

  const polled = yield* makePolled(store.read(text).pipe(Effect.mapError(failed("changes"))), pollEvery);

  const update: ModelRegistryService["update"] = (change) =>
    store
      .write(() => {
        const found = text();
        const state = found === undefined ? { _tag: "Right" as const, right: emptyRegistry } : decodeNow(found);
        if (state._tag === "Left") return Effect.fail(unreadable("update")(state.left));
        const [answer, next] = change(state.right);
        documents.put(key, Buffer.from(encode(next)));
        return Effect.succeed(answer);
      })
      .pipe(
        Effect.mapError(failed("update")),
        Effect.flatten,
        Effect.tap(() => polled.notify),
      );

  const service: ModelRegistryService = {
    state: store.read(text).pipe(
      Effect.mapError(failed("state")),
      Effect.flatMap((found) => decoded("state", found)),
    ),
    update,
    changes: Stream.mapEffect(polled.changes, (found) => decoded("changes", found)),
  };
  return service;
});

export const layer: Layer.Layer<ModelRegistry, never, Store> = Layer.scoped(ModelRegistry, make);
