# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which classes of the auto mappings are known: python coverage.py --cli weighbridge-cli --specs FOLDER [--all] [MODEL_TYPE...]

For each class of each model type (without names: the ones that are used most) the library builds a model from its default config with few layers, and
the program is asked what that config expects. Prints for each type how many are exact, and those that are not, with the reason. Exit status 1 if one is
unknown or wrong. Offline."""
import argparse
import collections
import json
import os
import signal
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import probe  # noqa: E402
import score_archspec  # noqa: E402
from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

USED_MOST = """albert bart beit bert blip bloom camembert clip codegen cohere convnext deberta deberta-v2 deepseek_v2 deepseek_v3 deit detr dinov2 distilbert dpt
electra falcon gemma gemma2 gemma3 gemma3_text gpt2 gpt_bigcode gpt_neo gpt_neox gpt_oss gptj grounding-dino hubert layoutlm layoutlmv3 llama llama4 llava longformer m2m_100 marian
mbart mistral mixtral mobilebert modernbert mpnet mt5 olmo2 opt owlvit pegasus phi phi3 qwen2 qwen2_5_vl qwen2_moe qwen2_vl qwen3 qwen3_moe qwen3_vl resnet roberta
sam segformer siglip smollm3 speecht5 starcoder2 swin t5 table-transformer trocr vision-encoder-decoder vit vit_mae vitmatte wav2vec2 wavlm whisper xlm-roberta xlnet yolos""".split()


def default_config(model_type, class_name, full):
    """The first of few layers or all, the whole config or what differs, that the library builds the class from."""
    name, changes = probe.first_that_builds([class_name], model_type, full)
    if not name:
        return None, None
    for whole in (False, True):
        config = json.loads(json.dumps(probe.config_with(model_type, full, changes, whole), default=str))
        case = probe.built(class_name, config)
        if case:
            return config, case
    return None, None


def outcomes(cli, folder, model_type, classes):
    """{class: (outcome, reason)}."""
    full = json.loads(json.dumps(CONFIG_MAPPING[model_type]().to_dict(), default=str))
    out = {}
    for class_name in sorted(classes):
        config, case = default_config(model_type, class_name, full)
        out[class_name] = score_archspec.score(cli, folder, "coverage", config, class_name, case, True) if case else ("not built", "the library builds none from defaults")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("types", nargs="*")
    parser.add_argument("--all", action="store_true", help="all model types")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--specs", required=True, help="folder that holds architectures/")
    options = parser.parse_args()
    os.environ["WEIGHBRIDGE_RESOURCES"] = options.specs
    signal.signal(signal.SIGPROF, probe.too_slow)
    known = probe.classes_of_types()
    total = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        for model_type in options.types or (sorted(known) if options.all else USED_MOST):
            try:
                found = outcomes(options.cli, folder, model_type, known[model_type])
            except Exception as error:  # a config class without defaults
                found = {name: ("not built", type(error).__name__) for name in known[model_type]}
            counts = collections.Counter(outcome for outcome, _ in found.values())
            total += counts
            print(f"{model_type:28} " + "  ".join(f"{outcome} {number}" for outcome, number in sorted(counts.items())), flush=True)
            for class_name, (outcome, why) in found.items():
                if outcome != "exact":
                    print(f"    {class_name}: {outcome}: {why}", flush=True)
    print(f"{'all':28} " + "  ".join(f"{outcome} {number}" for outcome, number in sorted(total.items())))
    return 1 if set(total) - {"exact", "not built"} else 0


if __name__ == "__main__":
    sys.exit(main())
