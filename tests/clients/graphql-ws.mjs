// npm graphql-ws: every operation over one WebSocket.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { play } from "./scenario.mjs";

const url = process.argv[2];
const client = createClient({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });

await play(url, (query) => client.iterate({ query }));
await client.dispose();
