/** Words: what parameters of a request for recommendations mean, as query and body say it alike. */
import { mostPaged } from "./Page.ts";
import { seenPolicies } from "./Query.ts";

export const oneOfSeen = `one of ${seenPolicies.join(", ")}`;

export const aboutSeen =
  "What to leave out of what the user has had to do with: bought, all they bought and did not give back; seen, also what they did anything else to, as far as their history is kept; shown, also what they were shown (events whose type is `shown`), the newest 200 items that they did nothing to; none, nothing. What they hid always is left out.";

export const aboutMinScore =
  "Only items whose `score` is at least that; then an answer may hold fewer than k. Scores are of one kind within a source, not across: of personalized and new ones a sum of reasons (LEARNER=blend) or an inner product of vectors, of trending and catalogue ones an item's share of all that happens, far below 1. So what fills an answer up for an unknown user mostly is left out by a number that suits the others.";

export const aboutRotation =
  "How much items sink that the user was shown (events whose type is `shown`) and did nothing to since, from 0, not at all, to 1: then one shown once, just now, has half its score, shown often hardly any, and all of it again as impressions fade (ROTATION_HALF_LIFE). Within its source; by default ROTATION.";

export const aboutPage = `The \`next_page\` of the answer before: the next page repeats none of the items given so far, whatever was learnt or changed meanwhile. Ask with the same user, filters, seen, min_score, rotation, variants and diversity_lambda; k may differ. A list ends behind ${mostPaged} items.`;
