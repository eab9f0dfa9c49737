/** Settings: where the API and the health page of a role are served, and to whom. */
import { Config, Duration } from "effect";
import * as Address from "../config/Address.ts";
import type { Rule } from "../config/Check.ts";
import { duration, integer, list, spelled, text } from "../config/Setting.ts";
import { patience } from "../config/Shared.ts";
import { access } from "../keys/Settings.ts";
import { beside, exploring, many, rotating, variants, waiting } from "../serving/Settings.ts";
import { type Limits, parseLimits } from "./middleware/Limits.ts";

const noLimits: Limits = {};

export const http = {
  host: text("HOST", { default: "127.0.0.1", description: "Address the API listens on." }, Address.host),
  port: integer("PORT", { default: 8000, min: 0, max: 65535, description: "Port of the API; 0 takes a free one." }),
  maxBody: integer("MAX_BODY_BYTES", {
    default: 8 * 1024 * 1024,
    min: 1024,
    max: 2 ** 30,
    description: "Largest request body.",
  }),
  apiKeys: access.keys,
  apiKeysFile: access.file,
  apiOpen: access.open,
  rateLimit: spelled("RATE_LIMIT", {
    default: noLimits,
    fallback: "",
    allowed: "limits such as read=1000/s, write=100/s, admin=60/min (s, min or h), by scope",
    description:
      "Requests that each key may make of each scope, counted in each process; of each address where no key is needed. Unset: any number.",
    read: parseLimits,
  }),
  ...patience,
  drainDelay: duration("DRAIN_DELAY", {
    default: "0 seconds",
    max: "1 hour",
    description:
      "How long a stopping API goes on taking requests, as /health/ready says that it stops, so that a load balancer has time to see it.",
  }),
  ...waiting,
  ...exploring,
  ...rotating,
  variants,
  ...many,
  ...beside,
  allowedHosts: list("ALLOWED_HOSTS", {
    entry: /^(?:\*|(?:\*\.)?[^\s*/:?#@[\]\\]+|\[[\da-fA-F:.]+\])$/,
    allowed: "host names or addresses without a port, such as shop.example, *.shop.example or [2001:db8::1]",
    description:
      "Hosts that the API may be asked by, besides loopback names and HOST: shop.example, *.shop.example, or * for any. Unset: no others while it listens on loopback, else any.",
  }),
  allowedOrigins: list("ALLOWED_ORIGINS", {
    entry: /^(?:null|[a-zA-Z][\w+.-]*:\/\/[^\s*/?#@]+)$/,
    allowed: "origins without a path, such as https://shop.example",
    description:
      "Web origins whose pages may post events and read answers, besides the API's own: https://shop.example.",
  }),
  corsMaxAge: duration("CORS_MAX_AGE", {
    default: "2 hours",
    max: "1 day",
    description: "How long a browser need not ask again whether a page of an allowed origin may ask.",
  }),
};

export const health = {
  host: text(
    "HEALTH_HOST",
    {
      default: "127.0.0.1",
      description: "Address of a role's health page (/health/live, /health/ready, /metrics); the API has them itself.",
    },
    Address.host,
  ),
  port: integer("HEALTH_PORT", { default: 0, min: 0, max: 65535, description: "Port of the health page; 0: none." }),
};

export const rules: ReadonlyArray<Rule> = [
  Config.map(
    Config.all({ answer: patience.answerTimeout.config, wait: waiting.waitAfter.config }),
    ({ answer, wait }) =>
      Duration.greaterThanOrEqualTo(wait, answer)
        ? `${waiting.waitAfter.env} (${Duration.format(wait)}) is to be shorter than ${patience.answerTimeout.env} (${Duration.format(answer)}), which ends the request that waits: lower the one or raise the other`
        : undefined,
  ),
];
