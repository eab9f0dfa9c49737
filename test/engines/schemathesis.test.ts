/** The API as schemathesis finds it by its OpenAPI document: whatever is sent, no failure and no answer that is not declared. */
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallShop, temporaryFolder } from "../e2e/process.ts";
import { type Service, serve } from "../e2e/serving.ts";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * All checks but for one, and for one more of two operations, whose grammar says what no schema can:
 * - whether a filter, a cursor, a token or an Idempotency-Key is one, and whether a time comes after another, and by which
 *   half-life a model's sums can tell what trends, is beyond a schema, so what obeys the schema may be refused;
 * - the path /recommend/batch is also that of a user called so, whom GET asks for, which the document cannot tell;
 * - of lines, wrong ones are counted in the answer, and told of, instead of being refused.
 */
const config = `
[checks]
positive_data_acceptance.enabled = false

[[operations]]
include-name = "POST /recommend/batch"
checks.allow_header_conformance.enabled = false

[[operations]]
include-name = "POST /items"
checks.negative_data_rejection.enabled = false
`;

/**
 * Not asked: what would start batches, searches and measurements without end (test/http/BatchRoutes.test.ts, StudiesRoutes.test.ts and
 * test/e2e/Admin.test.ts start them), and what tells how all is until its caller goes (test/http/LiveRoute.test.ts).
 */
const leftOut = ["startBatch", "startTuning", "startEvaluation", "watch"];

/** With a key of every scope, so that it is noticed, too, where none is asked for. */
const key = "slip_0123456789012345678901234567890123456789012";
const entry = `all:read+write+admin:${createHash("sha256").update(key).digest("hex")}`;

describe("the API's document", () => {
  const folder = temporaryFolder();
  let program = "";
  let service: Service | undefined;

  beforeAll(async () => {
    program = execFileSync(join(here, "../../scripts/engines/schemathesis.sh"), { encoding: "utf8" }).trim();
    service = await serve({ DATA_DIR: folder.path, WAIT_AFTER: "100 millis", API_KEYS: entry, ...smallShop });
    writeFileSync(join(folder.path, "schemathesis.toml"), config);
  });
  afterAll(async () => {
    await service?.stop();
    folder.remove();
  });

  it("holds for all that schemathesis sends", async () => {
    const url = `${service?.url}/openapi.json`;
    const options = [
      "--header",
      `Authorization: Bearer ${key}`,
      "--max-examples",
      "240",
      "--seed",
      "7",
      "--no-color",
      "--warnings",
      "off",
      ...leftOut.flatMap((id) => ["--exclude-operation-id", id]),
    ];
    const settings = {
      cwd: folder.path,
      env: {
        PATH: process.env.PATH,
        PYTHONDONTWRITEBYTECODE: "1",
        SCHEMATHESIS_HOOKS: "hooks",
        PYTHONPATH: join(here, "schemathesis"),
      },
    };
    const { failed, output } = await new Promise<{ readonly failed: boolean; readonly output: string }>((resolve) =>
      execFile(program, ["run", url, ...options, "--continue-on-failure"], settings, (error, stdout, stderr) =>
        resolve({ failed: error !== null, output: `${error?.message ?? ""}\n${stdout}\n${stderr}`.slice(-400_000) }),
      ),
    );
    expect(failed, output).toBe(false);
    const [, selected, all] = /Selected: (\d+)\/(\d+)/.exec(output) ?? [];
    expect(Number(selected)).toBe(Number(all) - leftOut.length);
    expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(10_000);
    expect(service?.program.output()).not.toMatch(/level=(ERROR|FATAL)/);
    // Some four minutes with nothing beside it.
  }, 1_200_000);
});
