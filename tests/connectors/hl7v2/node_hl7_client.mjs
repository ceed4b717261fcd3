// Sends three messages with node-hl7-client to the port that is given and prints each answer's MSA-1.
import { once } from "node:events";
import { Client, Message } from "node-hl7-client";

const port = Number(process.argv[2]);
const client = new Client({ host: "127.0.0.1" });
const answers = [];
let answered = () => {};
const connection = client.createConnection({ port }, async (response) => {
    answers.push(response.getMessage().toString().split("\rMSA|")[1]?.slice(0, 2));
    console.log("answer", answers.at(-1));
    answered();
});
await once(connection, "connect");

for (const control of ["n1", "n2", "n3"]) {
    const text = [
        `MSH|^~\\&|NODE|CH|SYNC|BRIDGE|20240601080000||ADT^A28^ADT_A05|${control}|P|2.5||||||UNICODE UTF-8`,
        "EVN||20240601080000",
        "PID|||1^^^CHT&1.2.250.1.999.1.1&ISO^PI||LEFÈVRE^Noémie^^^^^L||19850314|F",
    ].join("\r");
    const next = new Promise((resolve) => (answered = resolve));
    await connection.sendMessage(new Message({ text }));
    await next;
}
process.exit(0);
