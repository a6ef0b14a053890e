"""An add-on as somebody wrote it in 2016, from the public pages of then: Flask, kept by heroku_id and uuid, sign-on by POST.

The uuid had just come; an answer has more fields than asked for, and a removal is 200 with an empty body.
`python3 counters_2016.py MANIFEST PORT`
"""
import hashlib
import json
import sys
import time
from functools import wraps

from flask import Flask, abort, jsonify, make_response, redirect, request, session

with open(sys.argv[1]) as f:
    manifest = json.load(f)
app = Flask(__name__)
app.secret_key = manifest["api"]["sso_salt"]
# Ports do not tell cookies apart, and on one machine every Flask add-on calls its own `session`.
app.config["SESSION_COOKIE_NAME"] = "counters2016"
counters = {}


def from_heroku(view):
    @wraps(view)
    def checked(*args, **kwargs):
        auth = request.authorization
        if not auth or auth.username != manifest["id"] or auth.password != manifest["api"]["password"]:
            return "", 401
        return view(*args, **kwargs)

    return checked


@app.route("/heroku/resources", methods=["POST"])
@from_heroku
def provision():
    data = request.get_json()
    key = data["uuid"]
    counters.setdefault(key, {"plan": data["plan"], "app": data["heroku_id"], "count": 0, "step": int(data["options"].get("step", 1))})
    return jsonify(
        id=key,
        config={manifest["api"]["config_vars"][0]: "http://127.0.0.1:%s/count/%s" % (sys.argv[2], key)},
        message=None,
        log_drain_url=None,
    )


@app.route("/heroku/resources/<key>", methods=["PUT"])
@from_heroku
def change(key):
    if key not in counters:
        abort(404)
    if json.loads(request.data)["plan"] == "test":
        return jsonify(message="A counter cannot become smaller."), 422
    counters[key]["plan"] = json.loads(request.data)["plan"]
    return "{}"


@app.route("/heroku/resources/<key>", methods=["DELETE"])
@from_heroku
def remove(key):
    if counters.pop(key, None) is None:
        abort(404)
    return ""


@app.route("/heroku/sso", methods=["POST"])
def sign_on():
    form = request.form
    text = ":".join([form["id"], manifest["api"]["sso_salt"], form["timestamp"]])
    if hashlib.sha1(text.encode()).hexdigest() != form["token"] or int(form["timestamp"]) < time.time() - 2 * 60:
        abort(403)
    if form["id"] not in counters:
        abort(404)
    session["id"], session["email"] = form["id"], form["email"]
    response = make_response(redirect("/"))
    response.set_cookie("heroku-nav-data", form["nav-data"])
    return response


@app.route("/")
def page():
    if "id" not in session:
        abort(403)
    counter = counters[session["id"]]
    return "<html><body>%s: %d on %s</body></html>" % (session["email"], counter["count"], counter["plan"])


@app.route("/count/<key>", methods=["POST"])
def count(key):
    if key not in counters:
        abort(404)
    counters[key]["count"] += counters[key]["step"]
    return jsonify(count=counters[key]["count"])


app.run(port=int(sys.argv[2]))
