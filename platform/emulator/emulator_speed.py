"""What ministack does at length, done in short.

It writes each service's state with Python's own JSON encoder, which `json.dump` uses and `json.dumps` does not, changed or not;
and to know the content type that a service answers with it reads the whole description of the service's API, of which it needs
two words.
"""

import functools
import gzip
import json
import os
import re
from types import SimpleNamespace

import botocore
from ministack.core import persistence, responses

DESCRIPTIONS = os.path.join(os.path.dirname(botocore.__file__), "data")

_saved = {}


def save_state(service, data):
    """Writes what has changed, whole or not at all. As in ministack a failure is noted, and the other services are saved."""
    try:
        version = persistence._state_format_version(service)
        text = json.dumps({"__ministack_format__": version, "payload": data}, default=persistence._json_default)
        if _saved.get(service) == text:
            return
        path = os.path.join(persistence.STATE_DIR, f"{service}.json")
        with open(f"{path}.tmp", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f"{path}.tmp", path)
        _saved[service] = text
    except Exception as error:
        persistence.logger.error("Persistence: failed to save %s: %s", service, error)


@functools.lru_cache(maxsize=None)
def service_model(service):
    """The protocol of a service, which stands at the head of its newest description (botocore/data)."""
    folder = os.path.join(DESCRIPTIONS, responses._BOTOCORE_NAME.get(service, service))
    if not os.path.isdir(folder):
        return None
    with gzip.open(os.path.join(folder, max(os.listdir(folder)), "service-2.json.gz"), "rt", encoding="utf-8") as file:
        head = file.read(4096)
    words = {key: re.search(rf'"{key}":\s*"([^"]*)"', head) for key in ("protocol", "jsonVersion")}
    return SimpleNamespace(metadata={key: found[1] for key, found in words.items() if found})


def extend():
    persistence.save_state = save_state
    responses._service_model = service_model
