/** Settings: where Qdrant is, and how it searches. */
import { choice, duration, integer, secret, text } from "../../../src/config/Setting.ts";
import { qdrantUrl } from "./Address.ts";

export const qdrant = {
  url: text("QDRANT_URL", { default: "", description: "Qdrant that holds item vectors; unset: embedded." }, qdrantUrl),
  apiKey: secret("QDRANT_API_KEY", { description: "API key of QDRANT_URL." }),
  collection: text("QDRANT_COLLECTION", {
    default: "items",
    description: "Alias of the serving model's collection; each model has one named after it, ALIAS_MODEL.",
  }),
  distance: choice("QDRANT_DISTANCE", ["dot", "cosine"], {
    default: "dot",
    description: "Similarity of user and item for models that name none; the README says which one evaluates better.",
  }),
  exactUpTo: integer("QDRANT_EXACT_UP_TO", {
    default: 200_000,
    min: 0,
    description: "Models of at most this many items are searched exactly, larger ones by their HNSW graph.",
  }),
  timeout: duration("QDRANT_TIMEOUT", {
    default: "2 seconds",
    min: "1 millis",
    max: "1 hour",
    description: "Longest wait for the answer to a search.",
  }),
  loadPatience: duration("QDRANT_LOAD_PATIENCE", {
    default: "10 minutes",
    description: "Longest outage a load sits out, and longest wait for its index to be green.",
  }),
};
