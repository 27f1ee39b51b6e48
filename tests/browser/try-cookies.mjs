// Keeps the refresh token as a cookie in headless Chromium: signs in from a page of the demo, refreshes after a reload,
// is attacked from a page of another origin, and signs out.
//
//   node tests/browser/try-cookies.mjs http://127.0.0.1:8080
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const [address] = process.argv.slice(2);
const api = `${address}/graphql`;
const wrong = [];
const check = (what, right) => right || wrong.push(what);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const context = await browser.newContext();
const page = await context.newPage();

const ask = (on, query, input, headers = { "x-portal-csrf": "1" }) =>
  on.evaluate(
    async ({ api, query, input, headers }) => {
      try {
        const response = await fetch(api, {
          method: "POST",
          credentials: "include",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify({ query, variables: { input } }),
        });
        return await response.json();
      } catch (error) {
        return { failed: String(error) };
      }
    },
    { api, query, input, headers },
  );
const signIn = "mutation($input: SignInInput!) { signIn(input: $input) { tokens { accessToken refreshToken } userErrors { code } } }";
const refresh = "mutation($input: RefreshSessionInput!) { refreshSession(input: $input) { tokens { accessToken refreshToken } userErrors { code } } }";
const signOut = "mutation($input: SignOutInput!) { signOut(input: $input) { signedOut userErrors { code } } }";
const refreshes = async () => {
  const answer = await ask(page, refresh, {});
  return Boolean(answer.data?.refreshSession?.tokens?.accessToken) && answer.data.refreshSession.tokens.refreshToken === null;
};

await page.goto(address);
const [person] = await (await page.request.get(`${address}/demo-people.json`)).json();
const signedIn = await ask(page, signIn, { email: person.email, password: person.password, useCookie: true });
check(`signing in: ${JSON.stringify(signedIn)}`, signedIn.data?.signIn?.tokens?.refreshToken === null);
const kept = (await context.cookies(address)).find((cookie) => cookie.name === "__Host-portal-refresh");
check(`the cookie: ${JSON.stringify(kept)}`, kept?.httpOnly && kept.secure && kept.sameSite === "Lax" && kept.path === "/");
check("a script reads the cookie", (await page.evaluate(() => document.cookie)) === "");
await page.reload();
check("the cookie does not refresh the session after a reload", await refreshes());
check("it works without the header", (await ask(page, refresh, {}, {})).data?.refreshSession?.userErrors[0]?.code === "ORIGIN_NOT_ALLOWED");

// Another origin of the same site, so that even `SameSite=Lax` sends the cookie.
const attacker = createServer((request, response) => response.end("<!doctype html><title>attacker</title>"));
await new Promise((ready) => attacker.listen(0, new URL(address).hostname, ready));
const evil = await context.newPage();
await evil.goto(`http://${new URL(address).hostname}:${attacker.address().port}/`);
for (const [name, query] of [["refresh", refresh], ["sign out", signOut]]) {
  check(`another origin reads the answer to ${name}`, (await ask(evil, query, {})).failed);
  check(`another origin reads the answer to ${name} without the header`, (await ask(evil, query, {}, {})).failed);
  await evil.evaluate(
    ({ api, body }) => fetch(api, { method: "POST", mode: "no-cors", credentials: "include", headers: { "content-type": "text/plain" }, body }).catch(() => {}),
    { api, body: JSON.stringify({ query, variables: { input: {} } }) },
  );
}
check("another origin's page ended the session", await refreshes());

const done = await ask(page, signOut, {});
check(`signing out: ${JSON.stringify(done)}`, done.data?.signOut?.signedOut === true);
check("the cookie is still there", !(await context.cookies(address)).some((cookie) => cookie.name === "__Host-portal-refresh"));
check("the session goes on", !(await refreshes()));
await browser.close();
attacker.close();
if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log("browser: the refresh token is a cookie that refreshes and signs out, and that no other page can use");
