// Shows whether the server is well, puts its real address into the samples, and runs the first query.
"use strict";

const byId = (id) => document.getElementById(id);
const WORDS = { ready: "ready", degraded: "degraded", down: "not ready", unreachable: "no answer" };

function showStatus(state, health) {
  const badge = byId("status");
  badge.dataset.state = state;
  badge.lastElementChild.textContent = WORDS[state];
  const failing = Object.entries(health.checks || {}).filter(([, found]) => !isWell(found));
  badge.title = failing.length ? "Not well: " + failing.map(([name]) => name).join(", ") : "";
  byId("backend").textContent = health.backend ? ` · storage: ${health.backend}` : "";
}

function isWell(found) {
  const word = found && typeof found === "object" ? found.status : found;
  return word === true || word === undefined || ["ok", "ready", "up"].includes(word);
}

async function askStatus() {
  try {
    const answer = await fetch("/health/ready", { cache: "no-store" });
    const health = await answer.json().catch(() => null);
    const known = Object.hasOwn(WORDS, health?.status) ? health.status : answer.ok ? "ready" : "down";
    showStatus(known, health || {});
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

for (const place of document.querySelectorAll("[data-origin]")) place.textContent = location.origin;
byId("run").hidden = false;
byId("run").addEventListener("click", run);
askStatus();
setInterval(() => document.hidden || askStatus(), 30000);
