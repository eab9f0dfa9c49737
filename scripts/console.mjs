// Builds the console's page: src/console to dist/console, each file but the page itself named by its content.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** `target`: the folder, which is emptied before. */
export const makeConsole = async (target) => {
  const { build } = await import("vite");
  await build({
    configFile: false,
    root: join(root, "src/console"),
    base: "/console/",
    logLevel: "warn",
    // Without `jsxDev` files name their sources' places wherever NODE_ENV is another's, as within tests.
    esbuild: { jsx: "automatic", jsxDev: false, jsxImportSource: "preact", legalComments: "none" },
    build: {
      outDir: target,
      emptyOutDir: true,
      target: "es2022",
      // Files of their own alone, and no script in the page: its policy allows neither data: scripts nor inline ones.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
};
