// npm graphql-sse in its distinct connections mode: each operation a request of its own.
import { createClient } from "graphql-sse";
import { play } from "./scenario.mjs";

const url = process.argv[2];
const client = createClient({ url, retryAttempts: 0 });

await play(url, (query) => client.iterate({ query }));
client.dispose();
