/** Settings: every value a user may choose, by the service that reads it. The README's table is made from this file. */
import { Config } from "effect";
import { DeadLetterReason } from "../ports/DeadLetters.ts";
import * as Address from "./Address.ts";
import { storage } from "./DataFolder.ts";
import { evaluate, generate, importing, producer, question } from "./DataSettings.ts";
import { kafka, qdrant, redis } from "./ServerSettings.ts";
import { boolean, choice, duration, flagged, integer, list, number, text } from "./Setting.ts";
import * as Times from "./Times.ts";

export const logging = {
  level: choice("LOG_LEVEL", ["debug", "info", "warning", "error"], {
    default: "info",
    description: "Least severe level that is logged.",
  }),
  format: choice("LOG_FORMAT", ["pretty", "logfmt", "json"], { default: "pretty", description: "How log lines look." }),
};

export const batch = {
  maxRejects: number("MAX_REJECTS", {
    default: 1,
    min: 0,
    max: 100,
    description: "Percent of a file's rows that may be rejected before the run stops.",
  }),
  rank: integer("ALS_RANK", {
    default: 32,
    min: 8,
    max: 256,
    multipleOf: 8,
    description: "Length of user and item vectors.",
  }),
  regularization: number("ALS_REGULARIZATION", {
    default: 0.01,
    min: 1e-9,
    max: 1e9,
    description: "Weight of the L2 penalty (λ).",
  }),
  alpha: number("ALS_ALPHA", { default: 1, min: 0, max: 1e9, description: "Confidence is 1 + α · rating." }),
  iterations: integer("ALS_ITERATIONS", {
    default: 10,
    min: 1,
    max: 1000,
    description: "Passes over users and items.",
  }),
  seed: integer("ALS_SEED", {
    default: 42,
    min: 0,
    max: 4_294_967_295,
    description: "Seed of the starting factors.",
  }),
  threads: integer("ALS_THREADS", {
    default: 0,
    min: 0,
    max: 256,
    description: "Worker threads for training; 0 takes one per core.",
  }),
  popularDays: integer("POPULAR_DAYS", {
    default: 30,
    min: 1,
    max: 36_500,
    description: "Days of purchases that make an item popular.",
  }),
  keepModels: integer("KEEP_MODELS", {
    default: 3,
    min: 1,
    description: "Models kept on disk; older ones that do not serve are deleted after a batch.",
  }),
  tableRetention: duration("TABLE_RETENTION", {
    default: "7 days",
    description: "Data files of older table versions are deleted after a batch.",
  }),
};

/** Of the command `batch`. */
export const switching = {
  force: flagged(
    "force",
    boolean("BATCH_FORCE", {
      default: false,
      description:
        "Serve the new model also where it has less than half the users, items or events of the serving one.",
    }),
  ),
  unlessSince: flagged(
    "unless-since",
    text(
      "BATCH_UNLESS_SINCE",
      {
        default: "",
        description:
          "Do nothing where a model was made since this time: of several that are started at once, one learns.",
      },
      Times.moment,
    ),
  ),
  ifNew: flagged(
    "if-new",
    boolean("BATCH_IF_NEW", {
      default: false,
      description:
        "Do nothing where the newest model has learnt all rows there are, with the same settings. Learning again by itself is so.",
    }),
  ),
};

/** Of what learns again by itself: all-in-one and retrain. */
export const retraining = {
  every: duration("BATCH_EVERY", {
    default: "0 seconds",
    description: "Learn from all data again so long after the last model was made; 0 seconds: never.",
  }),
  at: text(
    "BATCH_AT",
    {
      default: "",
      description:
        "Learn from all data again daily at this time, by the clock of the process (TZ). A missed time is made up for, once.",
    },
    Times.timeOfDay,
  ),
};

export const models = {
  load: flagged(
    "model",
    text("LOAD_MODEL", {
      default: "",
      description: "Id of the model that `batch load` loads, or its first characters; unset: the newest.",
    }),
  ),
};

export const sql = {
  threads: integer("SQL_THREADS", {
    default: 0,
    min: 0,
    max: 256,
    description: "Threads that read files and aggregate tables; 0 takes one per core.",
  }),
  memory: integer("SQL_MEMORY_MIB", {
    default: 2048,
    min: 128,
    description: "Memory that reading and aggregating may take, in MiB; what is more is spilled to DATA_DIR/spill.",
  }),
};

export const learning = {
  learner: choice("LEARNER", ["ema", "fold-in"], {
    default: "ema",
    description: "How an event moves a user's vector: exponential moving average, or recency-decayed fold-in.",
  }),
  rate: number("LEARNING_RATE", { default: 0.2, min: 0, max: 1, description: "η of the moving average." }),
  debounce: duration("DEBOUNCE", {
    default: "300 seconds",
    max: "1 day",
    description: "The same user, item and type within this time counts once (by event time).",
  }),
  decay: number("FOLD_IN_DECAY", {
    default: 0.8,
    min: 0,
    max: 1,
    description: "Weight of an interaction relative to the next newer one, in fold-in.",
  }),
};

export const eventLog = {
  partitions: integer("PARTITIONS", {
    default: 8,
    min: 1,
    max: 1024,
    description: "Partitions of a new event log; an existing one keeps its own.",
  }),
  retention: duration("RETENTION", {
    default: "30 days",
    description: "Events older than this are deleted once every consumer group has committed beyond them.",
  }),
};

export const deadLetters = {
  retention: duration("DEAD_LETTER_RETENTION", {
    default: "90 days",
    description: "Dead letters older than this are deleted; 0 seconds keeps all. Of a topic: when it is created.",
  }),
  maxBytes: integer("DEAD_LETTER_MAX_BYTES", {
    default: 100 * 1024 * 1024,
    min: 0,
    description: "Of more bytes of dead letters the oldest are deleted; 0: no limit. Of a topic: when it is created.",
  }),
};

export const userStates = {
  retention: duration("USER_STATE_RETENTION", {
    default: "400 days",
    max: "36500 days",
    description:
      "Who never bought anything is forgotten after this long without events, a day at least; 0 seconds keeps all. Embedded store; see REDIS_USER_TTL.",
  }),
  count: integer("USER_STATE_COUNT", {
    default: 2_000_000,
    min: 0,
    description:
      "Of more users whom events changed, per model, those who bought nothing and were not seen for longest are forgotten; 0: no limit. Embedded store.",
  }),
};

/** Of the command `dead-letters`. */
export const letters = {
  reason: flagged(
    "reason",
    choice("DEAD_LETTERS_REASON", ["any", ...DeadLetterReason.literals], {
      default: "any",
      description: "Only events that were given up for this reason.",
    }),
  ),
  limit: flagged(
    "limit",
    integer("DEAD_LETTERS_LIMIT", {
      default: 20,
      min: 1,
      max: 1_000_000,
      description: "How many events `dead-letters list` shows, the newest ones.",
    }),
  ),
  all: flagged(
    "all",
    boolean("DEAD_LETTERS_ALL", {
      default: false,
      description: "`replay`: also what still cannot be used. `drop`: also what was not replayed.",
    }),
  ),
};

export const runtime = {
  inbox: integer("INBOX_BATCHES", { default: 2, min: 1, max: 64, description: "Batches a partition's inbox holds." }),
  batchSize: integer("BATCH_SIZE", {
    default: 500,
    min: 1,
    max: 100_000,
    description: "Most events applied in one step.",
  }),
  drainTimeout: duration("DRAIN_TIMEOUT", {
    default: "20 seconds",
    max: "1 day",
    description: "Longest wait for accepted events when a partition is given up or the process stops.",
  }),
  maxRestarts: integer("MAX_RESTARTS", {
    default: 8,
    min: 0,
    description: "Restarts of one partition within RESTART_WINDOW before the role fails.",
  }),
  restartWindow: duration("RESTART_WINDOW", {
    default: "5 minutes",
    min: "1 millis",
    description: "See MAX_RESTARTS.",
  }),
  stallTimeout: duration("STALL_TIMEOUT", {
    default: "2 minutes",
    min: "1 millis",
    description: "A partition with lag that does not move for this long is restarted.",
  }),
};

export const archive = {
  flushRows: integer("ARCHIVE_FLUSH_ROWS", {
    default: 50_000,
    min: 1,
    description: "Rows that make the archiver write a file.",
  }),
  flushBytes: integer("ARCHIVE_FLUSH_BYTES", {
    default: 32 * 1024 * 1024,
    min: 1,
    description: "Bytes of events that make the archiver write a file.",
  }),
  flushAge: duration("ARCHIVE_FLUSH_AGE", {
    default: "30 seconds",
    min: "1 millis",
    description: "Longest time an event waits before it is in the archive.",
  }),
};

export const http = {
  host: text("HOST", { default: "127.0.0.1", description: "Address the API listens on." }, Address.host),
  port: integer("PORT", { default: 8000, min: 0, max: 65535, description: "Port of the API; 0 takes a free one." }),
  maxBody: integer("MAX_BODY_BYTES", {
    default: 1024 * 1024,
    min: 1024,
    max: 2 ** 30,
    description: "Largest request body.",
  }),
  waitAfter: duration("WAIT_AFTER", {
    default: "2 seconds",
    max: "1 hour",
    description: "Longest wait of GET /recommend?after=TOKEN for the event to be applied.",
  }),
  maxWaiters: integer("MAX_WAITERS", {
    default: 1000,
    min: 1,
    max: 1_000_000,
    description: "Requests with ?after= that wait at a time; further ones are answered with 503.",
  }),
  allowedHosts: list("ALLOWED_HOSTS", {
    entry: /^(?:\*|(?:\*\.)?[^\s*/:?#@[\]\\]+|\[[\da-fA-F:.]+\])$/,
    allowed: "host names or addresses without a port, such as shop.example, *.shop.example or [2001:db8::1]",
    description:
      "Hosts that the API may be asked by, besides loopback names and HOST: shop.example, *.shop.example, or * for any. Unset: no others while it listens on loopback, else any.",
  }),
  allowedOrigins: list("ALLOWED_ORIGINS", {
    entry: /^(?:null|[a-zA-Z][\w+.-]*:\/\/[^\s*/?#@]+)$/,
    allowed: "origins without a path, such as https://shop.example",
    description:
      "Web origins whose pages may post events and read answers, besides the API's own: https://shop.example.",
  }),
};

export const health = {
  host: text(
    "HEALTH_HOST",
    {
      default: "127.0.0.1",
      description: "Address of a role's health page (/health/live, /health/ready, /metrics); the API has them itself.",
    },
    Address.host,
  ),
  port: integer("HEALTH_PORT", { default: 0, min: 0, max: 65535, description: "Port of the health page; 0: none." }),
};

/** The values of a group, read at once. */
export const values = <const G extends Readonly<Record<string, { readonly config: Config.Config<unknown> }>>>(
  group: G,
): Config.Config<{ readonly [K in keyof G]: Config.Config.Success<G[K]["config"]> }> =>
  Config.all(Object.fromEntries(Object.entries(group).map(([name, setting]) => [name, setting.config]))) as never;

export const groups = {
  storage,
  logging,
  batch,
  switching,
  retraining,
  models,
  sql,
  learning,
  eventLog,
  deadLetters,
  userStates,
  letters,
  runtime,
  archive,
  http,
  health,
  kafka,
  redis,
  qdrant,
  evaluate,
  generate,
  importing,
  producer,
  question,
};
