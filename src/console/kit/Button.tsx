/** Button: does something here. What leads elsewhere is a link. */
import type { ComponentChildren, JSX } from "preact";

type Attributes = Omit<JSX.IntrinsicElements["button"], "type" | "class" | "ref" | "disabled" | "onClick">;

interface Props extends Attributes {
  readonly kind?: "plain" | "primary" | "quiet" | "danger";
  readonly size?: "m" | "s";
  /** It does nothing, but is a stop of Tab still: a browser takes the focus from what is disabled under it. */
  readonly disabled?: boolean;
  readonly onClick?: () => void;
  readonly children?: ComponentChildren;
}

export const Button = ({ kind = "plain", size = "m", disabled = false, onClick, children, ...rest }: Props) => (
  <button
    type="button"
    class={`k-button k-button-${kind} k-button-${size}`}
    aria-disabled={disabled || undefined}
    onClick={() => (disabled ? undefined : onClick?.())}
    {...rest}
  >
    {children}
  </button>
);
