/** Learning: what stands where a model is needed and none serves yet. */
import { hrefOf } from "../shell/Router.ts";
import { Empty } from "./Card.tsx";

/** `then`: what comes by itself once a model serves. */
export const Learning = ({ then }: { readonly then: string }) => (
  <Empty>
    <p>
      The shop is still being learnt, or no batch has run yet: {then} once a model serves.{" "}
      <a href={hrefOf("models")}>Models</a> has what is under way.
    </p>
  </Empty>
);
