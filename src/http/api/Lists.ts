/** Lists: items that are like one, that go with one, or that trend. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { longestId } from "../../domain/Ids.ts";
import { key } from "../../serving/EventInput.ts";
import { AroundAnswer, TrendingAnswer } from "../../serving/lists/ListAnswer.ts";
import { AroundParams, TrendingParams } from "../ListParams.ts";
import { MisdirectedRequest, NotFound, Unavailable, UriTooLong } from "../Problem.ts";
import { needs } from "./Needs.ts";

const itemPath = Schema.Struct({
  item_id: key(longestId).annotations({
    description:
      "The shop's own id of the item or, where no item's id is a whole number, the internal index. It need not be for sale.",
  }),
}).annotations({ parseOptions: { errors: "all" } });

const leftOut =
  "The item itself is left out, and with `user` what they hid and, as `seen` says, have had to do with; what they were shown sinks by `rotation`. An answer has k items while k are eligible: each says its `source`.";

const similar = HttpApiEndpoint.get("similarItems", "/items/:item_id/similar")
  .annotateContext(needs("read"))
  .setPath(itemPath)
  .setUrlParams(AroundParams)
  .addSuccess(AroundAnswer)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Items that are like one")
  .annotate(
    OpenApi.Description,
    `By what shoppers have taste for: those whose vectors lie near to the item's (similar; score: the cosine, above 0), items among them that nobody has had to do with yet, which lie where their attributes say. Then what follows it (followers), and of its own type, then its group, what trends and what else there is, then all others. ${leftOut}`,
  );

const boughtTogether = HttpApiEndpoint.get("boughtTogether", "/items/:item_id/bought-together")
  .annotateContext(needs("read"))
  .setPath(itemPath)
  .setUrlParams(AroundParams)
  .addSuccess(AroundAnswer)
  .addError(NotFound)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Items that go with one")
  .annotate(
    OpenApi.Description,
    `What shoppers went on to after the item, counted by the batch and from every event since (followers; score: the share of this one of all that followed, what came at once counting most, whatever was done: a look counts like a purchase). Then what is near to it (similar), what trends, and all others. ${leftOut}`,
  );

const trending = HttpApiEndpoint.get("trending", "/trending")
  .annotateContext(needs("read"))
  .setUrlParams(TrendingParams)
  .addSuccess(TrendingAnswer)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "What is popular now")
  .annotate(
    OpenApi.Description,
    "Among what the filter lets through: by what the batch counted and every event since, the newest most (trending; score: the item's share of all that happens in the shop); then all others by the batch's popularity (catalogue). With `user` what they hid and, as `seen` says, have had to do with is left out, and what they were shown sinks by `rotation`.",
  );

export const lists = HttpApiGroup.make("lists", { topLevel: true })
  .add(similar)
  .add(boughtTogether)
  .add(trending)
  .annotate(OpenApi.Description, "Lists of items that are about no shopper's taste.");
