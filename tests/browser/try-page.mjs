// Drives the page at / in headless Chromium: signs in as every person of the demo, runs every example, and fails on
// an error of the page, a request to another host, or an answer with errors.
//
//   node tests/browser/try-page.mjs http://127.0.0.1:8080 [screenshot.png]
import { chromium } from "playwright-core";

const [address, screenshot] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage();
const wrong = [];
page.on("pageerror", (error) => wrong.push(`the page threw: ${error.message}`));
page.on("console", (message) => message.type() === "error" && wrong.push(`the console says: ${message.text()}`));
page.on("request", (request) => request.url().startsWith(address) || request.url().startsWith("data:") || wrong.push(`asked elsewhere: ${request.url()}`));

await page.goto(address);
await page.waitForSelector("#people button");
await page.waitForSelector("#examples button");
const people = await page.locator("#people button").allTextContents();
const examples = await page.locator("#examples button").allTextContents();
let runs = 0;
for (const person of people) {
  await page.locator("#people button", { hasText: person }).first().click();
  await page.waitForFunction(() => document.getElementById("signed-in").textContent.startsWith("Signed in as"), null, { timeout: 10000 });
  for (const example of examples) {
    await page.locator("#examples button", { hasText: example }).first().click();
    await page.locator("#run").click();
    await page.waitForFunction(() => document.getElementById("status").textContent.startsWith("HTTP"), null, { timeout: 10000 });
    const status = await page.locator("#status").textContent();
    const answer = JSON.parse(await page.locator("#answer").textContent());
    const codes = (answer.errors || []).map((error) => error.extensions && error.extensions.code);
    // A role that may not is told so; anything else is a fault of the page or of the API.
    if (!status.startsWith("HTTP 200") || codes.some((code) => code !== "FORBIDDEN")) {
      wrong.push(`${person} / ${example}: ${status} ${JSON.stringify(answer).slice(0, 300)}`);
    }
    runs += 1;
  }
  await page.evaluate(() => { document.getElementById("signed-in").textContent = ""; });
}
if (screenshot) {
  await page.locator("#people button").nth(0).click();
  await page.waitForTimeout(300);
  await page.locator("#examples button").nth(1).click();
  await page.locator("#run").click();
  await page.waitForTimeout(500);
  await page.screenshot({ path: screenshot, fullPage: true });
}
await browser.close();
if (!people.length) wrong.push("the page shows nobody to sign in as");
if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(`browser: ${people.length} people signed in, ${runs} examples run, nothing loaded from elsewhere`);
