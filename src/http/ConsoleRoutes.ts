/**
 * ConsoleRoutes: the console's page and its files, as the build made them. They tell nothing of the shop, so that no key is
 * needed; what the page then asks the API for, needs one.
 *
 * Read when the server starts, and packed once: a page goes with the files of its own build, also while another is made.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { HttpApiBuilder, HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform";
import { Effect } from "effect";
import { artifactPath } from "../kernels/Artifact.ts";
import { takesPacked } from "./Packed.ts";
import { NotFound } from "./Problem.ts";
import { consoleFiles, consolePath } from "./Routes.ts";

interface File {
  readonly contentType: string;
  readonly plain: Uint8Array;
  readonly packed: Uint8Array;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

const fileAt = (path: string): File => {
  const plain = readFileSync(path);
  return { contentType: contentTypes[extname(path)] ?? "application/octet-stream", plain, packed: gzipSync(plain) };
};

/** By path; none where the console was not built. */
const filesIn = (assets: string): ReadonlyMap<string, File> => {
  if (!existsSync(assets)) return new Map();
  return new Map([
    [consolePath, fileAt(join(dirname(assets), "index.html"))],
    ...readdirSync(assets).map((name): [string, File] => [consoleFiles + name, fileAt(join(assets, name))]),
  ]);
};

const answer = (file: File, accepted: string) => {
  const { contentType, packed, plain } = file;
  const [body, encoding] = takesPacked(accepted) ? [packed, { "content-encoding": "gzip" }] : [plain, {}];
  return HttpServerResponse.uint8Array(body, { contentType, headers: { vary: "accept-encoding", ...encoding } });
};

export const layer = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function* () {
    const files = yield* Effect.sync(() => filesIn(artifactPath("console/assets")));
    const find = (path: string) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) => {
        const file = files.get(path);
        return file === undefined
          ? Effect.fail(new NotFound({ detail: `There is no ${path.slice(0, 200)}: see ${consolePath}.` }))
          : Effect.succeed(answer(file, headers["accept-encoding"] ?? ""));
      });
    yield* router.get(consolePath, find(consolePath));
    yield* router.get(
      `${consoleFiles}:file`,
      Effect.flatMap(HttpRouter.params, ({ file = "" }) => find(consoleFiles + file)),
    );
  }),
);
