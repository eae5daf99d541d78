"""The persistor against a scripted server, with stand-ins for Rasa's base classes of both contracts."""
import abc
import base64
import hashlib
import http.server
import importlib
import os
import pathlib
import sys
import tempfile
import threading
import types
import unittest
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "client" / "rasa"))
ARCHIVE = (HERE.parent / "fixtures" / "archives" / "rasa-3.6-light-v1.tar.gz").read_bytes()
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()
REPR_DIGEST = f"sha-256=:{base64.b64encode(bytes.fromhex(DIGEST)).decode()}:"


class OpenSourceBase(abc.ABC):
    """The contract of Rasa 3.6 (rasa/nlu/persistor.py): two abstract methods, no arguments to construct."""

    @abc.abstractmethod
    def _retrieve_tar(self, filename):
        ...

    @abc.abstractmethod
    def _persist_tar(self, filekey, tarname):
        ...


class CommercialBase(OpenSourceBase):
    """The contract since 3.10 (rasa/core/persistor.py): persist() takes the file that was trained."""

    @abc.abstractmethod
    def _retrieve_tar(self, filename, target_path=None):
        ...

    def persist(self, trained_model, remote_root_only=False):
        key = os.path.basename(trained_model) if remote_root_only else trained_model
        self._persist_tar(key, trained_model)


def load(base):
    """Imports the persistor as it finds itself beside one of the two Rasas."""
    where = "rasa.core.persistor" if base is CommercialBase else "rasa.nlu.persistor"
    modules = {name: types.ModuleType(name) for name in ("rasa", "rasa.core", "rasa.nlu", where)}
    modules[where].Persistor = base
    sys.modules.pop("slipway_persistor", None)
    with mock.patch.dict(sys.modules, modules):
        return importlib.import_module("slipway_persistor")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        length = int(self.headers.get("Content-Length", 0))
        self.server.bodies.append(self.rfile.read(length))
        status, headers, body = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_HEAD = do_GET

    def log_message(self, *_):
        pass


GOOD = (200, {"ETag": f'"{DIGEST}"', "Repr-Digest": REPR_DIGEST, "filename": "shop-1.tar.gz"}, ARCHIVE)
PUBLISHED = (201, {}, b'{"digest": "%s"}' % DIGEST.encode())


class PersistorCase(unittest.TestCase):
    base = OpenSourceBase

    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.seen, self.server.bodies, self.server.answers = [], [], [GOOD]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        url = f"http://127.0.0.1:{self.server.server_address[1]}"
        environment = mock.patch.dict(os.environ, {"SLIPWAY_URL": url, "SLIPWAY_TOKEN": "secret"})
        environment.start()
        self.addCleanup(environment.stop)
        os.environ.pop("SLIPWAY_MODEL", None)
        self.module = load(self.base)
        self.module.RETRY_DELAYS = (0, 0)
        self.persistor = self.module.SlipwayPersistor()

    def installed(self):
        return {name: pathlib.Path(self.folder, name).read_bytes() for name in os.listdir(self.folder)}

    def test_fetches_what_a_name_selects(self):
        names = {
            "shop@production": "/models/shop@production",
            "shop@production.tar.gz": "/models/shop@production",
            "models/shop.tar.gz": "/models/shop",
            "models": "/models/default",
            "models.tar.gz": "/models/default",
        }
        for name, path in names.items():
            found = self.persistor.retrieve(name, self.folder)
            self.assertEqual(self.server.seen[-1][1], path)
            self.assertEqual(found, os.path.join(self.folder, "shop-1.tar.gz"))
        self.assertEqual(self.installed(), {"shop-1.tar.gz": ARCHIVE})

    def test_fetches_to_a_path(self):
        path = os.path.join(self.folder, "x.tar.gz")
        self.assertEqual(self.persistor.retrieve("shop", path), path)
        self.assertEqual(self.installed(), {"x.tar.gz": ARCHIVE})

    def test_sends_the_token(self):
        self.persistor.retrieve("shop", self.folder)
        self.assertEqual(self.server.seen[0][2]["Authorization"], "Bearer secret")

    def test_installs_nothing_that_lies(self):
        flipped = bytearray(ARCHIVE)
        flipped[5000] ^= 1
        headers = GOOD[1]
        lies = {
            "a flipped bit": (200, headers, bytes(flipped)),
            "a short body": (200, headers, ARCHIVE[:-1]),
            "no digest": (200, {}, ARCHIVE),
            "two digests": (200, {**headers, "ETag": '"' + "0" * 64 + '"'}, ARCHIVE),
            "an encoding": (200, {**headers, "Content-Encoding": "gzip"}, ARCHIVE),
            "a redirect": (302, {"Location": "http://127.0.0.1:1/"}, b""),
        }
        for lie, answer in lies.items():
            with self.subTest(lie):
                self.server.answers = [answer]
                with self.assertRaises(self.module.SlipwayError):
                    self.persistor.retrieve("shop", self.folder)
                self.assertEqual(self.installed(), {})

    def test_never_leaves_its_folder(self):
        for name in ("../evil.tar.gz", "/tmp/evil.tar.gz", ".evil.tar.gz", "evil"):
            self.server.answers = [(200, {**GOOD[1], "filename": name}, ARCHIVE)]
            self.assertEqual(self.persistor.retrieve("shop", self.folder), os.path.join(self.folder, "model.tar.gz"))

    def test_tries_again_where_that_may_help(self):
        self.server.answers = [(503, {}, b""), GOOD]
        self.persistor.retrieve("shop", self.folder)
        self.assertEqual(len(self.server.seen), 2)

    def test_says_what_the_server_said(self):
        problem = b'{"title": "t", "detail": "The model \\"shop\\" has no tag.", "code": "tag-not-found"}'
        self.server.answers = [(404, {"Content-Type": "application/problem+json"}, problem)]
        with self.assertRaisesRegex(self.module.SlipwayError, r"has no tag\. \[tag-not-found\]"):
            self.persistor.retrieve("shop@x", self.folder)
        self.assertEqual(len(self.server.seen), 1)

    def test_refuses_names_that_no_model_has(self):
        with self.assertRaisesRegex(self.module.SlipwayError, "not MODEL or MODEL@TAG"):
            self.persistor.retrieve("Shop Bot", self.folder)

    def publish(self, name):
        path = os.path.join(self.folder, name)
        pathlib.Path(path).write_bytes(ARCHIVE)
        self.server.answers = [PUBLISHED]
        self.persistor._persist_tar(path, path)
        return self.server.seen[-1][1]

    def test_publishes_to_the_model_that_is_meant(self):
        self.assertEqual(self.publish("shop.tar.gz"), "/models/shop?filename=shop.tar.gz")
        made_up = "20261123-084606-horizontal-rail.tar.gz"
        self.assertEqual(self.publish(made_up), f"/models/default?filename={made_up}")
        with mock.patch.dict(os.environ, {"SLIPWAY_MODEL": "bakery"}):
            self.assertEqual(self.publish("shop.tar.gz"), "/models/bakery?filename=shop.tar.gz")
        self.assertEqual(self.server.bodies[-1], ARCHIVE)
        self.assertEqual(self.server.seen[-1][2]["Repr-Digest"], REPR_DIGEST)

    def test_publishes_again_where_the_server_was_away(self):
        path = os.path.join(self.folder, "shop.tar.gz")
        pathlib.Path(path).write_bytes(ARCHIVE)
        self.server.answers = [(503, {}, b""), PUBLISHED]
        self.persistor._persist_tar("shop.tar.gz", path)
        self.assertEqual(self.server.bodies, [ARCHIVE, ARCHIVE])


class CommercialCase(PersistorCase):
    base = CommercialBase

    def test_persist_takes_the_trained_file(self):
        path = os.path.join(self.folder, "shop.tar.gz")
        pathlib.Path(path).write_bytes(ARCHIVE)
        self.server.answers = [PUBLISHED]
        self.persistor.persist(path)
        self.assertEqual(self.server.seen[0][1], "/models/shop?filename=shop.tar.gz")

    def test_size_is_known_beforehand(self):
        self.assertEqual(self.persistor._retrieve_tar_size("shop.tar.gz"), len(ARCHIVE))


if __name__ == "__main__":
    unittest.main()
