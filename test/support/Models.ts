/** Models that a test needs: one of any id, and a registry in memory. */
import { Effect, Option, Stream } from "effect";
import type { Model } from "../../src/domain/Model.ts";
import type { ModelRegistryService, RegistryState } from "../../src/ports/ModelRegistry.ts";

export const modelOf = (id: string, parts: Partial<Model> = {}): Model => ({
  id,
  createdAt: "2026-01-01T00:00:00.000Z",
  parameters: { rank: 8, regularization: 0.1, alpha: 1, iterations: 1, seed: 0 },
  metrics: {},
  snapshot: { tables: {}, offsets: {} },
  users: 1000,
  items: 1000,
  status: "trained",
  ...parts,
});

export class MemoryRegistry {
  state: RegistryState;
  constructor(models: ReadonlyArray<Model>, serving?: string) {
    this.state = { models, serving: Option.fromNullable(serving) };
  }

  /** The status of each model that there is. */
  get statuses(): Readonly<Record<string, Model["status"]>> {
    return Object.fromEntries(this.state.models.map(({ id, status }) => [id, status]));
  }

  readonly service: ModelRegistryService = {
    state: Effect.sync(() => this.state),
    update: (change) =>
      Effect.sync(() => {
        const [answer, state] = change(this.state);
        this.state = state;
        return answer;
      }),
    changes: Stream.never,
  };
}
