// GraphQL over WebSocket with the client that frontends use (npm graphql-ws), against a running server:
// `node cases.js http://127.0.0.1:8080 ADDRESS PASSWORD SERVER_PID`. The last case stops the server.
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";

const [base, email, password, pid] = process.argv.slice(2);
if (!pid) {
  console.error("usage: node cases.js URL ADDRESS PASSWORD SERVER_PID");
  process.exit(2);
}
const url = `${base.replace("http", "ws")}/graphql/ws`;

async function ask(query, variables, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${base}/graphql`, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return answer.json();
}

async function signIn() {
  const document = `mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken } userErrors { code } } }`;
  const answer = await ask(document, { input: { email, password } });
  const token = answer.data?.signIn?.tokens?.accessToken;
  if (!token) throw new Error(`nobody can sign in: ${JSON.stringify(answer)}`);
  return token;
}

function connect(token, options = {}) {
  const connectionParams = typeof token === "function" ? token : token && { authorization: `Bearer ${token}` };
  return createClient({ url, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0, onNonLazyError: () => {}, ...options });
}

/** The results of an operation, or the error or close event that ended it. */
function run(client, payload) {
  return new Promise((resolve) => {
    const results = [];
    client.subscribe(payload, {
      next: (result) => results.push(result),
      error: (error) => resolve({ results, error }),
      complete: () => resolve({ results }),
    });
  });
}

function expect(condition, what, seen) {
  if (!condition) throw new Error(`${what}: ${JSON.stringify(seen, null, 1)}`);
}

const closed = (options) => new Promise((resolve) => { options.on = { ...options.on, closed: resolve }; });
const within = (promise, what, ms = 10_000) =>
  Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error(`${what} took too long`)), ms))]);

const token = await signIn();
const cases = {
  async "a query is answered once"() {
    const client = connect(token);
    const { results, error } = await run(client, { query: "query($id: ID!) { viewer { isStaff } node(id: $id) { id } }", variables: { id: "x" } });
    expect(!error && results.length === 1, "one result", { results, error });
    expect(results[0].data.viewer.isStaff === true && results[0].data.node === null, "the data", results);
    expect(results[0].extensions.cost.requested > 0, "its cost", results);
    await client.dispose();
  },
  async "a mutation is made"() {
    const client = connect(token);
    const input = { code: "WS", title: "Sockets", isFoundation: false, passMarkBp: 8000, validityMonths: 12 };
    const query = "mutation($input: CreateCourseInput!) { createCourse(input: $input) { course { code } userErrors { code } } }";
    const { results, error } = await run(client, { query, variables: { input } });
    expect(!error && results[0].data, "a payload", { results, error });
    await client.dispose();
  },
  async "twenty run at once on one connection"() {
    let opened = 0;
    const client = connect(token, { on: { connected: () => { opened += 1; } } });
    const all = await Promise.all(Array.from({ length: 20 }, () => run(client, { query: "{ viewer { isStaff } }" })));
    expect(all.every(({ results, error }) => !error && results[0].data.viewer.isStaff), "twenty answers", all);
    expect(opened === 1, "one connection", opened);
    await client.dispose();
  },
  async "a document that is not valid is an error of its operation only"() {
    const client = connect(token, { lazy: false });
    for (const [query, code] of [["{ nothing }", "INVALID_DOCUMENT"], [`{ ${"__typename ".repeat(501)} }`, "LIMIT_EXCEEDED"]]) {
      const { error } = await run(client, { query });
      expect(Array.isArray(error) && error[0].extensions.code === code, code, error);
    }
    const { results } = await run(client, { query: "{ __typename }" });
    expect(results[0].data.__typename === "Query", "the connection works on", results);
    await client.dispose();
  },
  async "an operation is named by its hash once it was sent"() {
    const { createHash } = await import("node:crypto");
    const query = "query ByHash { __typename }";
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const client = connect(token, { lazy: false });
    const { error } = await run(client, { query: "", extensions });
    expect(error?.[0]?.extensions?.code === "PERSISTED_QUERY_NOT_FOUND", "not known yet", error);
    for (const sent of [query, ""]) {
      const { results } = await run(client, { query: sent, extensions });
      expect(results[0]?.data?.__typename === "Query", "known", results);
    }
    await client.dispose();
  },
  async "signs of life are answered"() {
    let pongs = 0;
    const client = connect(token, { lazy: false, keepAlive: 50, on: { pong: (received) => { if (received) pongs += 1; } } });
    await within((async () => { while (pongs < 2) await new Promise((next) => setTimeout(next, 20)); })(), "two pongs");
    await client.dispose();
  },
  async "without a token the connection ends with 4401, with a wrong one with 4403"() {
    for (const [given, code] of [[undefined, 4401], ["nonsense", 4403]]) {
      const { error } = await run(connect(given), { query: "{ __typename }" });
      expect(error?.code === code, `closed with ${code}`, { code: error?.code, reason: error?.reason });
    }
  },
  async "other protocols are not spoken"() {
    const end = (protocols) => new Promise((resolve) => {
      const socket = new WebSocket(url, protocols);
      socket.on("close", (code) => resolve(code));
      socket.on("error", () => resolve("refused"));
    });
    expect((await end([])) === 4406, "none", null);
    expect((await end(["graphql-ws"])) === "refused", "the legacy one", null);
  },
  async "pages of other sites are not connected"() {
    const status = await new Promise((resolve) => {
      const socket = new WebSocket(url, ["graphql-transport-ws"], { origin: "https://evil.example" });
      socket.on("unexpected-response", (_, answer) => resolve(answer.statusCode));
      socket.on("open", () => resolve("opened"));
      socket.on("error", () => {});
    });
    expect(status === 403, "403", status);
  },
  async "signing out ends the connection, and a new token opens another"() {
    let current = await signIn();
    const first = current;
    const options = { lazy: false, retryAttempts: 5, retryWait: () => new Promise((next) => setTimeout(next, 100)) };
    const ended = closed(options);
    const client = connect(() => ({ authorization: `Bearer ${current}` }), options);
    await run(client, { query: "{ __typename }" });
    current = await signIn();
    await ask("mutation { signOut(input: {}) { signedOut } }", {}, first);
    const event = await within(ended, "the end");
    expect(event.code === 4403, "closed with 4403", { code: event.code });
    const { results } = await run(client, { query: "{ viewer { isStaff } }" });
    expect(results[0]?.data?.viewer?.isStaff === true, "connected again", results);
    await client.dispose();
  },
  async "a server that is told to stop says good-bye with 1001"() {
    const options = { lazy: false };
    const ended = closed(options);
    const client = connect(token, options);
    await run(client, { query: "{ __typename }" });
    process.kill(Number(pid), "SIGTERM");
    const event = await within(ended, "the end");
    expect(event.code === 1001, "closed with 1001", { code: event.code });
    await client.dispose();
  },
};

let failures = 0;
const names = Object.keys(cases);
for (const name of names) {
  try {
    await within(cases[name](), name, 30_000);
  } catch (error) {
    failures += 1;
    console.log(`failed: ${name}\n  ${error.message}`);
  }
}
console.log(`GraphQL over WebSocket: ${names.length - failures} of ${names.length} cases pass`);
process.exit(failures === 0 ? 0 : 1);
