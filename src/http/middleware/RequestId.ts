/** RequestId: what a request is called in the log and in its answer: as its sender calls it, or by a number of our own. */
import type { HttpServerRequest } from "@effect/platform";

const idOfClient = /^[\w.-]{1,64}$/;
const processId = crypto.randomUUID().slice(0, 8);
let requests = 0;

export const requestIdOf = (request: HttpServerRequest.HttpServerRequest): string => {
  const given = request.headers["x-request-id"];
  return given !== undefined && idOfClient.test(given) ? given : `${processId}-${(++requests).toString(36)}`;
};
