"""What a careful script in Python does in medibridge's place, as load.mjs does it in Node.

  python3 load.py HIS-URL MEDICAPP-URL STATE.json          (MEDICAPP_API_KEY; requests from Debian)
"""

import concurrent.futures
import json
import os
import re
import sys
import threading
import time

import requests

HIS, MEDICAPP, STATE = sys.argv[1:]
IN_FLIGHT = 8
HEADERS = {
    "Authorization": f"Bearer {os.environ['MEDICAPP_API_KEY']}",
    "Content-Type": "application/json",
}
LOCAL = threading.local()  # a session, and so a connection, for each thread


def session():
    if not hasattr(LOCAL, "session"):
        LOCAL.session = requests.Session()
    return LOCAL.session


def load():
    try:
        with open(STATE, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {"watermark": "", "patients": {}}


def save(state):
    with open(f"{STATE}.new", "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.replace(f"{STATE}.new", STATE)


def call(method, path, body=None):
    while True:
        answer = session().request(method, MEDICAPP + path, headers=HEADERS, data=body)
        if answer.status_code != 429:
            return answer.status_code, answer.json()
        time.sleep(float(answer.headers.get("Retry-After", 1)))


def patient_of(record):
    civil, contact, address = record["etatCivil"], record["contact"], record["adresse"]
    day, month, year = civil["dateNaissance"].split("/")
    phone = re.sub(r"^(0033|33|0)0?", "+33", re.sub(r"\D", "", contact["mobile"] or ""))
    patient = {
        "externalId": record["ipp"],
        "lastName": civil["nomNaissance"],
        "firstName": civil["prenoms"][0],
        "birthDate": f"{year}-{month}-{day}",
        "gender": {"1": "M", "2": "F"}.get(civil["sexe"], "O"),
        "address": {
            "street": address["voie"],
            "city": address["commune"],
            "postalCode": address["cp"],
            "country": address["pays"],
        },
    }
    if contact["mail"]:
        patient["email"] = contact["mail"]
    if re.fullmatch(r"\+33[1-9]\d{8}", phone):
        patient["phone"] = phone
    return patient


def find(external_id):
    page, pages = 1, 1
    while page <= pages:
        _, body = call("GET", f"/patients?per_page=100&page={page}")
        for one in body["data"]:
            if one["externalId"] == external_id:
                return one["id"]
        page, pages = page + 1, body["pagination"]["totalPages"]
    raise RuntimeError("409, and nobody has the externalId")


def write(record, known):
    """What was done, and what is known of the patient then."""
    patient = patient_of(record)
    text = json.dumps(patient, ensure_ascii=False)
    if known and known["sent"] == text:
        return None, known
    if known:
        medicapp_id = known["id"]
    else:
        status, body = call("POST", "/patients", text.encode())
        if status == 201:
            return "created", {"id": body["id"], "sent": text}
        if status != 409:
            raise RuntimeError(f"POST: {status}")
        medicapp_id = find(patient["externalId"])
    contact = {name: patient[name] for name in ("email", "phone", "address") if name in patient}
    status, _ = call("PUT", f"/patients/{medicapp_id}", json.dumps(contact).encode())
    if status != 200:
        raise RuntimeError(f"PUT: {status}")
    return "updated", {"id": medicapp_id, "sent": text}


def main():
    state, counts = load(), {"created": 0, "updated": 0}
    patients, watermark = state["patients"], state["watermark"]
    with concurrent.futures.ThreadPoolExecutor(IN_FLIGHT) as pool:
        page, pages = 1, 1
        while page <= pages:
            query = {"taille": 500, "page": page}
            if state["watermark"]:
                query["modifie_apres"] = state["watermark"]
            body = session().get(HIS, params=query).json()
            records = body["patients"]
            known = [patients.get(record["ipp"]) for record in records]
            for record, (done, now) in zip(records, pool.map(write, records, known)):
                patients[record["ipp"]] = now
                watermark = max(watermark, record["majLe"])
                if done:
                    counts[done] += 1
            save(state)
            page, pages = page + 1, body["pagination"]["pages"]
    state["watermark"] = watermark
    save(state)
    print(json.dumps(counts))


main()
