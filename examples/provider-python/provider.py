"""Counters as an add-on, with Python's standard library and nothing else: what a provider answers when no SDK does it.

An app counts with POST on COUNTERS_URL and reads with GET. What the platform asks is written in docs/guides/without-the-sdk.md.
"""
import base64
import hashlib
import hmac
import html
import json
import os
import secrets
import threading
import time
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = int(os.environ.get("PORT", "4567"))
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
PLATFORM = os.environ.get("PLATFORM", "http://localhost:5055")
STATE = os.environ.get("STATE", "counters.json")
with open(os.environ.get("ADDON_MANIFEST", "addon-manifest.json"), encoding="utf-8") as file:
    MANIFEST = json.load(file)
PLANS = [plan["name"] for plan in MANIFEST["plans"]]
BODY_BYTES_MAX = 64 * 1024
SIGN_ON_SECONDS = 300
SESSION_SECONDS = 8 * 3600


class Counters:
    """One counter for each add-on, by the platform's uuid. A removed one is remembered: its uuid never comes back."""

    def __init__(self, path):
        self.path, self.lock = path, threading.Lock()
        self.by_uuid = json.load(open(path, encoding="utf-8")) if os.path.exists(path) else {}

    def save(self):
        # Written beside and moved over: a power cut leaves the old file or the new one, never half of one.
        with open(self.path + ".new", "w", encoding="utf-8") as out:
            json.dump(self.by_uuid, out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(self.path + ".new", self.path)


counters = Counters(STATE)
sessions = {}
used_tokens = {}


def same(one, other):
    """In constant time: how long it takes tells nothing about what was right."""
    return hmac.compare_digest(one.encode(), other.encode())


class Provider(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=None, headers=()):
        text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8" if isinstance(body, str) else "application/json")
        self.send_header("Cache-Control", "no-store")
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def body(self):
        """The request's body, or None for one that nobody would send."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_BYTES_MAX:
            self.close_connection = True
            return None
        return self.rfile.read(length).decode("utf-8", "replace")

    def fields(self):
        try:
            fields = json.loads(self.body() or "")
            return fields if isinstance(fields, dict) else None
        except ValueError:
            return None

    def is_platform(self):
        """Both the id and the password are checked, and a stranger learns nothing else."""
        expected = base64.b64encode(f"{MANIFEST['id']}:{MANIFEST['api']['password']}".encode()).decode()
        if same(self.headers.get("Authorization") or "", f"Basic {expected}"):
            return True
        self.answer(401, {"message": "Wrong id or password."}, [("WWW-Authenticate", 'Basic realm="counters"')])
        return False

    def do_POST(self):
        path = urlsplit(self.path).path
        if path == "/heroku/resources":
            return self.is_platform() and self.provision()
        if path == "/heroku/sso":
            return self.sign_on()
        return self.count(path, 1)

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/health":
            return self.answer(200, "ok")
        if path == "/heroku/resources":
            return self.is_platform() and self.list(parse_qs(urlsplit(self.path).query))
        if path.startswith("/dashboard/"):
            return self.dashboard(path.removeprefix("/dashboard/"))
        return self.count(path, 0)

    def do_PUT(self):
        return self.is_platform() and self.change_plan(urlsplit(self.path).path.removeprefix("/heroku/resources/"))

    def do_DELETE(self):
        return self.is_platform() and self.deprovision(urlsplit(self.path).path.removeprefix("/heroku/resources/"))

    def provision(self):
        asked = self.fields()
        if asked is None or not isinstance(asked.get("uuid"), str):
            return self.answer(400, {"message": "The body must be a JSON object with a uuid."})
        if asked.get("plan") not in PLANS:
            # What stands in `message` is what the customer reads.
            return self.answer(422, {"message": f"There is no such plan. There are {', '.join(PLANS)}."})
        uuid = asked["uuid"]
        with counters.lock:
            # The same uuid again is the same request: an answer of ours was lost on its way.
            counter = counters.by_uuid.get(uuid)
            if counter and counter["removed"]:
                return self.answer(410, {"message": "This counter was removed."})
            if counter is None:
                name = asked.get("name") or uuid
                counter = {"plan": asked["plan"], "name": name, "secret": secrets.token_urlsafe(24), "count": 0, "removed": False}
                counters.by_uuid[uuid] = counter
                counters.save()
        config = {"COUNTERS_URL": f"{PUBLIC_URL}/{uuid}/{counter['secret']}"}
        return self.answer(200, {"id": uuid, "config": config, "message": "Counting from 0."})

    def change_plan(self, uuid):
        asked = self.fields()
        with counters.lock:
            counter = counters.by_uuid.get(uuid)
            if counter is None or counter["removed"]:
                return self.answer(410, {"message": "There is no such counter."})
            if asked is None or asked.get("plan") not in PLANS:
                return self.answer(422, {"message": f"There is no such plan. There are {', '.join(PLANS)}."})
            counter["plan"] = asked["plan"]
            counters.save()
        return self.answer(200, {"message": f"The plan is {counter['plan']} now."})

    def deprovision(self, uuid):
        with counters.lock:
            counter = counters.by_uuid.get(uuid)
            was_there = counter is not None and not counter["removed"]
            # One that never came is remembered too: a provision that is still under way must not make it afterwards.
            counters.by_uuid[uuid] = {"removed": True}
            counters.save()
        return self.answer(204) if was_there else self.answer(410, {"message": "There is no such counter."})

    def list(self, query):
        """What is kept, page by page: the platform compares its books with it (`lists_resources` in the manifest)."""
        after, limit = query.get("after", [""])[0], int(query.get("limit", ["500"])[0])
        with counters.lock:
            uuids = sorted(uuid for uuid, counter in counters.by_uuid.items() if not counter["removed"] and uuid > after)
        page = uuids[:limit]
        return self.answer(200, {"resources": [{"uuid": uuid} for uuid in page], "next": page[-1] if len(uuids) > limit else None})

    def sign_on(self):
        form = {name: values[0] for name, values in parse_qs(self.body() or "", keep_blank_values=True).items()}
        uuid, stamp, token = (form.get(name, "") for name in ("resource_id", "timestamp", "user_scoped_resource_token"))
        parts = [uuid, MANIFEST["api"]["sso_salt"], stamp, form.get("user_id", ""), form.get("email", "")]
        now = time.time()
        is_fresh = stamp.isdigit() and len(stamp) < 13 and -60 <= now - int(stamp) <= SIGN_ON_SECONDS
        # The token covers the person as well: whoever holds a form cannot write another e-mail into it.
        if not is_fresh or not same(token, hashlib.sha256(":".join(parts).encode()).hexdigest()):
            return self.answer(403, {"message": "Open the add-on from its app again."})
        with counters.lock:
            for old in [each for each, until in used_tokens.items() if until < now]:
                del used_tokens[old]
            if token in used_tokens:
                return self.answer(403, {"message": "Open the add-on from its app again."})
            used_tokens[token] = now + SIGN_ON_SECONDS + 60
            counter = counters.by_uuid.get(uuid)
        if counter is None or counter["removed"]:
            return self.answer(404, {"message": "There is no such counter."})
        session = secrets.token_urlsafe(32)
        sessions[session] = {"uuid": uuid, "app": form.get("app", ""), "email": form.get("email", ""), "until": now + SESSION_SECONDS}
        flags = "Path=/; SameSite=Lax" + ("; Secure" if PUBLIC_URL.startswith("https:") else "")
        cookies = [("Set-Cookie", f"counters_session={session}; HttpOnly; {flags}")]
        nav_data = form.get("nav-data", "")
        if nav_data and all(each.isalnum() or each in "-_=" for each in nav_data):
            cookies.append(("Set-Cookie", f"heroku-nav-data={nav_data}; {flags}"))
        return self.answer(303, None, [("Location", f"/dashboard/{uuid}"), *cookies])

    def dashboard(self, uuid):
        cookie = SimpleCookie(self.headers.get("Cookie") or "").get("counters_session")
        session = sessions.get(cookie.value) if cookie else None
        counter = counters.by_uuid.get(uuid)
        is_theirs = session and session["uuid"] == uuid and session["until"] > time.time()
        if not is_theirs or counter is None or counter["removed"]:
            return self.answer(403, "<p>Open this page from your app: choose the add-on there.</p>")
        app, addon, email = (html.escape(text) for text in (session["app"], counter["name"], session["email"]))
        header = f'<script src="{PLATFORM}/nav/v1/header.js" data-app="{app}" data-addon="{addon}" defer></script>'
        page = f"<p>{email}, {addon} of {app} stands at <strong>{counter['count']}</strong>, on plan {counter['plan']}.</p>"
        return self.answer(200, f'<!doctype html><html lang="en"><head><title>{addon}</title>{header}</head><body>{page}</body></html>')

    def count(self, path, by):
        """The service itself, for apps: the secret in the address is the whole of its authentication."""
        self.body()
        _, uuid, secret = (path.split("/") + ["", ""])[:3]
        with counters.lock:
            counter = counters.by_uuid.get(uuid)
            if counter is None or counter["removed"] or not same(secret, counter["secret"]):
                return self.answer(404, {"message": "There is nothing here."})
            if by:
                counter["count"] += by
                counters.save()
        return self.answer(200, {"count": counter["count"]})

    def log_message(self, form, *values):
        # Without the path of the service, which has its secret in it.
        print(f"{self.command} {self.path.split('/')[1]} {values[1] if len(values) > 1 else ''}", flush=True)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Provider)
    print(f"counters listens at {PUBLIC_URL}", flush=True)
    server.serve_forever()
