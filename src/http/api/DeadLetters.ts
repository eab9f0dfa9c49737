/** DeadLetters: events that could not be used: listed, replayed, dropped. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { isCursor, Letter } from "../../deadletters/Described.ts";
import { DeadLetterReason } from "../../ports/DeadLetters.ts";
import { Conflict, ForeignOrigin, MisdirectedRequest, Unavailable } from "../Problem.ts";
import { needs } from "./Needs.ts";

export const defaultLetters = 20;
const mostLetters = 1000;

const says = (wanted: string) => ({ message: () => ({ message: `send ${wanted}`, override: true }) });
const optional = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true });

const aboutReason = "Only events that were given up for this reason.";
const reason = DeadLetterReason.annotations({
  ...says(`one of ${DeadLetterReason.literals.join(", ")}`),
  description: aboutReason,
  jsonSchema: { type: "string", enum: DeadLetterReason.literals, description: aboutReason },
});

const aboutLimit = "How many events at most, the newest ones.";
const limit = Schema.String.pipe(
  Schema.pattern(/^[1-9]\d*$/),
  Schema.compose(Schema.NumberFromString),
  Schema.between(1, mostLetters),
).annotations({
  ...says(`a whole number from 1 to ${mostLetters}`),
  description: aboutLimit,
  jsonSchema: { type: "integer", minimum: 1, maximum: mostLetters, default: defaultLetters, description: aboutLimit },
});

const aboutCursor = "next_cursor of an answer, for the events that are older.";
const cursor = Schema.String.pipe(Schema.filter(isCursor)).annotations({
  ...says("the next_cursor of an answer, as it was given"),
  description: aboutCursor,
  jsonSchema: { type: "string", description: aboutCursor },
});

const flag = (description: string) =>
  Schema.Literal("true", "false")
    .pipe(
      Schema.transform(Schema.Boolean, { decode: (text) => text === "true", encode: (is) => (is ? "true" : "false") }),
    )
    .annotations({
      ...says("true or false"),
      description,
      jsonSchema: { type: "boolean", default: false, description },
    });

const all = { errors: "all" } as const;
const ListParams = Schema.Struct({
  reason: optional(reason),
  limit: optional(limit),
  cursor: optional(cursor),
}).annotations({ parseOptions: all });
const ReplayParams = Schema.Struct({
  reason: optional(reason),
  all: optional(flag("Also what still cannot be used.")),
}).annotations({ parseOptions: all });
const DropParams = Schema.Struct({
  reason: optional(reason),
  all: optional(flag("Also what was not replayed, and is lost then.")),
}).annotations({ parseOptions: all });

export const Letters = Schema.Struct({
  total: Schema.Int.annotations({ description: "Events that were given up, of this reason, on all pages." }),
  by_reason: Schema.Record({ key: Schema.String, value: Schema.Int }),
  done: Schema.Int.annotations({ description: "Of them, those that were replayed, or had counted." }),
  letters: Schema.Array(Letter).annotations({ description: "Oldest first." }),
  next_cursor: Schema.NullOr(Schema.String).annotations({ description: "For those that are older." }),
}).annotations({ identifier: "DeadLetters" });

export const Replayed = Schema.Struct({
  replayed: Schema.Int,
  counted: Schema.Int.annotations({ description: "Every model and the archive have them already." }),
  unusable: Schema.Array(Schema.Struct({ why: Schema.String, events: Schema.Int })).annotations({
    description: "Those that stay, and why; the commonest first.",
  }),
}).annotations({ identifier: "Replayed", description: "Events by what became of them." });

export const Dropped = Schema.Struct({ dropped: Schema.Int }).annotations({ identifier: "Dropped" });

export const deadLetters = HttpApiGroup.make("deadLetters", { topLevel: true })
  .add(
    HttpApiEndpoint.get("deadLetters", "/dead-letters")
      .setUrlParams(ListParams)
      .addSuccess(Letters)
      .addError(MisdirectedRequest)
      .addError(Unavailable)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "Events that could not be used, and why"),
  )
  .add(
    HttpApiEndpoint.post("replayDeadLetters", "/dead-letters/replay")
      .setUrlParams(ReplayParams)
      .addSuccess(Replayed)
      .addError(ForeignOrigin)
      .addError(Conflict)
      .addError(MisdirectedRequest)
      .addError(Unavailable)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "Append events again that can be used now")
      .annotate(
        OpenApi.Description,
        "Each counts once, however often this is asked, by whomever, and wherever it is cut short. What takes longer than ANSWER_TIMEOUT goes on: ask again for what is left. 409 where DATA_DIR of this process lacks the archive that some archiver writes.",
      ),
  )
  .add(
    HttpApiEndpoint.del("dropDeadLetters", "/dead-letters")
      .setUrlParams(DropParams)
      .addSuccess(Dropped)
      .addError(ForeignOrigin)
      .addError(MisdirectedRequest)
      .addError(Unavailable)
      .annotateContext(needs("admin"))
      .annotate(OpenApi.Summary, "Drop events that were replayed, or had counted"),
  )
  .annotate(OpenApi.Description, "Events that could not be used.");
