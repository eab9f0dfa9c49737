/** Address: where brokers are, and how topics are called. */
import { Option } from "effect";
import { hostName, isPort } from "../../../src/config/Address.ts";
import type { Form } from "../../../src/config/Setting.ts";

const isBroker = (text: string): boolean => {
  const colon = text.lastIndexOf(":");
  return hostName.test(text.slice(0, colon)) && isPort(text.slice(colon + 1));
};

/** Kafka's brokers, without white space and empty parts. */
export const brokers: Form = {
  allowed: "HOST:PORT, several separated by commas, without scheme, user and password",
  hidden: true,
  parse: (text) => {
    const list = text
      .split(",")
      .map((broker) => broker.trim())
      .filter((broker) => broker !== "");
    return list.length > 0 && list.every(isBroker) ? Option.some(list.join(",")) : Option.none();
  },
};

/** A name that Kafka takes for a topic. */
export const topic: Form = {
  allowed: "1 to 249 letters, digits, dots, dashes and underscores",
  parse: (text) => Option.filter(Option.some(text), (name) => /^[\w.-]{1,249}$/.test(name) && !/^\.{1,2}$/.test(name)),
};
