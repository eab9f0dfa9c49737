/** Settings: where the API and the health page of a role are served, and to whom. */
import * as Address from "../config/Address.ts";
import { integer, list, text } from "../config/Setting.ts";
import { access } from "../keys/Settings.ts";
import { exploring, variants, waiting } from "../serving/Settings.ts";

export const http = {
  host: text("HOST", { default: "127.0.0.1", description: "Address the API listens on." }, Address.host),
  port: integer("PORT", { default: 8000, min: 0, max: 65535, description: "Port of the API; 0 takes a free one." }),
  maxBody: integer("MAX_BODY_BYTES", {
    default: 1024 * 1024,
    min: 1024,
    max: 2 ** 30,
    description: "Largest request body.",
  }),
  apiKeys: access.keys,
  apiKeysFile: access.file,
  apiOpen: access.open,
  ...waiting,
  ...exploring,
  variants,
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
