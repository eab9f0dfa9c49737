/** AskedFilter: a request's filter as a condition, or what is wrong with it and where. */
import { Either } from "effect";
import type { Columns } from "../catalogue/Columns.ts";
import { parseFilter, told } from "../catalogue/filter/Filter.ts";
import type { Where } from "../domain/Where.ts";
import { InvalidInput } from "./Errors.ts";
import { shown } from "./FieldError.ts";

/** By the attributes that are `seen`. */
export const askedFilter = (filter: string, seen: Columns["seen"]): Either.Either<Where, InvalidInput> =>
  Either.mapLeft(parseFilter(filter, seen), (problem) => {
    const detail = told(problem);
    return new InvalidInput({
      message: `The filter is wrong ${detail}`,
      errors: [{ field: "filter", value: shown(filter), detail }],
    });
  });
