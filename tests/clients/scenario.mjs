// What every client is asked to do; prints one line of JSON. A client offers `ask(query)`, an async generator of results.
const WATCH = 'subscription { watch(topic: "x") { number } }';

export async function collect(stream) {
  const results = [];
  try {
    for await (const result of stream) results.push(result);
  } catch (error) {
    results.push({ failed: codes(error) });
  }
  return results;
}

// The codes of what a client throws: errors as they came, or wrapped in the client's own error.
export function codes(error) {
  const errors = Array.isArray(error) ? error : error.errors ?? [error];
  return errors.map((each) => each.extensions?.code ?? String(each));
}

export async function play(url, ask, heard = {}) {
  const post = (query) =>
    fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query }),
    }).then((answer) => answer.json());

  heard.count = await collect(ask("subscription { count(to: 3) }"));
  heard.query = await collect(ask("{ hello }"));
  heard.refused = await collect(ask("subscription { nothing }"));
  heard.stops = await collect(ask("subscription { stops }"));

  heard.watched = [];
  const watching = ask(WATCH);
  const first = watching.next();
  await post('{ until(mark: "open x") }');
  for (const number of [1, 2]) {
    await post(`mutation { post(topic: "x", number: ${number}) }`);
    heard.watched.push((await (number === 1 ? first : watching.next())).value);
  }
  await watching.return();
  heard.marks = (await post('{ until(mark: "closed x") }')).data.until;
  console.log(JSON.stringify(heard));
}
