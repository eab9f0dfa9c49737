/** Settings: what an event does to a user. */
import { choice, duration, number, spelled } from "../config/Setting.ts";
import { defaultEventTypes, eventTypesText, parseEventTypes } from "../domain/EventTypes.ts";
import { defaultLearning, LearnerName } from "../domain/Learning.ts";

export const learning = {
  eventTypes: spelled("EVENT_TYPES", {
    default: defaultEventTypes,
    fallback: eventTypesText(defaultEventTypes.list),
    allowed: "name=weight, and buys, takes-back, hides or shown where it does, with commas between",
    read: parseEventTypes,
    description:
      "What shoppers do in the shop: the types of events, their weights and roles. A model goes by those it was trained by; " +
      "give the same to every role and to the batch.",
  }),
  learner: choice("LEARNER", LearnerName.literals, {
    default: defaultLearning.learner,
    description:
      "How an event changes what a user gets: the blend of what follows their last items, their taste and what is popular, " +
      "exponential moving average, or recency-decayed fold-in. Like its numbers below, the batch's choice goes with the model; " +
      "updaters and APIs go by the model's unless it is given.",
  }),
  rate: number("LEARNING_RATE", {
    default: defaultLearning.rate,
    min: 0,
    max: 1,
    description: "η of the moving average.",
  }),
  debounce: duration("DEBOUNCE", {
    default: "300 seconds",
    max: "1 day",
    description: "The same user, item and type within this time counts once (by event time).",
  }),
  decay: number("FOLD_IN_DECAY", {
    default: defaultLearning.decay,
    min: 0,
    max: 1,
    description: "Weight of an interaction relative to the next newer one, in fold-in.",
  }),
  blendDecay: number("BLEND_DECAY", {
    default: defaultLearning.blend.decay,
    min: 0,
    max: 1,
    description:
      "Weight of an interaction relative to the next newer one, in the blend. Sessions want less than long histories.",
  }),
  blendTaste: number("BLEND_TASTE", {
    default: defaultLearning.blend.taste,
    min: 0,
    max: 1000,
    description: "Weight of the taste in the blend, beside that of what follows a shopper's items.",
  }),
  blendPopularity: number("BLEND_POPULARITY", {
    default: defaultLearning.blend.popularity,
    min: 0,
    max: 1000,
    description: "Weight of popularity in the blend, beside that of what follows a shopper's items.",
  }),
};
