/** Address: where Qdrant is. */
import { Option } from "effect";
import { isHost, urlOf, withoutBrackets } from "../../../src/config/Address.ts";
import type { Form } from "../../../src/config/Setting.ts";

const isQdrant = ({ hostname, protocol }: URL): boolean =>
  /^https?:$/.test(protocol) && isHost(withoutBrackets(hostname));

export const qdrantUrl: Form = {
  allowed:
    "http://HOST:PORT or https://HOST:PORT, also with a path, without user and password (QDRANT_API_KEY is the key)",
  hidden: true,
  parse: (text) =>
    /[@?#]/.test(text)
      ? Option.none()
      : Option.map(Option.filter(urlOf(text.trim()), isQdrant), ({ href }) => href.replace(/\/+$/, "")),
};
