/** Users: what is known of what a user did. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { followerWindow } from "../../domain/Followers.ts";
import { keptInteractions, keptPurchases } from "../../domain/UserState.ts";
import { key } from "../../serving/EventInput.ts";
import { History, Profile } from "../../serving/users/PastSchema.ts";
import { MisdirectedRequest, NotFound, Unavailable, UriTooLong } from "../Problem.ts";
import { needs } from "./Needs.ts";

const userPath = Schema.Struct({
  user_id: key(256).annotations({
    description: "The shop's own id of the user or, where no customer's id is a whole number, the internal index.",
  }),
}).annotations({ parseOptions: { errors: "all" } });

export const defaultRecent = 10;
export const defaultTop = 5;
export const defaultLimit = 50;
const most = keptInteractions + keptPurchases;

const count = (max: number, byDefault: number, description: string) =>
  Schema.optionalWith(
    Schema.String.pipe(
      Schema.pattern(/^[1-9]\d*$/),
      Schema.compose(Schema.NumberFromString),
      Schema.between(1, max),
    ).annotations({
      message: () => ({ message: `send a whole number from 1 to ${max}`, override: true }),
      description,
      jsonSchema: { type: "integer", minimum: 1, maximum: max, default: byDefault, description },
    }),
    { exact: true },
  );

export const ProfileParams = Schema.Struct({
  recent_limit: count(keptPurchases, defaultRecent, "How many of the newest purchases at most."),
  top_categories: count(keptPurchases, defaultTop, "How many product groups, and how many types, at most."),
}).annotations({ parseOptions: { errors: "all" } });

export const HistoryParams = Schema.Struct({
  limit: count(most, defaultLimit, "How many interactions at most, the newest."),
}).annotations({ parseOptions: { errors: "all" } });

const kept = `The newest ${keptPurchases} purchases and the newest ${keptInteractions} interactions of any type are kept, none older than a year before the last but the newest ${followerWindow}. Items are worded as the shop words them now.`;

const profile = HttpApiEndpoint.get("profile", "/users/:user_id/profile")
  .annotateContext(needs("read"))
  .setPath(userPath)
  .setUrlParams(ProfileParams)
  .addSuccess(Profile)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "What a user buys")
  .annotate(OpenApi.Description, `By what the serving model knows, up to the newest event that was applied. ${kept}`);

const history = HttpApiEndpoint.get("history", "/users/:user_id/history")
  .annotateContext(needs("read"))
  .setPath(userPath)
  .setUrlParams(HistoryParams)
  .addSuccess(History)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "What a user did last")
  .annotate(OpenApi.Description, `What was given back or counted once is not in it. ${kept}`);

export const users = HttpApiGroup.make("users", { topLevel: true })
  .add(profile)
  .add(history)
  .annotate(OpenApi.Description, "What is known of what a user did.");
