/** Shell: what surrounds every page: the navigation, the theme, the key, notices, and the open page itself. */
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { giveKey, key, reconsider } from "../data/Key.ts";
import { Button } from "../kit/Button.tsx";
import { Empty, Problem } from "../kit/Card.tsx";
import "../kit/kit.css";
import { KeyEntry } from "./KeyEntry.tsx";
import { Notices } from "./Notices.tsx";
import { pages } from "./Pages.ts";
import { hrefOf, route } from "./Router.ts";
import "./shell.css";
import { theme, themes } from "./Theme.ts";

const openPage = () => pages.find(({ name }) => name === route.value.page) ?? pages[0];

const Brand = () => (
  <a class="brand" href={hrefOf(pages[0]?.name ?? "")} aria-label="Slipstream, first page">
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="brand-ground" />
      <path d="M6 20.5c5 0 6-4 10-4s5 3 10 3M6 13.5c5 0 6-4 10-4s5 3 10 3" class="brand-lines" />
    </svg>
    <span>Slipstream</span>
  </a>
);

const ThemeSwitch = () => {
  const next = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? "system";
  const face = { system: "◐", light: "☀", dark: "☾" }[theme.value];
  return (
    <Button
      kind="quiet"
      size="s"
      aria-label={`Theme: ${theme.value}. Change to ${next}.`}
      title={`Theme: ${theme.value}`}
      onClick={() => {
        theme.value = next;
      }}
    >
      <span aria-hidden="true">{face}</span>
    </Button>
  );
};

const failed = { status: 0, title: "The page could not be loaded", detail: "The API does not answer, or has changed." };

/** The open page, loaded when it is first opened; the focus goes to it, so that a keyboard goes on from there. */
const Opened = () => {
  const page = openPage();
  const Found = useSignal<ComponentType | undefined | "failed">(undefined);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    let current = true;
    reconsider();
    Found.value = undefined;
    document.title = `${page?.title ?? "Console"} · Slipstream`;
    page?.load().then(
      (loaded) => {
        if (current) Found.value = loaded.Page;
      },
      () => {
        if (current) Found.value = "failed";
      },
    );
    if (!isFirst.current) main.current?.focus();
    isFirst.current = false;
    return () => {
      current = false;
    };
  }, [page?.name]);
  const { value: Page } = Found;
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {Page === undefined ? (
        <Empty>Loading…</Empty>
      ) : Page === "failed" ? (
        <Problem problem={failed} onAgain={() => location.reload()} />
      ) : (
        <Page />
      )}
    </main>
  );
};

export const Shell = () => (
  <>
    <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
      Skip to the page
    </button>
    <header class="shell">
      <Brand />
      <nav aria-label="Pages">
        {pages.map(({ name, title }) => (
          <a key={name} href={hrefOf(name)} aria-current={openPage()?.name === name ? "page" : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div class="shell-tools">
        {key.value === undefined ? null : (
          <Button kind="quiet" size="s" onClick={() => giveKey("")}>
            Forget key
          </Button>
        )}
        <a class="k-button k-button-quiet k-button-s shell-docs" href="/docs">
          API
        </a>
        <ThemeSwitch />
      </div>
    </header>
    <Opened />
    <Notices />
    <KeyEntry />
  </>
);
