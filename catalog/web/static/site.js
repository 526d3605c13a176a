// The portal works without this script. It swaps search results in place and offers to copy what people copy.
"use strict";

(() => {
  const found = () => document.getElementById("found");

  let latest = 0;
  let shown = location.pathname + location.search;

  // Replaces results and facets by those of another address; anything unexpected falls back to an ordinary visit.
  async function swap(url, push) {
    const old = found();
    if (!old) { location.assign(url); return; }
    const mine = ++latest;
    old.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== latest) return; // somebody clicked again; the last click wins
      const fresh = page.getElementById("found");
      if (!answer.ok || !fresh) { location.assign(url); return; }
      const focus = document.activeElement;
      const folded = old.querySelector("[data-facets]");
      const facets = fresh.querySelector("[data-facets]");
      if (folded && facets) facets.open = folded.open;
      old.replaceWith(fresh);
      const form = document.querySelector("form[data-swap]");
      const freshForm = page.querySelector("form[data-swap]");
      if (form && freshForm) form.replaceWith(freshForm);
      document.title = page.title;
      if (push) history.pushState({ swapped: true }, "", url);
      shown = location.pathname + location.search;
      document.getElementById("said").textContent = page.title;
      keepFocus(focus, fresh, freshForm);
    } catch {
      if (mine === latest) location.assign(url);
    }
  }

  // Whoever uses a keyboard stays where they were: at the same link, in the same field, else at the results.
  function keepFocus(focus, fresh, form) {
    if (focus.isConnected) return;
    const same = [...fresh.querySelectorAll("a[data-swap]")].find((link) => focus.tagName === "A" && link.textContent === focus.textContent);
    const fold = same && same.closest("details:not([open])");
    if (fold) fold.open = true;
    const field = form && focus.name && form.elements.namedItem(focus.name);
    (same || field || fresh).focus({ preventScroll: true });
    if (focus.className === "next") fresh.scrollIntoView();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    swap(link.href, true);
  });

  // The filters are folded on a narrow screen; who goes to them wants to see them.
  document.addEventListener("click", (event) => {
    const facets = event.target.closest('a[href="#facets"]') && document.querySelector("[data-facets]");
    if (facets) facets.open = true;
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (!form) return;
    event.preventDefault();
    const url = new URL(form.action);
    url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== "")).toString();
    swap(url.href, true);
  });

  // A jump inside the page is no other address.
  addEventListener("popstate", () => { if (found() && shown !== location.pathname + location.search) swap(location.href, false); });

  if (matchMedia("(max-width: 60rem)").matches) {
    for (const facets of document.querySelectorAll("[data-facets]")) facets.open = false;
  }

  if (navigator.clipboard) {
    for (const part of document.querySelectorAll("[data-copy]")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "copy";
      button.setAttribute("aria-label", part.title ? `copy ${part.title}` : "copy");
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(part.innerText.trim());
        button.textContent = "copied";
        setTimeout(() => { button.textContent = "copy"; }, 2000);
      });
      part.after(button);
    }
  }
})();
