import { build } from "../scripts/build.mjs";

/** Tests run against the kernels and the worker that a user would run: build what is stale. */
export default () => build({ ifStale: true });
