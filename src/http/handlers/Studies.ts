/** Studies: GET and POST /tuning, /evaluation. */
import { HttpApiBuilder } from "@effect/platform";
import { Effect } from "effect";
import { Studies } from "../../studies/Studies.ts";
import type { EvaluationState, TuningState } from "../../studies/StudySchema.ts";
import { Api } from "../Api.ts";
import { problemOfDeed } from "../ProblemOf.ts";
import { json } from "../Responses.ts";

const problems = { Conflicting: problemOfDeed.Conflicting, NotNow: problemOfDeed.NotNow };

export const layer = HttpApiBuilder.group(Api, "studies", (handlers) =>
  Effect.map(Studies, ({ evaluation, start, state, tuned }) =>
    handlers
      .handle("tuning", () =>
        Effect.map(tuned, (found) => json({ ...state("tune"), tuned: found } satisfies TuningState)),
      )
      .handle("startTuning", ({ urlParams: { minutes } }) =>
        start({ kind: "tune", minutes }).pipe(
          Effect.catchTags(problems),
          Effect.map((run) => json(run, 202)),
        ),
      )
      .handle("evaluation", () =>
        Effect.map(evaluation, (newest) => json({ ...state("evaluate"), newest } satisfies EvaluationState)),
      )
      .handle("startEvaluation", () =>
        start({ kind: "evaluate" }).pipe(
          Effect.catchTags(problems),
          Effect.map((run) => json(run, 202)),
        ),
      ),
  ),
);
