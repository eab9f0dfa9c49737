/** Recommendations: what to show to a user. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform";
import { Schema } from "effect";
import { key } from "../../serving/EventInput.ts";
import { Answer } from "../../serving/recommend/Answer.ts";
import { RecommendParams } from "../Params.ts";
import { MisdirectedRequest, Unavailable, UriTooLong } from "../Problem.ts";

const recommend = HttpApiEndpoint.get("recommend", "/recommend/:user_id")
  .setPath(Schema.Struct({ user_id: key(256) }).annotations({ parseOptions: { errors: "all" } }))
  .setUrlParams(RecommendParams)
  .addSuccess(Answer)
  .addError(UriTooLong)
  .addError(MisdirectedRequest)
  .addError(Unavailable)
  .annotate(OpenApi.Summary, "Recommend items to a user")
  .annotate(
    OpenApi.Description,
    "user_id is the shop's own customer id or, where no customer's id is a whole number, the internal index. What the user ever bought is left out, unless seen=none says otherwise; so is what the shop's items file lacks. An answer has k items while k are eligible: by the user's taste, then what is trending, then all others by their buyers. An unknown user gets what is trending. While the user store fails, what was bought is not known.",
  );

export const recommendations = HttpApiGroup.make("recommendations", { topLevel: true })
  .add(recommend)
  .annotate(OpenApi.Description, "What to show to a user.");
