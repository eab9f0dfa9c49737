/** The service as a client sees it: events posted, their token waited for, the service stopped. */
import { expect } from "@effect/vitest";
import { type Exit, type Running, start } from "./process.ts";

const wait = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

export interface Service {
  readonly url: string;
  readonly program: Running;
  /** Posts `count` purchases whose ids begin with `prefix`; answers their token. */
  readonly post: (prefix: string, count: number) => Promise<string>;
  /** Whether the serving model knows the token's events within WAIT_AFTER. */
  readonly caughtUp: (token: string) => Promise<boolean>;
  /** How many events this process has applied or given up, of any outcome. */
  readonly processed: () => Promise<number>;
  /** SIGTERM, and how it ended. */
  readonly stop: () => Promise<Exit>;
}

/** Starts `all-in-one` and waits until it serves. */
export const serve = async (environment: Readonly<Record<string, string>>): Promise<Service> => {
  const program = start(["all-in-one"], { PORT: "0", LOG_FORMAT: "logfmt", WAIT_AFTER: "20 seconds", ...environment });
  const address = () => /API: (http:\S+)\/docs/.exec(program.output())?.[1];
  while (address() === undefined && program.child.exitCode === null) await wait(20);
  const url = address() ?? "";
  expect(url, program.output()).not.toBe("");
  return {
    url,
    program,
    post: async (prefix, count) => {
      const events = Array.from({ length: count }, (_, i) => ({
        user_id: `shopper-${i % 23}`,
        item_idx: i % 100,
        event_type: "purchase",
        event_id: `${prefix}-${i}`,
      }));
      const response = await fetch(`${url}/events`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(events),
      });
      const body = (await response.json()) as { readonly token: string };
      expect(response.status, JSON.stringify(body)).toBe(202);
      return body.token;
    },
    caughtUp: async (token) => {
      const response = await fetch(`${url}/recommend/shopper-1?after=${token}`);
      return ((await response.json()) as { readonly caught_up: boolean }).caught_up;
    },
    processed: async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return [...text.matchAll(/^slipstream_events_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
    },
    stop: async () => {
      program.child.kill("SIGTERM");
      return program.exit;
    },
  };
};

/** What the program warned of. */
export const warnings = ({ program }: Service): ReadonlyArray<string> =>
  program
    .output()
    .split("\n")
    .filter((line) => /level=(WARN|ERROR|FATAL)/.test(line));
