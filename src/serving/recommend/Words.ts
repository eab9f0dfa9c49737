/** Words: what parameters of a request for recommendations mean, as query and body say it alike. */
import { mostPaged } from "./Page.ts";
import { seenPolicies } from "./Query.ts";

export const oneOfSeen = `one of ${seenPolicies.join(", ")}`;

export const aboutSeen =
  "What to leave out of what the user has had to do with: bought, all they bought and did not give back; seen, also what they did anything else to, as far as their history is kept; none, nothing. What they hid always is left out.";

export const aboutMinScore =
  "Only items whose `score` is at least that; then an answer may hold fewer than k. Scores are of one kind within a source, not across: of personalized and new ones a sum of reasons (LEARNER=blend) or an inner product of vectors, of trending and catalogue ones an item's share of all that happens, far below 1. So what fills an answer up for an unknown user mostly is left out by a number that suits the others.";

export const aboutPage = `The \`next_page\` of the answer before: the next page repeats none of the items given so far, whatever was learnt or changed meanwhile. Ask with the same user, filters, seen, min_score, variants and diversity_lambda; k may differ. A list ends behind ${mostPaged} items.`;
