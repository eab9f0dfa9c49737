/** Failures: how the embedded store's failures, and records that cannot be decoded, are told. */
import { UserStatesError } from "../../../src/ports/UserStates.ts";
import type { StoreError } from "../../engines/lmdb/StoreError.ts";

type Operation = UserStatesError["operation"];

export const failed = (operation: Operation) => (error: StoreError) =>
  new UserStatesError({ operation, message: error.message, cause: error });

export const damaged = (operation: Operation, model: string, what: string) =>
  new UserStatesError({
    operation,
    message: `The stored ${what} of model ${model} cannot be decoded: run the batch, which makes a model anew`,
  });

export const removed = (operation: Operation, model: string) =>
  new UserStatesError({ operation, message: `Model ${model} was removed: load it before anything is written to it` });
