// Shows whether the server is well, puts its real address into the samples, copies them, and runs the first query.
"use strict";

const byId = (id) => document.getElementById(id);
const WORDS = { ready: "ready", degraded: "degraded", down: "not ready", unreachable: "no answer" };
const TROUBLE = {
  degraded: "This server is not well just now. What it keeps is out of reach, so some queries will tell you to wait.",
  down: "This server is not ready just now.",
  unreachable: "This server does not answer just now. The page asks again by itself.",
};

function showStatus(state, health) {
  const badge = byId("status");
  const failing = Object.entries(health.checks ?? {}).filter(([, found]) => found !== "ok");
  badge.dataset.state = state;
  badge.lastElementChild.textContent = [WORDS[state], health.backend].filter(Boolean).join(" · ");
  byId("trouble").hidden = state === "ready";
  byId("trouble").textContent = [TROUBLE[state], ...failing.map(([name, found]) => `${name}: ${found}`)].join(" ");
  byId("backend").textContent = health.backend ? ` · ${[health.backend, health.server].filter(Boolean).join(", ")}` : "";
}

async function askStatus() {
  try {
    const answer = await fetch("/health/ready", { cache: "no-store" });
    const health = await answer.json().catch(() => ({}));
    const known = Object.hasOwn(WORDS, health.status) ? health.status : answer.ok ? "ready" : "down";
    showStatus(known, health);
  } catch {
    showStatus("unreachable", {});
  }
}

async function run() {
  const started = performance.now();
  const button = byId("run");
  button.disabled = true;
  let text;
  try {
    const answer = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query: byId("query").textContent }),
    });
    text = JSON.stringify(await answer.json(), null, 2);
    byId("took").textContent = `${Math.round(performance.now() - started)} ms, there and back`;
  } catch {
    text = "The server did not answer.";
    byId("took").textContent = "";
  }
  byId("answer").textContent = text;
  byId("answer").hidden = false;
  button.disabled = false;
}

async function copy() {
  const way = document.querySelector("input[name=way]:checked").id.replace("way-", "");
  await navigator.clipboard.writeText(byId(way).textContent).then(
    () => (byId("took").textContent = "copied"),
    () => (byId("took").textContent = "the browser does not allow that"),
  );
}

for (const place of document.querySelectorAll("[data-origin]")) place.textContent = location.origin;
byId("run").hidden = false;
byId("run").addEventListener("click", run);
// Browsers have a clipboard only on pages that come over TLS or from this very machine.
byId("copy").hidden = !navigator.clipboard;
byId("copy").addEventListener("click", copy);
askStatus();
setInterval(() => document.hidden || askStatus(), 30000);
