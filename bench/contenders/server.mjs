// A plain single-threaded server of both sides, that shares no line with the sandbox: Medicapp's v5
// patients and the HIS list that medibridge-sandbox's configuration describes.
//
//   node server.mjs PATIENTS MEDICAPP-PORT HIS-PORT [--light]    (prints a line when both listen)
//
// GET /stats at the HIS's port tells how many requests each side got, of which kinds. With --light it
// makes each patient from their number whenever they are asked for, and of Medicapp's it keeps a bit
// each: whether they were created. So it serves millions, and takes in every update without keeping it.

import { createServer } from "node:http";

const [patients, medicappPort, hisPort] = process.argv.slice(2, 5).map(Number);
const light = process.argv.includes("--light");
const key = process.env.MEDICAPP_API_KEY ?? "bench";
const begin = Date.UTC(2025, 0, 1);
const firstId = 80_000_000;
const apart = 10; // milliseconds between the modifications of two patients
const names = ["Lefèvre", "Martin", "Nguyễn", "O'Connor", "Durand-Petit", "Benali", "Garcia", "Müller"];
const firstNames = ["Chloé", "Jean", "Noémie", "Anne-Lise", "Karim", "Zoé", "Luc", "Inès"];
const two = (number) => String(number).padStart(2, "0");
const day = (n) => [two((n % 28) + 1), two((n % 12) + 1), 1930 + (n % 90)];
const phone = (n) => [two((n / 100) % 100 | 0), two(n % 100)];
const stats = { his: { GET: 0 }, medicapp: { GET: 0, POST: 0, PUT: 0 } };

const hisRecord = (n) => ({
  ipp: String(firstId + n),
  etatCivil: {
    nomNaissance: names[n % 8], nomUsage: null, sexe: n % 2 ? "1" : "2",
    dateNaissance: day(n).join("/"),
    prenoms: [firstNames[(n >> 3) % 8]],
  },
  contact: { mail: `patient${n}@example.org`, mobile: `06 39 98 ${phone(n).join(" ")}` },
  adresse: { voie: `${n % 200} rue des Érables`, commune: "Nantes", cp: "44000", pays: "FR" },
  majLe: new Date(begin + n * apart).toISOString(), actif: true, decede: false, statutIdentite: "VALI",
});

/// The place of the first for whom `time` is not negative, of `count` who are in that order.
function firstSince(count, time) {
  let low = 0;
  for (let high = count; low < high; ) {
    const middle = (low + high) >> 1;
    if (time(middle) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/// Medicapp's patients, in the order of their modification.
class Kept {
  #list = [];
  #byId = new Map();
  #byExternalId = new Map();

  get count() { return this.#list.length; }
  at(place) { return this.#list[place]; }
  get(id) { return this.#byId.get(id); }
  since(time) { return firstSince(this.count, (n) => Date.parse(this.at(n).modifiedAt) - time); }

  create(body) {
    if (this.#byExternalId.has(body.externalId)) return null;
    const now = new Date().toISOString();
    const one = {
      id: `pat_${this.#byId.size}`, email: null, phone: null, address: null, ...body,
      createdAt: now, modifiedAt: now,
    };
    this.#byId.set(one.id, one);
    this.#byExternalId.set(one.externalId, one);
    this.#list.push(one);
    return one;
  }
  update(one, body) {
    Object.assign(one, body, { modifiedAt: new Date().toISOString() });
    this.#list.splice(this.#list.indexOf(one), 1);
    this.#list.push(one);
    return one;
  }
}

/// The same of those of the HIS's patients who were created.
class Light {
  #created = new Uint8Array(Math.ceil(patients / 8));
  count = 0;

  #has(n) { return (this.#created[n >> 3] >> (n & 7)) & 1; }
  #time(n) { return new Date(begin + 86_400_000 * 150 + n * apart).toISOString(); }
  #patient(n) {
    const [date, month, year] = day(n);
    const his = hisRecord(n);
    return {
      id: `pat_${n}`, externalId: his.ipp, lastName: his.etatCivil.nomNaissance,
      firstName: his.etatCivil.prenoms[0], birthDate: `${year}-${month}-${date}`,
      gender: n % 2 ? "M" : "F", email: his.contact.mail, phone: `+3363998${phone(n).join("")}`,
      address: { street: his.adresse.voie, city: "Nantes", postalCode: "44000", country: "FR" },
      createdAt: this.#time(n), modifiedAt: this.#time(n),
    };
  }

  /// Quick once all are there.
  at(place) {
    if (this.count === patients) return this.#patient(place);
    let n = 0;
    for (let left = place + 1; left > 0; ++n) left -= this.#has(n);
    return this.#patient(n - 1);
  }
  since(time) { return firstSince(this.count, (n) => Date.parse(this.at(n).modifiedAt) - time); }
  get(id) {
    const n = Number(id.slice("pat_".length));
    return n < patients && this.#has(n) ? this.#patient(n) : undefined;
  }
  create(body) {
    const n = Number(body.externalId) - firstId;
    if (!(n >= 0 && n < patients) || this.#has(n)) return null;
    this.#created[n >> 3] |= 1 << (n & 7);
    ++this.count;
    return { id: `pat_${n}`, ...body, createdAt: this.#time(n), modifiedAt: this.#time(n) };
  }
  update(one, body) { return { ...one, ...body, modifiedAt: new Date().toISOString() }; }
}

const his = light ? null : Array.from({ length: patients }, (_, n) => hisRecord(n));
const hisAt = (n) => (light ? hisRecord(n) : his[n]);
const medicapp = light ? new Light() : new Kept();

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

const refuse = (response, status, code) =>
  answer(response, status, { error: { code, status, message: code, requestId: "req_1" } });

/// Those from `start` on, before `end`; there is no page 0.
const page = (at, start, end) =>
  Array.from({ length: start < 0 ? 0 : Math.max(0, end - start) }, (_, n) => at(start + n));

function listHis(url, response) {
  stats.his.GET++;
  const id = url.searchParams.get("ipp");
  const since = Date.parse(url.searchParams.get("modifie_apres") ?? "") || 0;
  const size = Number(url.searchParams.get("taille") ?? 100);
  const number = Number(url.searchParams.get("page") ?? 1);
  const from = firstSince(patients, (n) => begin + n * apart - since);
  const asked = Number(id) - firstId;
  const all = id ? (asked >= 0 && asked < patients ? [hisAt(asked)] : []) : null;
  const total = all ? all.length : patients - from;
  const start = from + (number - 1) * size;
  answer(response, 200, {
    patients: all ?? page(hisAt, start, Math.min(patients, start + size)),
    pagination: { page: number, pages: Math.max(1, Math.ceil(total / size)), total },
  });
}

function listMedicapp(url, response) {
  const since = Date.parse(url.searchParams.get("modified_after") ?? "") || 0;
  const perPage = Math.min(100, Number(url.searchParams.get("per_page") ?? 20));
  const number = Number(url.searchParams.get("page") ?? 1);
  const from = medicapp.since(since);
  const total = medicapp.count - from;
  const start = from + (number - 1) * perPage;
  const listed = page((n) => medicapp.at(n), start, Math.min(medicapp.count, start + perPage));
  answer(response, 200, {
    data: listed.map(({ address, ...shown }) => shown),
    pagination: { page: number, perPage, total, totalPages: Math.ceil(total / perPage) },
  });
}

function create(body, response) {
  const one = medicapp.create(body);
  if (!one) return refuse(response, 409, "DUPLICATE_EXTERNAL_ID");
  answer(response, 201, one);
}

function serveMedicapp(request, response, text) {
  stats.medicapp[request.method]++;
  if (request.headers.authorization !== `Bearer ${key}`) return refuse(response, 401, "UNAUTHORIZED");
  const url = new URL(request.url, "http://localhost");
  const id = url.pathname.match(/^\/v5\/patients\/([^/]+)$/)?.[1];
  if (!id && request.method === "POST") return create(JSON.parse(text), response);
  if (!id) return listMedicapp(url, response);
  const one = medicapp.get(id);
  if (!one) return refuse(response, 404, "NOT_FOUND");
  answer(response, 200, request.method === "PUT" ? medicapp.update(one, JSON.parse(text)) : one);
}

createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => serveMedicapp(request, response, Buffer.concat(parts).toString()));
}).listen(medicappPort, "127.0.0.1", 511);

createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/stats") return answer(response, 200, stats);
  listHis(url, response);
}).listen(hisPort, "127.0.0.1", 511, () => console.log("ready"));
