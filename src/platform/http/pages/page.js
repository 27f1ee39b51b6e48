"use strict";
// Everything here goes through POST /graphql, as any frontend's calls do. The access token lives in memory only.
const $ = (id) => document.getElementById(id);
let accessToken = null;

function choose(container, buttons) {
  for (const [title, act] of buttons) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = title;
    button.addEventListener("click", () => {
      for (const other of container.children) other.setAttribute("aria-pressed", String(other === button));
      act();
    });
    container.append(button);
  }
}

async function ask(query, variables) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json" };
  if (accessToken) headers.authorization = `Bearer ${accessToken}`;
  const began = performance.now();
  const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const body = await response.json();
  return { body, status: response.status, ms: Math.round(performance.now() - began), requestId: response.headers.get("x-request-id") };
}

function show(text, wrong) {
  $("signed-in").textContent = text;
  $("signed-in").classList.toggle("wrong", Boolean(wrong));
}

async function signIn(email, password) {
  accessToken = null;
  const { body } = await ask(
    `mutation ($input: SignInInput!) { signIn(input: $input) { user { name roles } tokens { accessToken } userErrors { message } } }`,
    { input: { email, password, device: "try-out page" } });
  const payload = body.data && body.data.signIn;
  if (!payload || !payload.tokens) {
    show((payload && payload.userErrors[0].message) || body.errors[0].message, true);
    return;
  }
  accessToken = payload.tokens.accessToken;
  $("sign-out").hidden = false;
  show(`Signed in as ${payload.user.name} (${payload.user.roles.join(", ")}), for ten minutes.`);
}

async function run() {
  let variables;
  try {
    variables = JSON.parse($("variables").value || "{}");
  } catch (error) {
    $("status").textContent = `The variables are not JSON: ${error.message}`;
    return;
  }
  $("status").textContent = "Asking…";
  try {
    const { body, status, ms, requestId } = await ask($("document").value, variables);
    $("status").textContent = `HTTP ${status}, ${ms} ms, request ${requestId || "without id"}`;
    $("answer").textContent = JSON.stringify(body, null, 2);
  } catch (error) {
    $("status").textContent = `No answer: ${error.message}`;
  }
}

fetch("/examples.json").then((response) => response.json()).then((examples) => {
  choose($("examples"), examples.map(({ title, document: text, variables }) => [title, () => {
    $("document").value = text;
    $("variables").value = JSON.stringify(variables, null, 2);
  }]));
  $("examples").firstChild.click();
});
$("run").addEventListener("click", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});
$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  signIn(form.get("email"), form.get("password"));
});
$("sign-out").addEventListener("click", async () => {
  await ask("mutation { signOut(input: {}) { signedOut } }", {});
  accessToken = null;
  $("sign-out").hidden = true;
  show("Not signed in.");
});

// The demo tells its people; a deployment tells nobody.
fetch("/demo-people.json").then((response) => (response.ok ? response.json() : [])).then((people) => {
  choose($("people"), people.map((person) => [person.title, () => {
    $("sign-in").email.value = person.email;
    $("sign-in").password.value = person.password;
    signIn(person.email, person.password);
  }]));
}).catch(() => {});
