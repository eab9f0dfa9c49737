/**
 * Live: each port on the server that the settings name, embedded where they name none.
 *
 * KAFKA_BROKERS: event log and dead letters. REDIS_URL: user states, catalogue, model registry, best sellers, who is forgotten.
 * QDRANT_URL: item vectors.
 * An adapter is imported when it is chosen, so a start loads no client, and opens no store, that it does not use.
 */
import { existsSync } from "node:fs";
import { type ConfigError, Effect, Layer, Option, Redacted } from "effect";
import { bracketed } from "../src/config/Address.ts";
import { dataFolder } from "../src/config/DataFolder.ts";
import { Forgotten } from "../src/ports/Forgotten.ts";
import { noStoreFile, StoreFile } from "../src/ports/StoreFile.ts";
import { kafka } from "./engines/kafka/Settings.ts";
import { qdrant } from "./engines/qdrant/Settings.ts";
import { parseRedisUrl } from "./engines/redis/Address.ts";
import { redis } from "./engines/redis/Settings.ts";
import { onDemand } from "./Forgotten/OnDemand.ts";

const load = <A>(modules: () => Promise<A>): Effect.Effect<A> => Effect.promise(modules);

const store = () => import("./engines/lmdb/Store.ts");

const embeddedLog = Effect.map(
  load(() => Promise.all([import("./EventLog/Embedded.ts"), import("./DeadLetters/Embedded.ts"), store()])),
  ([log, letters, store]) => Layer.merge(log.layer, letters.layer).pipe(Layer.provide(store.layer)),
);

const kafkaLog = Effect.map(
  load(() =>
    Promise.all([import("./EventLog/Kafka.ts"), import("./DeadLetters/Kafka.ts"), import("./engines/kafka/Client.ts")]),
  ),
  ([log, letters, client]) => Layer.merge(log.layer, letters.layer).pipe(Layer.provide(client.layer)),
);

const embeddedStates = Effect.map(
  load(() =>
    Promise.all([
      import("./UserStates/Embedded.ts"),
      import("./Catalogue/Embedded.ts"),
      import("./ModelRegistry/Embedded.ts"),
      import("./Popular/Embedded.ts"),
      import("./Forgotten/Embedded.ts"),
      store(),
    ]),
  ),
  ([states, catalogue, registry, popular, forgotten, store]) =>
    Layer.mergeAll(states.layer, catalogue.layer, registry.layer, popular.layer, forgotten.layer).pipe(
      Layer.provide(store.layer),
    ),
);

const redisStates = Effect.map(
  load(() =>
    Promise.all([
      import("./UserStates/Redis.ts"),
      import("./Catalogue/Redis.ts"),
      import("./ModelRegistry/Redis.ts"),
      import("./Popular/Redis.ts"),
      import("./Forgotten/Redis.ts"),
      import("./engines/redis/Client.ts"),
    ]),
  ),
  ([states, catalogue, registry, popular, forgotten, client]) =>
    Layer.mergeAll(states.layer, catalogue.layer, registry.layer, popular.layer, forgotten.layer).pipe(
      Layer.provide(client.layer),
    ),
);

const embeddedIndex = Effect.map(
  load(() => import("./ItemIndex/Embedded.ts")),
  ({ layer }) => layer,
);

const qdrantIndex = Effect.map(
  load(() => import("./ItemIndex/Qdrant.ts")),
  ({ layer }) => layer,
);

interface Place {
  readonly what: string;
  /** Empty: embedded. */
  readonly server: string;
}

const logPlace = Effect.map(
  kafka.brokers.config,
  (brokers): Place => ({
    what: "events and dead letters",
    server: brokers === "" ? "" : `Kafka at ${brokers.replaceAll(",", ", ")}`,
  }),
);

const statesPlace = Effect.map(
  redis.url.config,
  (url): Place => ({
    what: "user states, the catalogue, models and best sellers",
    server: Option.match(parseRedisUrl(Redacted.value(url)), {
      onNone: () => "",
      onSome: ({ host, port }) => `Redis at ${bracketed(host)}:${port}`,
    }),
  }),
);

const indexPlace = Effect.map(
  qdrant.url.config,
  (url): Place => ({ what: "item vectors", server: url === "" ? "" : `Qdrant at ${new URL(url).host}` }),
);

/** One line that says what lives where; none where everything is embedded. */
const tell = (places: ReadonlyArray<Place>) =>
  Effect.gen(function* () {
    if (places.every(({ server }) => server === "")) return;
    const mixed = places.some(({ server }) => server === "");
    const { store } = yield* dataFolder;
    const lines = places.map(({ what, server }) => `${what}: ${server === "" ? `embedded in ${store}` : server}`);
    yield* mixed
      ? Effect.logWarning(`${lines.join("; ")}; what is embedded is shared by the processes of this machine alone`)
      : Effect.logInfo(lines.join("; "));
  });

const logAt = ({ server }: Place) => (server === "" ? Layer.unwrapEffect(embeddedLog) : Layer.unwrapEffect(kafkaLog));

/** Events and dead letters: all that archiver and producer need beside tables. */
export const log = Layer.unwrapEffect(
  Effect.gen(function* () {
    const place = yield* logPlace;
    yield* tell([place]);
    return logAt(place);
  }),
);

const embeddedForgotten = Effect.map(
  load(() => Promise.all([import("./Forgotten/Embedded.ts"), store()])),
  ([forgotten, store]) => Layer.provide(forgotten.layer, store.layer),
);

const redisForgotten = Effect.map(
  load(() => Promise.all([import("./Forgotten/Redis.ts"), import("./engines/redis/Client.ts")])),
  ([forgotten, client]) => Layer.provide(forgotten.layer, client.layer),
);

/** Who is forgotten, for what works on files alone: the store is opened for each question, and none is made. */
export const forgotten = Layer.succeed(
  Forgotten,
  onDemand(
    Effect.gen(function* (): Effect.fn.Return<Option.Option<Layer.Layer<Forgotten, unknown>>, ConfigError.ConfigError> {
      const { server } = yield* statesPlace;
      if (server !== "") return Option.some(yield* redisForgotten);
      const { store } = yield* dataFolder;
      return existsSync(store) ? Option.some(yield* embeddedForgotten) : Option.none();
    }),
  ),
);

/** The embedded store's file, which is not opened for it. */
export const storeFile = Layer.effect(
  StoreFile,
  Effect.gen(function* () {
    const [events, states] = yield* Effect.all([logPlace, statesPlace]);
    if (events.server !== "" && states.server !== "") return noStoreFile;
    const { storeFileAt } = yield* load(() => import("./StoreFile/Embedded.ts"));
    return storeFileAt((yield* dataFolder).store);
  }),
);

const storesTold = (told: typeof tell) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const [events, states, index] = yield* Effect.all([logPlace, statesPlace, indexPlace]);
      yield* told([events, states, index]);
      return Layer.mergeAll(
        logAt(events),
        states.server === "" ? Layer.unwrapEffect(embeddedStates) : Layer.unwrapEffect(redisStates),
        index.server === "" ? Layer.unwrapEffect(embeddedIndex) : Layer.unwrapEffect(qdrantIndex),
      );
    }),
  );

/** What the stream, the models and the API stand on. */
export const stores = storesTold(tell);

/** The same in a process beside one that has told what lives where. */
export const storesBeside = storesTold(() => Effect.void);
