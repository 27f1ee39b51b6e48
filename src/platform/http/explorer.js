"use strict";
const part = (id) => document.getElementById(id);
async function run() {
  const headers = { "content-type": "application/json" };
  if (part("token").value) headers.authorization = "Bearer " + part("token").value;
  try {
    const variables = JSON.parse(part("variables").value || "{}");
    const body = JSON.stringify({ query: part("query").value, variables });
    const response = await fetch("/graphql", { method: "POST", headers, body });
    part("answer").textContent = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    part("answer").textContent = String(error);
  }
}
part("run").addEventListener("click", run);
addEventListener("keydown", (event) => { if (event.key === "Enter" && event.ctrlKey) run(); });
