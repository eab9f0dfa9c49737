/** Dialog: asks before something goes on. Escape, its cross and a click beside it close it; the focus goes back to where it was. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./Button.tsx";

interface Props {
  readonly title: string;
  readonly children: ComponentChildren;
  /** For what has columns. */
  readonly isWide?: boolean;
  readonly onClose: () => void;
}

/** Is open as long as it is drawn. */
export const Dialog = ({ title, children, isWide = false, onClose }: Props) => {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // What was focused may be gone, and the dialog is: a browser then knows of neither.
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape is the dialog's own, as its cancel event
    <dialog
      ref={element}
      class={isWide ? "k-dialog k-dialog-wide" : "k-dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={({ currentTarget, target }) => (target === currentTarget ? onClose() : undefined)}
    >
      <div class="k-dialog-body">
        <h2 id={id}>{title}</h2>
        {children}
        {/* Last, so that the focus begins in what the dialog is for; where that has no control, here. */}
        <button type="button" class="k-dialog-close" aria-label="Close" onClick={onClose}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M3 3 13 13M13 3 3 13" />
          </svg>
        </button>
      </div>
    </dialog>
  );
};

interface ConfirmProps extends Props {
  /** What the button says that goes on: a verb. */
  readonly action: string;
  readonly danger?: boolean;
  readonly onConfirm: () => void;
}

export const Confirm = ({ action, danger = false, onConfirm, children, ...rest }: ConfirmProps) => (
  <Dialog {...rest}>
    {/* So that Enter in a field goes on. */}
    <form
      class="k-stack"
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm();
      }}
    >
      {children}
      <div class="k-row k-row-end">
        <Button onClick={rest.onClose}>Cancel</Button>
        <button type="submit" class={`k-button k-button-${danger ? "danger" : "primary"} k-button-m`}>
          {action}
        </button>
      </div>
    </form>
  </Dialog>
);
