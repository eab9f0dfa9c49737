import { afterAll, it } from "@effect/vitest";
import { forgetsEverywhere } from "./forgetting.ts";
import { temporaryFolder } from "./process.ts";

const folder = temporaryFolder();
afterAll(folder.remove);

it(
  "forgets a shopper at once, and out of every table and file with the next batch, whatever is read again",
  {
    timeout: 300_000,
  },
  () => forgetsEverywhere(folder.path, {}, () => Promise.resolve([])),
);
