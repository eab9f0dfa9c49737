/** answerer: the entry of the processes that answer parts of batches beside the one that was asked (`serving/beside/`). */
import * as NodeContext from "@effect/platform-node/NodeContext";
import { Effect, Exit, Layer } from "effect";
import * as Live from "../layers/Live.ts";
import * as Logging from "../layers/Logging.ts";
import { ownChannel } from "../layers/Processes/Answerers.ts";
import { endWithParent } from "../layers/Processes/Lifeline.ts";
import { adapters } from "../layers/Settings.ts";
import * as Tables from "../layers/Tables/Local.ts";
import { describeFailure } from "./cli/Failure.ts";
import { secretsIn } from "./cli/Run.ts";
import { providerOf } from "./config/Check.ts";
import { conceal } from "./config/Secrets.ts";
import { answering, layer } from "./serving/beside/Answering.ts";
import type { Ask, Said } from "./serving/beside/Messages.ts";

const texts = new Map(
  Object.entries(process.env).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])),
);

endWithParent();

const program = answering(ownChannel<Said, Ask>()).pipe(
  Effect.provide(Layer.provide(layer, Layer.mergeAll(Live.storesBeside, Tables.layer))),
  Effect.provide(Logging.layer),
  Effect.withConfigProvider(providerOf(texts)),
  Effect.provide(NodeContext.layer),
);

const fiber = Effect.runFork(program);
// A person's Ctrl-C is for the process that they started, which ends this one once it has finished its requests.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => fiber.unsafeInterruptAsFork(fiber.id()));
fiber.addObserver((exit) => {
  if (Exit.isFailure(exit) && !Exit.isInterrupted(exit)) {
    console.error(conceal(secretsIn(adapters, texts)).text(describeFailure(exit.cause)));
  }
  process.exit(Exit.isInterrupted(exit) ? 0 : 1);
});
