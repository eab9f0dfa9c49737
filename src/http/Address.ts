/** Address: what the address that a server listens on is called. */
import { HttpServer } from "@effect/platform";
import { Effect } from "effect";
import { bracketed } from "../config/Address.ts";

const url = (hostname: string, port: number): string => `http://${bracketed(hostname)}:${port}`;

/** The address itself, in brackets where it is of IPv6: `http://[::]:8000`. */
export const listenedOn = (address: HttpServer.Address): string => {
  if (address._tag === "UnixAddress") return `unix://${address.path}`;
  const { hostname, port } = address;
  const all = hostname === "0.0.0.0" || hostname === "::";
  return `${url(hostname, port)}${all ? " (every address of this machine)" : ""}`;
};

/** Where this machine itself can reach it. */
export const reachedAt = (address: HttpServer.Address): string => {
  if (address._tag === "UnixAddress") return `unix://${address.path}`;
  const { hostname, port } = address;
  return url(hostname === "0.0.0.0" ? "127.0.0.1" : hostname === "::" ? "::1" : hostname, port);
};

/** Logs where the API listens. */
export const announce = HttpServer.addressWith((address) => Effect.logInfo(`listening on ${listenedOn(address)}`));
