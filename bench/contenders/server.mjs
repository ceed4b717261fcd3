// A plain single-threaded server of both sides, that shares no line with the sandbox: Medicapp's v5
// patients and the HIS list that medibridge-sandbox's configuration describes.
//
//   node server.mjs PATIENTS MEDICAPP-PORT HIS-PORT        (prints a line when both listen)
//
// GET /stats at the HIS's port tells how many requests each side got, of which kinds.

import { createServer } from "node:http";

const [patients, medicappPort, hisPort] = process.argv.slice(2).map(Number);
const key = process.env.MEDICAPP_API_KEY ?? "bench";
const begin = Date.UTC(2025, 0, 1);
const names = ["Lefèvre", "Martin", "Nguyễn", "O'Connor", "Durand-Petit", "Benali", "Garcia", "Müller"];
const firstNames = ["Chloé", "Jean", "Noémie", "Anne-Lise", "Karim", "Zoé", "Luc", "Inès"];
const two = (number) => String(number).padStart(2, "0");
const stats = { his: { GET: 0 }, medicapp: { GET: 0, POST: 0, PUT: 0 } };

const his = Array.from({ length: patients }, (_, n) => ({
  ipp: String(80_000_000 + n),
  etatCivil: {
    nomNaissance: names[n % 8], nomUsage: null, sexe: n % 2 ? "1" : "2",
    dateNaissance: `${two((n % 28) + 1)}/${two((n % 12) + 1)}/${1930 + (n % 90)}`,
    prenoms: [firstNames[(n >> 3) % 8]],
  },
  contact: { mail: `patient${n}@example.org`, mobile: `06 39 98 ${two((n / 100) % 100 | 0)} ${two(n % 100)}` },
  adresse: { voie: `${n % 200} rue des Érables`, commune: "Nantes", cp: "44000", pays: "FR" },
  majLe: new Date(begin + n * 10).toISOString(), actif: true, decede: false, statutIdentite: "VALI",
}));
const medicapp = []; // in the order of their modification
const byId = new Map();
const byExternalId = new Map();

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

const refuse = (response, status, code) =>
  answer(response, status, { error: { code, status, message: code, requestId: "req_1" } });

/// The place of the first that was modified then or later: both lists are in that order.
function firstSince(list, time) {
  let low = 0;
  for (let high = list.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (time(list[middle]) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function listHis(url, response) {
  stats.his.GET++;
  const id = url.searchParams.get("ipp");
  const since = Date.parse(url.searchParams.get("modifie_apres") ?? "") || 0;
  const size = Number(url.searchParams.get("taille") ?? 100);
  const page = Number(url.searchParams.get("page") ?? 1);
  const from = firstSince(his, (one) => Date.parse(one.majLe) - since);
  const all = id ? his.filter((one) => one.ipp === id) : null;
  const total = all ? all.length : his.length - from;
  const start = from + (page - 1) * size;
  answer(response, 200, {
    patients: all ?? his.slice(start, start + size),
    pagination: { page, pages: Math.max(1, Math.ceil(total / size)), total },
  });
}

function listMedicapp(url, response) {
  const since = Date.parse(url.searchParams.get("modified_after") ?? "") || 0;
  const perPage = Math.min(100, Number(url.searchParams.get("per_page") ?? 20));
  const page = Number(url.searchParams.get("page") ?? 1);
  const from = firstSince(medicapp, (one) => Date.parse(one.modifiedAt) - since);
  const total = medicapp.length - from;
  const start = from + (page - 1) * perPage;
  answer(response, 200, {
    data: medicapp.slice(start, start + perPage).map(({ address, ...listed }) => listed),
    pagination: { page, perPage, total, totalPages: Math.ceil(total / perPage) },
  });
}

function create(body, response) {
  if (byExternalId.has(body.externalId)) return refuse(response, 409, "DUPLICATE_EXTERNAL_ID");
  const now = new Date().toISOString();
  const one = { id: `pat_${byId.size}`, email: null, phone: null, address: null, ...body, createdAt: now, modifiedAt: now };
  byId.set(one.id, one);
  byExternalId.set(one.externalId, one);
  medicapp.push(one);
  answer(response, 201, one);
}

function update(one, body, response) {
  Object.assign(one, body, { modifiedAt: new Date().toISOString() });
  medicapp.splice(medicapp.indexOf(one), 1);
  medicapp.push(one);
  answer(response, 200, one);
}

function serveMedicapp(request, response, text) {
  stats.medicapp[request.method]++;
  if (request.headers.authorization !== `Bearer ${key}`) return refuse(response, 401, "UNAUTHORIZED");
  const url = new URL(request.url, "http://localhost");
  const id = url.pathname.match(/^\/v5\/patients\/([^/]+)$/)?.[1];
  if (!id && request.method === "POST") return create(JSON.parse(text), response);
  if (!id) return listMedicapp(url, response);
  const one = byId.get(id);
  if (!one) return refuse(response, 404, "NOT_FOUND");
  if (request.method === "PUT") return update(one, JSON.parse(text), response);
  answer(response, 200, one);
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
