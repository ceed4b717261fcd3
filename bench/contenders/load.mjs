// What a careful script in Node does in medibridge's place: reads the HIS list, creates who is new,
// switches to an update at a 409, backs off at a 429, eight requests at a time, and keeps for each
// patient Medicapp's id and what was sent, so that the next run writes what changed alone.
//
//   node load.mjs HIS-URL MEDICAPP-URL STATE.json            (MEDICAPP_API_KEY, NODE_PATH=/usr/share/nodejs; undici from Debian)
//
// Prints {"created", "updated"}. What it leaves out of what medibridge does stands in docs/performance.md.

import { createRequire } from "node:module";
import { readFileSync, renameSync, writeFileSync } from "node:fs";

const { Pool } = createRequire(import.meta.url)("undici"); // by NODE_PATH
const [hisUrl, medicappUrl, stateFile] = process.argv.slice(2);
const inFlight = 8;
const his = new Pool(new URL(hisUrl).origin, { connections: 2 });
const medicapp = new Pool(new URL(medicappUrl).origin, { connections: inFlight });
const base = new URL(medicappUrl).pathname;
const headers = { authorization: `Bearer ${process.env.MEDICAPP_API_KEY}`, "content-type": "application/json" };
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const state = load();
const counts = { created: 0, updated: 0 };

function load() {
  try {
    return JSON.parse(readFileSync(stateFile, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return { watermark: "", patients: {} };
  }
}

function save() {
  writeFileSync(`${stateFile}.new`, JSON.stringify(state));
  renameSync(`${stateFile}.new`, stateFile);
}

async function call(method, path, body) {
  for (;;) {
    const answer = await medicapp.request({ method, path: base + path, headers, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 429) return { status: answer.statusCode, body: JSON.parse(text) };
    await sleep(1000 * Number(answer.headers["retry-after"] ?? 1));
  }
}

function patientOf(record) {
  const digits = record.contact.mobile?.replace(/\D/g, "").replace(/^(0033|33|0)0?/, "+33");
  const phone = /^\+33[1-9]\d{8}$/.test(digits) ? digits : undefined;
  const [day, month, year] = record.etatCivil.dateNaissance.split("/");
  return {
    externalId: record.ipp, lastName: record.etatCivil.nomNaissance, firstName: record.etatCivil.prenoms[0],
    birthDate: `${year}-${month}-${day}`, gender: { 1: "M", 2: "F" }[record.etatCivil.sexe] ?? "O",
    email: record.contact.mail ?? undefined, phone,
    address: { street: record.adresse.voie, city: record.adresse.commune, postalCode: record.adresse.cp, country: record.adresse.pays },
  };
}

async function find(externalId) {
  for (let page = 1, pages = 1; page <= pages; page++) {
    const { body } = await call("GET", `/patients?per_page=100&page=${page}`);
    pages = body.pagination.totalPages;
    const one = body.data.find((patient) => patient.externalId === externalId);
    if (one) return one.id;
  }
  throw new Error("409, and nobody has the externalId");
}

async function write(record) {
  const patient = patientOf(record);
  const text = JSON.stringify(patient);
  const known = state.patients[patient.externalId];
  if (known?.sent === text) return;
  let id = known?.id;
  if (!id) {
    const answer = await call("POST", "/patients", text);
    if (answer.status === 201) {
      counts.created++;
      state.patients[patient.externalId] = { id: answer.body.id, sent: text };
      return;
    }
    if (answer.status !== 409) throw new Error(`POST: ${answer.status} ${answer.body.error?.code}`);
    id = await find(patient.externalId);
  }
  const { externalId, lastName, firstName, birthDate, gender, ...contact } = patient;
  const answer = await call("PUT", `/patients/${id}`, JSON.stringify(contact));
  if (answer.status !== 200) throw new Error(`PUT: ${answer.status}`);
  counts.updated++;
  state.patients[patient.externalId] = { id, sent: text };
}

async function readPage(page) {
  const since = state.watermark && `&modifie_apres=${encodeURIComponent(state.watermark)}`;
  const answer = await his.request({ method: "GET", path: `${new URL(hisUrl).pathname}?taille=500&page=${page}${since}` });
  return JSON.parse(await answer.body.text());
}

let watermark = state.watermark;
for (let page = 1, pages = 1; page <= pages; page++) {
  const list = await readPage(page);
  pages = list.pagination.pages;
  for (const record of list.patients) if (record.majLe > watermark) watermark = record.majLe;
  let next = 0;
  const worker = async () => {
    while (next < list.patients.length) await write(list.patients[next++]);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  save(); // a page at a time: who is lost by a crash is found again by a 409
}
state.watermark = watermark;
save();
console.log(JSON.stringify(counts));
await Promise.all([his.close(), medicapp.close()]);
