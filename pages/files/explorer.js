// Starts GraphiQL over /graphql with an example in its first tab; the others are in a menu.
"use strict";

const ENDPOINT = "/graphql";
const examples = JSON.parse(document.getElementById("examples").textContent);
const wanted = new URLSearchParams(location.search).get("example");
const chosen = examples.find((example) => example.key === wanted);

// Opened with the first subscription, and again when the server was away.
const socket = graphqlWs.createClient({ url: location.origin.replace(/^http/, "ws") + ENDPOINT });

function isSubscription(request, options) {
  return options?.documentAST?.definitions.some(
    (each) =>
      each.operation === "subscription" && (!request.operationName || each.name?.value === request.operationName),
  );
}

// What GraphiQL listens to: it shows each result as it comes, and unsubscribes when it is told to stop.
function subscribe(request) {
  return { subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }) };
}

async function ask(request, options) {
  if (isSubscription(request, options)) return subscribe(request);
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

// Tabs of an earlier visit stay as they were left; the chosen example joins them, unless it is one of them.
const props = {
  fetcher: ask,
  defaultTabs: [{ query: (chosen ?? examples[0])?.query }],
  defaultEditorToolsVisibility: false,
};
const menu = document.getElementById("menu");
if (chosen) {
  props.query = chosen.query;
  const link = [...menu.querySelectorAll("a")].find((each) => each.search === location.search);
  link?.setAttribute("aria-current", "page");
}

document.addEventListener("click", (event) => menu.contains(event.target) || (menu.open = false));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

ReactDOM.render(React.createElement(GraphiQL, props), document.getElementById("explorer"));
