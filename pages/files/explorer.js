// Starts GraphiQL over /graphql with an example in its first tab; the others are in a menu.
"use strict";

const ENDPOINT = "/graphql";
const examples = JSON.parse(document.getElementById("examples").textContent);
const wanted = new URLSearchParams(location.search).get("example");
const chosen = examples.find((example) => example.key === wanted);

const SOCKET = location.origin.replace(/^http/, "ws") + ENDPOINT;
const FORBIDDEN = 4403;

function isSubscription(request, options) {
  return options?.documentAST?.definitions.some(
    (each) =>
      each.operation === "subscription" && (!request.operationName || each.name?.value === request.operationName),
  );
}

// What GraphiQL listens to: it shows each result as it comes, and unsubscribes when it is told to stop. A browser sends
// no headers with a WebSocket, so what stands in the Headers box goes into its first message; each subscription has a
// socket of its own, as each tab may have another token.
function subscribe(request, headers) {
  const socket = graphqlWs.createClient({
    url: SOCKET,
    connectionParams: headers,
    // Open again when the server was away, but not with a token that it does not take.
    shouldRetry: (closed) => closed.code !== undefined && closed.code !== FORBIDDEN,
  });
  const told = (sink) => ({ ...sink, error: (error) => sink.error(inWords(error)) });
  return { subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, told(sink)) }) };
}

// The close of a socket has no message that GraphiQL could show.
function inWords(error) {
  return error?.code ? new Error(`The connection was closed: ${error.code} ${error.reason}`) : error;
}

async function ask(request, options) {
  if (isSubscription(request, options)) return subscribe(request, options?.headers);
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
