/** Event types of a shop that has every role. */
import { Either } from "effect";
import { parseEventTypes } from "../../src/domain/EventTypes.ts";

export const everyRole = [
  "view=0.1",
  "add_to_cart=0.5",
  "purchase=1 buys",
  "sample=0 buys",
  "return=0 takes-back",
  "swap=0.25 takes-back",
  "dislike=-1 hides",
  "impression=0 shown",
  "search=0",
].join(", ");

export const everyType = Either.getOrThrowWith(parseEventTypes(everyRole), (problem) => new Error(problem));
