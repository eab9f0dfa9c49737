/** Card: one thing of a page, with its name; Figure: one number with its name; Badge: a word about a state; Problem: what went wrong. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Problem as Told } from "../data/Api.ts";
import { reconsider } from "../data/Key.ts";
import { Button } from "./Button.tsx";

interface Props {
  readonly title?: string;
  /** Read out behind the title, where others on the page are called so, too: whose it is. */
  readonly of?: string;
  /** Beside the title. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}

export const Card = ({ title, of, aside, children }: Props) => {
  const id = useId();
  return (
    <section class="k-card" {...(title === undefined ? {} : { "aria-labelledby": id })}>
      {title === undefined ? null : (
        <header class="k-card-head">
          <h2 id={id}>
            {title}
            {of === undefined ? null : <span class="hidden">: {of}</span>}
          </h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
};

/** In place of a number that nobody knows; it has no unit. */
export const nothing = "–";

export const Figure = (props: {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly unit?: string;
  readonly hint?: string;
}) => (
  <div class="k-figure" title={props.hint}>
    <dt>{props.label}</dt>
    <dd class="number">
      {props.value}
      {props.unit === undefined || props.value === nothing ? null : <small> {props.unit}</small>}
    </dd>
  </div>
);

/** Figures stand in a row, as one list of names and numbers. */
export const Figures = ({ children }: { readonly children: ComponentChildren }) => (
  <dl class="k-figures">{children}</dl>
);

export type Tone = "plain" | "good" | "warn" | "bad" | "accent";

export const Badge = ({ tone = "plain", children }: { readonly tone?: Tone; readonly children: ComponentChildren }) => (
  <span class={`k-badge k-badge-${tone}`}>{children}</span>
);

export const Problem = ({ problem, onAgain }: { readonly problem: Told; readonly onAgain?: () => void }) => {
  const again = (): void => {
    reconsider();
    onAgain?.();
  };
  return (
    <div class="k-problem" role="alert">
      <div>
        <strong>{problem.title}</strong>
        <p>{problem.detail}</p>
      </div>
      {onAgain === undefined ? null : <Button onClick={again}>Try again</Button>}
    </div>
  );
};

/** What stands where there is nothing yet. */
export const Empty = ({ children }: { readonly children: ComponentChildren }) => <div class="k-empty">{children}</div>;
