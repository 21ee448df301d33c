// Starts GraphiQL over /graphql with the examples as tabs.
"use strict";

const ENDPOINT = "/graphql";
const examples = JSON.parse(document.getElementById("examples").textContent);
const wanted = new URLSearchParams(location.search).get("example");
const chosen = examples.find((example) => example.key === wanted);

async function ask(request, options) {
  const answer = await fetch(ENDPOINT, {
    method: "POST",
    headers: {
      ...(options && options.headers),
      // Mistakes in a query come as 200 in this type: the console stays clear for mistakes of the page.
      Accept: "application/json",
      "Content-Type": "application/json",
    },
    body: JSON.stringify(request),
  });
  return answer.json();
}

// Without tabs from an earlier visit GraphiQL shows the first of these, so the chosen one leads.
const ordered = chosen ? [chosen, ...examples.filter((example) => example !== chosen)] : examples;
const props = {
  fetcher: ask,
  defaultTabs: ordered.map(({ query }) => ({ query })),
  defaultEditorToolsVisibility: false,
};
if (chosen) {
  props.query = chosen.query;
  for (const link of document.querySelectorAll("nav a")) {
    if (new URL(link.href).searchParams.get("example") === wanted) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "center" });
    }
  }
}

ReactDOM.render(React.createElement(GraphiQL, props), document.getElementById("explorer"));
