/** Button: does something here. What leads elsewhere is a link. */
import type { ComponentChildren, JSX } from "preact";

type Attributes = Omit<JSX.IntrinsicElements["button"], "type" | "class" | "ref">;

interface Props extends Attributes {
  readonly kind?: "plain" | "primary" | "quiet" | "danger";
  readonly size?: "m" | "s";
  readonly children?: ComponentChildren;
}

export const Button = ({ kind = "plain", size = "m", children, ...rest }: Props) => (
  <button type="button" class={`k-button k-button-${kind} k-button-${size}`} {...rest}>
    {children}
  </button>
);
