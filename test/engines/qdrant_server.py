"""A Qdrant for tests: its REST interface on a free loopback port, its own engine behind it.

qdrant_server.py OPENAPI [API_KEY]   prints the port, serves until standard input ends.

Every request and every answer is checked against OPENAPI, Qdrant's published document. A violation is answered with 418,
which no client retries, and is kept: GET /violations lists all. GET /requests counts the operations that were asked for.
"""

import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from qdrant_collection import Collection, Refused
from qdrant_openapi import Document

FORBIDDEN = set('<>:"/\\|?*\0\x1f')


class Answer(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Server:
    def __init__(self, document, key):
        self.document = document
        self.key = key
        self.folder = tempfile.mkdtemp(prefix="qdrant-")
        self.collections = {}
        self.aliases = {}
        self.lock = threading.Lock()
        self.violations = []
        self.requests = Counter()
        self.made = 0

    def collection(self, name):
        with self.lock:
            found = self.collections.get(self.aliases.get(name, name))
        if found is None:
            raise Answer(404, f"Not found: Collection `{name}` doesn't exist!")
        return found

    def create(self, name, body):
        with self.lock:
            if name in self.collections:
                raise Answer(409, f"Wrong input: Collection `{name}` already exists!")
            if FORBIDDEN & set(name) or len(name) > 255 or name in self.aliases:
                raise Answer(400, f"Wrong input: {name} cannot be a collection's name")
            self.made += 1
            self.collections[name] = Collection(os.path.join(self.folder, str(self.made)), body)
        return True

    def delete(self, name):
        with self.lock:
            found = self.collections.pop(name, None)
            self.aliases = {alias: target for alias, target in self.aliases.items() if target != name}
        if found is not None:
            found.close()
        return found is not None

    def change_aliases(self, body):
        with self.lock:
            changed = dict(self.aliases)
            for action in body["actions"]:
                if "delete_alias" in action:
                    alias = action["delete_alias"]["alias_name"]
                    if changed.pop(alias, None) is None:
                        raise Answer(404, f"Not found: Alias {alias} does not exist!")
                elif "create_alias" in action:
                    alias, target = action["create_alias"]["alias_name"], action["create_alias"]["collection_name"]
                    if target not in self.collections:
                        raise Answer(404, f"Not found: Collection `{target}` doesn't exist!")
                    if alias in self.collections:
                        raise Answer(409, f"Wrong input: Collection `{alias}` already exists!")
                    changed[alias] = target
                else:
                    raise Answer(400, "this server does not rename aliases")
            self.aliases = changed
        return True

    def list_aliases(self):
        with self.lock:
            return {"aliases": [{"alias_name": a, "collection_name": c} for a, c in sorted(self.aliases.items())]}

    def list_collections(self):
        with self.lock:
            return {"collections": [{"name": name} for name in sorted(self.collections)]}

    def run(self, operation, name, wait, body):
        known = {
            "get_collections": lambda: self.list_collections(),
            "get_collections_aliases": lambda: self.list_aliases(),
            "update_aliases": lambda: self.change_aliases(body),
            "create_collection": lambda: self.create(name, body),
            "delete_collection": lambda: self.delete(name),
            "get_collection": lambda: self.collection(name).info(),
            "update_collection": lambda: self.collection(name).patch(body) is None,
            "upsert_points": lambda: self.collection(name).upsert(body, wait),
            "batch_update": lambda: self.collection(name).batch(body, wait),
            "create_field_index": lambda: self.collection(name).create_index(body, wait),
            "count_points": lambda: self.collection(name).count(body),
            "query_points": lambda: self.collection(name).query(body),
            "scroll_points": lambda: self.collection(name).scroll(body),
        }
        if operation not in known:
            raise Answer(501, f"this server does not know {operation}")
        return known[operation]()

    def answer(self, method, target, headers, raw):
        if target == "/violations":
            return 200, self.violations
        if target == "/requests":
            return 200, self.requests
        if self.key and headers.get("api-key") != self.key:
            return 401, {"status": {"error": "Must provide an API key"}, "time": 0.0}
        started = time.perf_counter()
        path, _, query = target.partition("?")
        found = self.document.find(method, path)
        if found is None:
            return self.violation(f"{method} {path} is not in the document")
        operation, arguments = found
        name = operation.spec["operationId"]
        self.requests[name] += 1
        body = json.loads(raw) if raw else None
        problems = operation.request_problems(arguments, query, body, headers.get("content-type", ""))
        if problems:
            return self.violation(f"{method} {target}: {'; '.join(problems[:5])}")
        try:
            result = self.run(name, arguments.get("collection_name"), "wait=true" in query, body)
            status, answer = 200, {"result": result, "status": "ok", "time": time.perf_counter() - started}
        except Answer as error:
            status, answer = error.status, {"status": {"error": str(error)}, "time": time.perf_counter() - started}
        except KeyError as error:
            status, answer = 404, {"status": {"error": f"Not found: {error}"}, "time": 0.0}
        except Refused as error:
            status, answer = 400, {"status": {"error": str(error)}, "time": time.perf_counter() - started}
        problems = operation.answer_problems(status, answer)
        return self.violation(f"{name}: {'; '.join(problems[:5])}") if problems else (status, answer)

    def violation(self, text):
        self.violations.append(text)
        return 418, {"status": {"error": f"violates Qdrant's OpenAPI: {text}"}, "time": 0.0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # The whole answer in one packet.
    wbufsize = -1

    def handle_any(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            status, answer = self.server.qdrant.answer(self.command, self.path, self.headers, raw)
        except Exception as error:
            status, answer = self.server.qdrant.violation(f"the test's server failed: {error!r}")
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_any

    def log_message(self, *_):
        pass


def main():
    qdrant = Server(Document(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.qdrant = qdrant
    threading.Thread(target=http.serve_forever, daemon=True).start()
    print(http.server_port, flush=True)
    try:
        sys.stdin.read()
    finally:
        shutil.rmtree(qdrant.folder, ignore_errors=True)


main()
