// A real SMTP server (npm smtp-server) for the tests that send mails. Prints {"port": …} and then a line of JSON for each
// mail that it took. Lines on its standard input say how it behaves: `take` (to begin with), `refuse` (with 451),
// `bounce` (with 550, who is called `gone`), `closed` (it greets with 554), `hang` (it hears the mail and never
// answers). It ends when its standard input does.
import { createInterface } from "node:readline";
import { SMTPServer } from "smtp-server";

let behaviour = "take";
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  logger: false,
  onConnect(session, answer) {
    if (behaviour !== "closed") return answer();
    answer(Object.assign(new Error("no mail from you"), { responseCode: 554 }));
  },
  onRcptTo(address, session, answer) {
    const bounces = behaviour === "bounce" && address.address.startsWith("gone@");
    if (behaviour !== "refuse" && !bounces) return answer();
    say({ refused: true });
    const [words, responseCode] = bounces ? ["nobody of that name", 550] : ["try again later", 451];
    answer(Object.assign(new Error(words), { responseCode }));
  },
  onData(stream, session, answer) {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => {
      if (behaviour === "hang") return say({ heard: true });
      say({ to: session.envelope.rcptTo.map((to) => to.address), message: Buffer.concat(parts).toString("base64") });
      answer();
    });
  },
});
server.on("error", () => {}); // a client that went away
server.listen(0, "127.0.0.1", () => say({ port: server.server.address().port }));
const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  behaviour = line.trim();
  say({ behaviour });
});
input.on("close", () => process.exit(0));
