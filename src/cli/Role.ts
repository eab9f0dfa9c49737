/** Role: the setting that names the command of a process which is given none, as in a container. */
import { choice } from "../config/Setting.ts";
import { commands } from "./Commands.ts";

export const role = choice("ROLE", ["help", ...commands.map(({ name }) => name)], {
  default: "help",
  description: "The command of a process that is given none.",
});
