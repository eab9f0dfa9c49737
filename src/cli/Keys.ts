/** Keys: the commands about keys of the API. */
import { addKey, listKeys, removeKey } from "../keys/Configured.ts";
import { access, keyScopes } from "../keys/Settings.ts";
import type { Command } from "./Command.ts";

const list = {
  about: "lists the keys of the API: names, scopes, days; never the keys",
  settings: [{ file: access.file }],
  program: { on: "files", run: () => listKeys },
} satisfies Partial<Command>;

const keyName = [{ name: "NAME", about: "name of the key, for people and the log, such as webshop" }];

const keySteps: ReadonlyArray<Command> = [
  { name: "list", ...list },
  {
    name: "add",
    about: "makes a key and prints it, this once; keeps its hash",
    settings: [{ file: access.file, keyScopes }],
    operands: keyName,
    program: { on: "files", run: addKey },
  },
  {
    name: "remove",
    about: "removes a key; within a second it is refused",
    settings: [{ file: access.file }],
    operands: keyName,
    program: { on: "files", run: removeKey },
  },
];

export const keys: Command = {
  name: "keys",
  ...list,
  about: "lists, makes and removes keys of the API",
  steps: keySteps,
};
