/** Guide: the first five minutes in three steps, each ticked when it is done; gone for good when it is closed. */
import { signal } from "@preact/signals";
import { Button } from "../kit/Button.tsx";
import { done } from "./Acting.ts";

const place = "slipstream-guide";
/** Kept by the browser. */
export const isClosed = signal(globalThis.localStorage?.getItem(place) === "closed");

/** What was done of it. */
export const been = signal(false);
export const asked = signal(false);

export const Guide = () => {
  if (isClosed.value) return null;
  const steps = [
    // Who acts is someone already: the shopper that the page opened on.
    {
      is: been.value || done.value > 0,
      title: "Be someone",
      text: "You are a shopper with a history. Choose another, or be new.",
    },
    { is: done.value > 0, title: "Click", text: "Look at something, add it or buy it: the list changes at once." },
    { is: asked.value, title: "See why", text: "The bar below an item has the parts of its score: open it." },
  ];
  const next = steps.findIndex(({ is }) => !is);
  return (
    <section class="sf-guide" aria-label="Three steps to begin with">
      <ol>
        {steps.map(({ is, text, title }, at) => (
          <li key={title} class={is ? "sf-step sf-step-done" : at === next ? "sf-step sf-step-next" : "sf-step"}>
            <span class="sf-step-mark" aria-hidden="true">
              {is ? "✓" : at + 1}
            </span>
            <div>
              <strong>{title}</strong>
              {is ? <span class="hidden"> (done)</span> : null}
              <p class="small soft">{text}</p>
            </div>
          </li>
        ))}
      </ol>
      <Button
        kind="quiet"
        size="s"
        onClick={() => {
          isClosed.value = true;
          localStorage.setItem(place, "closed");
        }}
      >
        {next === -1 ? "Done" : "Close"}
      </Button>
    </section>
  );
};
