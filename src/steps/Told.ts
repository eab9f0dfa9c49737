/** Told: how far the SQL engine's statements are, as parts of a batch's work. */
import type { Tell } from "../ports/BatchSteps.ts";
import type { Watch } from "../ports/Sql.ts";

/** What one statement counts for. */
export const part = 0.1;

/** Tells of a step's statements, each from nothing to all of its part. */
export const watchOf = (tell: Tell, step: string): Watch => {
  tell(step, 0);
  let done = 0;
  return (percent) => {
    tell(step, ((percent - done) / 100) * part);
    done = percent >= 100 ? 0 : percent;
  };
};
