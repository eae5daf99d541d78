"""Trains the models of pipelines.py with the Rasa that runs this, one after the other.

usage: train.py FOLDER light|all|NAME,NAME…

Leaves FOLDER/NAME.tar.gz and prints "ready NAME" for each; what is there already is not trained again. `light` are those
without neural networks.
"""

import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import List

os.environ.update(RASA_TELEMETRY_ENABLED="false", SQLALCHEMY_SILENCE_UBER_WARNING="1", TF_CPP_MIN_LOG_LEVEL="3")
sys.path.insert(0, str(Path(__file__).parent))

from pipelines import PIPELINES, WITH_NETWORKS  # noqa: E402
from rasa.model_training import train, train_core, train_nlu  # noqa: E402
from ruamel.yaml import YAML  # noqa: E402


def train_one(name: str, output: str) -> None:
    kind, config, domain, data = PIPELINES[name]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "data").mkdir()
        files = {"config.yml": config, "domain.yml": domain}
        files.update({f"data/{number}.yml": part for number, part in enumerate(data)})
        for path, content in files.items():
            with open(project / path, "w", encoding="utf-8") as file:
                YAML().dump(content, file)
        config_file, domain_file, data_folder = (str(project / path) for path in ("config.yml", "domain.yml", "data"))
        model = name + ".tar.gz"
        if kind == "nlu":
            train_nlu(config_file, data_folder, output, fixed_model_name=model, domain=domain_file)
        elif kind == "core":
            train_core(domain_file, config_file, data_folder, output, fixed_model_name=model)
        else:
            train(domain_file, config_file, [data_folder], output, fixed_model_name=model, force_training=True)


def chosen(selection: str) -> List[str]:
    if selection == "all":
        return list(PIPELINES)
    if selection == "light":
        return [name for name in PIPELINES if name not in WITH_NETWORKS]
    return selection.split(",")


def main() -> int:
    output, selection = os.path.abspath(sys.argv[1]), sys.argv[2]
    failed = 0
    for name in chosen(selection):
        try:
            if not os.path.exists(os.path.join(output, name + ".tar.gz")):
                train_one(name, output)
            print(f"ready {name}", flush=True)
        except BaseException:
            failed += 1
            print(f"training {name} failed:\n{traceback.format_exc()}", file=sys.stderr, flush=True)
    return 1 if failed else 0


sys.exit(main())
