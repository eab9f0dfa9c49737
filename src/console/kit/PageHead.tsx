/** PageHead: a page's name, a line about it, and what can be done to the whole of it. */
import type { ComponentChildren } from "preact";

interface Props {
  readonly title: string;
  readonly about?: ComponentChildren;
  readonly children?: ComponentChildren;
}

export const PageHead = ({ title, about, children }: Props) => (
  <header class="k-pagehead">
    <div>
      <h1>{title}</h1>
      {about === undefined ? null : <p class="soft">{about}</p>}
    </div>
    {children === undefined ? null : <div class="k-row">{children}</div>}
  </header>
);
