/** The API as schemathesis finds it by its OpenAPI document: whatever is sent, no failure and no answer that is not declared. */
import { execFile, execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallShop, temporaryFolder } from "../e2e/process.ts";
import { type Service, serve } from "../e2e/serving.ts";

const here = dirname(fileURLToPath(import.meta.url));

const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
];

describe("the API's document", () => {
  const folder = temporaryFolder();
  let program = "";
  let service: Service | undefined;

  beforeAll(async () => {
    program = execFileSync(join(here, "../../scripts/engines/schemathesis.sh"), { encoding: "utf8" }).trim();
    service = await serve({ DATA_DIR: folder.path, WAIT_AFTER: "100 millis", ...smallShop });
  });
  afterAll(async () => {
    await service?.stop();
    folder.remove();
  });

  it("holds for all that schemathesis sends", async () => {
    const url = `${service?.url}/openapi.json`;
    const options = [
      "--checks",
      checks.join(","),
      "--max-examples",
      "25",
      "--seed",
      "7",
      "--no-color",
      "--warnings",
      "off",
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
        resolve({ failed: error !== null, output: `${stdout}\n${stderr}`.slice(-8000) }),
      ),
    );
    expect(failed, output).toBe(false);
    expect(output).toMatch(/Tested:\s+13\b/);
    expect(service?.program.output()).not.toMatch(/level=(ERROR|FATAL)/);
  });
});
