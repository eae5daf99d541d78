"""Rasa's remote storage on a Slipway server. One file, standard library only.

Put it on PYTHONPATH (next to endpoints.yml will do), then

    rasa run --remote-storage slipway_persistor.SlipwayPersistor --model shop@production
    rasa train --remote-storage slipway_persistor.SlipwayPersistor --fixed-model-name shop

`rasa train --remote-storage` exists since Rasa 3.10. Environment:

    SLIPWAY_URL    the server (default http://127.0.0.1:5080)
    SLIPWAY_TOKEN  sent as a Bearer token, to that server only
    SLIPWAY_MODEL  the model that training publishes to, and that is loaded where no name is given

A name is MODEL or MODEL@TAG, with or without ".tar.gz". What is trained goes to SLIPWAY_MODEL, else to the
model called like the file, else, where Rasa made the name up from the time, to "default". Every byte is
checked against the digest that the server announces before Rasa sees it.
"""
import hashlib
import base64
import http.client
import json
import os
import re
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Callable, Dict, Optional, Text, Tuple

try:  # the commercial line
    from rasa.core.persistor import Persistor
except ImportError:  # open source, up to 3.6
    from rasa.nlu.persistor import Persistor

SUFFIX = ".tar.gz"
BLOCK = 1 << 20
# Seconds without a new byte after which a request has failed, as in the puller.
TIMEOUT = 30
# Seconds before each further attempt.
RETRY_DELAYS = (0.5, 1, 2, 4, 8)

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
# What Rasa calls a model when nobody names it: 20261123-084606-horizontal-rail.
GENERATED_NAME = re.compile(r"(?:core-|nlu-)?\d{8}-\d{6}(?:-.*)?")
SAFE_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\.tar\.gz")


class SlipwayError(Exception):
    """What the server said, or what was wrong with what it sent."""


class Unavailable(SlipwayError):
    """Trying again may help."""


class SlipwayPersistor(Persistor):
    """Fetches models from a Slipway server and publishes them there.

    Works with both contracts: of the open-source line (`retrieve` into a folder) and of the commercial one
    (`retrieve` returns a path, `persist` takes a file).
    """

    def retrieve(self, model_name: Text, target_path: Text) -> Text:
        """Fetches the archive that a name selects.

        Args:
            model_name: MODEL or MODEL@TAG, with or without ".tar.gz"; folders before it are dropped.
            target_path: a folder to put the archive into, or the path of the file to write.

        Returns:
            The path of the archive.
        """
        return with_retries(lambda: fetch(model_reference(model_name), target_path))

    def _retrieve_tar(self, filename: Text, target_path: Optional[Text] = None) -> None:
        self.retrieve(filename, target_path or os.getcwd())

    def _retrieve_tar_size(self, filename: Text, target_path: Optional[Text] = None) -> int:
        path = f"models/{urllib.parse.quote(model_reference(filename), safe='@')}"
        with with_retries(lambda: answer_to(request("HEAD", path))) as answer:
            return int(answer.headers["Content-Length"])

    def _persist_tar(self, filekey: Text, tarname: Text) -> None:
        with_retries(lambda: publish(tarname, os.path.basename(filekey)))


def model_reference(name: Text) -> Text:
    """What to ask the server for: MODEL or MODEL@TAG."""
    stem = without_suffix(os.path.basename(name.rstrip("/")))
    if stem in ("", "models"):  # what Rasa asks for without --model
        stem = os.environ.get("SLIPWAY_MODEL") or "default"
    model, _, tag = stem.partition("@")
    if not NAME.fullmatch(model) or (tag and not NAME.fullmatch(tag)):
        raise SlipwayError(
            f'"{name}" is not MODEL or MODEL@TAG: names are 1 to 64 characters of a-z, 0-9, ".", "_" and "-"'
        )
    return stem


def published_model(filename: Text) -> Text:
    """The model that a trained file is a release of."""
    stem = without_suffix(filename)
    model = os.environ.get("SLIPWAY_MODEL") or ("default" if GENERATED_NAME.fullmatch(stem) else stem)
    if not NAME.fullmatch(model):
        raise SlipwayError(f'"{model}" cannot be the name of a model: set SLIPWAY_MODEL, such as SLIPWAY_MODEL=shop')
    return model


def without_suffix(name: Text) -> Text:
    return name[: -len(SUFFIX)] if name.endswith(SUFFIX) else name


def fetch(reference: Text, target_path: Text) -> Text:
    """Writes the archive beside its place, checks length and digest, and only then gives it its name."""
    with answer_to(request("GET", f"models/{urllib.parse.quote(reference, safe='@')}")) as answer:
        digest = announced_digest(answer.headers)
        in_folder = os.path.isdir(target_path)
        folder = target_path if in_folder else os.path.dirname(os.path.abspath(target_path))
        path = os.path.join(folder, file_name(answer.headers)) if in_folder else target_path
        handle, draft = tempfile.mkstemp(prefix=".slipway-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as out:
                found, size = copy_and_hash(answer, out)
            expected = answer.headers.get("Content-Length")
            if expected is not None and size != int(expected):
                raise Unavailable(f"{size} of {expected} bytes arrived")
            if found != digest:
                raise Unavailable(f"what arrived has the digest {found}, but {digest} was announced")
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
    return path


def publish(path: Text, filename: Text) -> None:
    """Publishes a file; the server refuses it if what arrives is not what was read here."""
    with open(path, "rb") as archive:
        digest, size = copy_and_hash(archive, None)
        archive.seek(0)
        query = urllib.parse.urlencode({"filename": filename})
        headers = {
            "Content-Type": "application/gzip",
            "Content-Length": str(size),
            "Repr-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(digest)).decode()}:",
        }
        with answer_to(request("POST", f"models/{published_model(filename)}?{query}", headers, archive)) as answer:
            published = json.load(answer)["digest"]
    if published != digest:
        raise SlipwayError(f"the server published {published} instead of {digest}")


def request(
    method: Text, path: Text, headers: Optional[Dict[Text, Text]] = None, body: Any = None
) -> urllib.request.Request:
    base = os.environ.get("SLIPWAY_URL") or "http://127.0.0.1:5080"
    url = f"{base.rstrip('/')}/{path}"
    made = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    # An encoded archive is another file.
    made.add_header("Accept-Encoding", "identity")
    made.add_header("User-Agent", "slipway-persistor")
    token = os.environ.get("SLIPWAY_TOKEN")
    if token:
        made.add_header("Authorization", f"Bearer {token}")
    return made


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would take our token along to wherever it is sent."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(NoRedirect)


def answer_to(made: urllib.request.Request) -> Any:
    """The server's answer to a request; raises what a refusal means."""
    try:
        answer = OPENER.open(made, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        with error:
            raise refusal(error) from None
    encoding = answer.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        answer.close()
        raise SlipwayError(f"the answer is labelled Content-Encoding: {encoding}; switch compression off in the proxy")
    return answer


def refusal(error: urllib.error.HTTPError) -> SlipwayError:
    try:
        problem = json.loads(error.read(65536))
        said = f"{problem.get('detail') or problem['title']} [{problem['code']}]"
    except (ValueError, KeyError, TypeError, AttributeError):
        said = f"the server answered {error.code}"
    later = error.code in (408, 425, 429) or (error.code >= 500 and error.code != 507)
    return Unavailable(said) if later else SlipwayError(said)


def with_retries(work: Callable[[], Any]) -> Any:
    """Does the work, and again where the server is away; asking and publishing may both be repeated."""
    for wait in RETRY_DELAYS:
        try:
            return work()
        except (Unavailable, urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError):
            time.sleep(wait)
    return work()


def announced_digest(headers: Any) -> Text:
    """The SHA-256 that the server announces, by Repr-Digest (RFC 9530) or in the entity tag."""
    field = re.search(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):", headers.get("Repr-Digest", ""))
    tag = re.fullmatch(r'(?:W/)?"?([0-9a-f]{64})(?:[.;-].*)?"?', headers.get("ETag", "").strip())
    said = base64.b64decode(field.group(1)).hex() if field else None
    tagged = tag.group(1) if tag else None
    if said and tagged and said != tagged:
        raise Unavailable(f"the entity tag names the digest {tagged}, but Repr-Digest names {said}")
    digest = said or tagged
    if digest is None:
        raise SlipwayError("the server announces no digest: is SLIPWAY_URL the address of a Slipway server?")
    return digest


def file_name(headers: Any) -> Text:
    """Rasa looks for *.tar.gz; a name that is no plain one could lead out of the folder."""
    name = headers.get("filename", "")
    return name if SAFE_FILE.fullmatch(name) else "model.tar.gz"


def copy_and_hash(source: Any, target: Any) -> Tuple[Text, int]:
    """Copies to `target`, if there is one; returns SHA-256 in hex and bytes."""
    digest = hashlib.sha256()
    size = 0
    while block := source.read(BLOCK):
        digest.update(block)
        size += len(block)
        if target is not None:
            target.write(block)
    return digest.hexdigest(), size
