// Runs every audit of GraphQL over HTTP against a server: `node audit.js http://127.0.0.1:8080/graphql`.
// Prints each failure; the exit code says whether there was one.
import { serverAudits } from "graphql-http";

const url = process.argv[2];
if (!url) {
  console.error("usage: node audit.js URL");
  process.exit(2);
}
const audits = serverAudits({ url, fetchFn: fetch });
let failures = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === "ok") continue;
  failures += 1;
  console.log(`${result.status}: ${result.id} ${result.name}`);
  if (result.reason) console.log(`  ${result.reason}`);
  if (result.response) console.log(`  answered ${result.response.status}: ${await result.response.text().catch(() => "?")}`);
}
console.log(`GraphQL over HTTP: ${audits.length - failures} of ${audits.length} audits pass`);
process.exit(failures === 0 && audits.length >= 61 ? 0 : 1);
