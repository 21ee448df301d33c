// npm @apollo/client: queries as JSON, subscriptions as multipart answers.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { play } from "./scenario.mjs";

const url = process.argv[2];
const client = new ApolloClient({
  cache: new InMemoryCache(),
  devtools: { enabled: false },
  link: new HttpLink({ uri: url }),
});

// An observable as an async generator; leaving it unsubscribes.
async function* listen(observable) {
  const waiting = [];
  let wake = () => {};
  const tell = (item) => (waiting.push(item), wake());
  const subscription = observable.subscribe({
    next: (value) => tell({ value }),
    error: (error) => tell({ error }),
    complete: () => tell({ done: true }),
  });
  try {
    for (;;) {
      while (!waiting.length) await new Promise((resolve) => (wake = resolve));
      const { value, error, done } = waiting.shift();
      if (done) return;
      if (error) throw error;
      if (value.error) throw value.error;
      yield { data: value.data };
    }
  } finally {
    subscription.unsubscribe();
  }
}

async function* ask(query) {
  if (query.startsWith("subscription")) yield* listen(client.subscribe({ query: gql(query), fetchPolicy: "no-cache" }));
  else yield { data: (await client.query({ query: gql(query), fetchPolicy: "no-cache" })).data };
}

await play(url, ask);
client.stop();
