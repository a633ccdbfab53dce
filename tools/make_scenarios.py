#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks small models of many architectures in all the ways of docs/rules.md, with the answer beside each, for score_scenarios.py.

    make_scenarios.py [OUT] [--kind REGEX] [--family REGEX] [--score build/dev/bin/weighbridge-cli]

Needs torch, transformers and safetensors (exit status 77 without); nothing is downloaded, weights are random. One folder per scenario with
scenario.json (`root_cause`, `detectable`, `target_class`), the same at every run. With --score they are checked at once; without OUT they go into
a temporary folder.
"""
import argparse
import collections
import gzip
import io
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
try:
    import numpy
    import torch
    import transformers
    from safetensors.torch import save_file
except ImportError as missing:
    print(f"Not made: {missing}.")
    sys.exit(77)

Family = collections.namedtuple("Family", "config base lm classifier fields layer square")

# Sizes are odd on purpose: no two are equal, so that a shape says which one it is. `fields`: hidden, layers, intermediate, vocabulary, positions, heads.
FAMILIES = {
    "bert": Family(dict(vocab_size=83, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, intermediate_size=40, max_position_embeddings=31, type_vocab_size=2),
                   "BertModel", "BertForMaskedLM", "BertForSequenceClassification",
                   ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size", "max_position_embeddings", "num_attention_heads"), "encoder.layer.", True),
    "distilbert": Family(dict(vocab_size=83, dim=24, n_layers=4, n_heads=4, hidden_dim=40, max_position_embeddings=31),
                         "DistilBertModel", "DistilBertForMaskedLM", "DistilBertForSequenceClassification",
                         ("dim", "n_layers", "hidden_dim", "vocab_size", "max_position_embeddings", "n_heads"), "transformer.layer.", True),
    "roberta": Family(dict(vocab_size=83, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, intermediate_size=40, max_position_embeddings=31, type_vocab_size=1),
                      "RobertaModel", "RobertaForMaskedLM", "RobertaForSequenceClassification",
                      ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size", "max_position_embeddings", "num_attention_heads"), "encoder.layer.", True),
    "electra": Family(dict(vocab_size=83, embedding_size=16, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, intermediate_size=40, max_position_embeddings=31),
                      "ElectraModel", "ElectraForMaskedLM", "ElectraForSequenceClassification",
                      ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size", "max_position_embeddings", "num_attention_heads"), "encoder.layer.", True),
    "albert": Family(dict(vocab_size=83, embedding_size=16, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, intermediate_size=40, max_position_embeddings=31),
                     "AlbertModel", "AlbertForMaskedLM", "AlbertForSequenceClassification",
                     ("hidden_size", None, "intermediate_size", "vocab_size", "max_position_embeddings", "num_attention_heads"), None, True),
    "deberta-v2": Family(dict(vocab_size=83, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, intermediate_size=40, max_position_embeddings=31, type_vocab_size=0, relative_attention=True,
                              position_buckets=8, pos_att_type=["p2c", "c2p"]),
                         "DebertaV2Model", "DebertaV2ForMaskedLM", "DebertaV2ForSequenceClassification",
                         ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size", None, "num_attention_heads"), "encoder.layer.", True),
    "gpt2": Family(dict(vocab_size=83, n_embd=24, n_layer=4, n_head=4, n_positions=31),
                   "GPT2Model", "GPT2LMHeadModel", "GPT2ForSequenceClassification",
                   ("n_embd", "n_layer", "n_inner", "vocab_size", "n_positions", "n_head"), "h.", False),
    "gpt_neox": Family(dict(vocab_size=83, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, intermediate_size=40, max_position_embeddings=31),
                       "GPTNeoXModel", "GPTNeoXForCausalLM", "GPTNeoXForSequenceClassification",
                       ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size", None, "num_attention_heads"), "layers.", False),
    "llama": Family(dict(vocab_size=83, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, intermediate_size=40, max_position_embeddings=64),
                    "LlamaModel", "LlamaForCausalLM", "LlamaForSequenceClassification",
                    ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size", None, "num_attention_heads"), "layers.", False),
    "qwen2": Family(dict(vocab_size=83, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, intermediate_size=40, max_position_embeddings=64, tie_word_embeddings=True),
                    "Qwen2Model", "Qwen2ForCausalLM", "Qwen2ForSequenceClassification",
                    ("hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size", None, "num_attention_heads"), "layers.", False),
    "t5": Family(dict(vocab_size=83, d_model=24, num_layers=4, num_heads=4, d_kv=6, d_ff=40), "T5Model", "T5ForConditionalGeneration", None,
                 ("d_model", "num_layers", "d_ff", "vocab_size", None, "num_heads"), None, False),
    "bart": Family(dict(vocab_size=83, d_model=24, encoder_layers=4, decoder_layers=3, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=40, decoder_ffn_dim=44, max_position_embeddings=31),
                   "BartModel", "BartForConditionalGeneration", None, ("d_model", "encoder_layers", "encoder_ffn_dim", "vocab_size", "max_position_embeddings", None), "encoder.layers.", False),
    "opt": Family(dict(vocab_size=83, hidden_size=24, word_embed_proj_dim=24, num_hidden_layers=4, num_attention_heads=4, ffn_dim=40, max_position_embeddings=31),
                  "OPTModel", "OPTForCausalLM", None, (None, "num_hidden_layers", "ffn_dim", "vocab_size", "max_position_embeddings", "num_attention_heads"), "decoder.layers.", False),
    "vit": Family(dict(hidden_size=24, num_hidden_layers=4, num_attention_heads=4, intermediate_size=40, image_size=32, patch_size=8),
                  "ViTModel", None, "ViTForImageClassification", ("hidden_size", "num_hidden_layers", "intermediate_size", None, None, "num_attention_heads"), "layers.", True),
}

STORES = ["safetensors", "bin", "sharded-safetensors", "sharded-bin", "legacy-bin"]


def build(family, class_name, **changes):
    """The state dict and the config of a new model; the same for the same arguments."""
    torch.manual_seed(7)
    config = transformers.AutoConfig.for_model(family, **{**FAMILIES[family].config, **changes})
    model = getattr(transformers, class_name)(config).eval()
    config = json.loads(model.config.to_json_string(use_diff=False))
    config["architectures"] = [class_name]
    state = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
    tied = getattr(model, "all_tied_weights_keys", {}) or {}
    return {name: tensor for name, tensor in state.items() if name not in tied}, config, model.base_model_prefix


class Scenario:
    """A folder with a broken pair. Tensors may be edited as `state`, fields as `config`, before write()."""

    def __init__(self, out, kind, family, store, root_cause, class_name=None, detectable="from_files", named=True):
        self.folder = out / f"{kind}-{family}"
        self.family, self.store, self.root_cause, self.detectable = family, store, root_cause, detectable
        self.class_name = class_name or (FAMILIES[family].base if family in FAMILIES else None)
        self.named = named
        if self.class_name:
            self.state, self.config, self.base = build(family, self.class_name)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def rename(self, edit):
        self.state = {edit(name): tensor for name, tensor in self.state.items()}

    def keep(self, wanted):
        self.state = {name: tensor for name, tensor in self.state.items() if wanted(name)}

    def file(self, name, data):
        path = self.folder / name
        if isinstance(data, bytes):
            path.write_bytes(data)
        else:
            path.write_text(data if isinstance(data, str) else json.dumps(data, indent=2))
        return path

    def write_config(self):
        if not self.named:
            self.config.pop("architectures", None)
        self.file("config.json", self.config)

    def write_weights(self):
        safe = "safetensors" in self.store
        save = (lambda state, path: save_file({k: v.contiguous() for k, v in state.items()}, path, {"format": "pt"})) if safe else (
            lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=self.store != "legacy-bin"))
        stem, extension = ("model", "safetensors") if safe else ("pytorch_model", "bin")
        if not self.store.startswith("sharded"):
            save(self.state, self.folder / f"{stem}.{extension}")
            return
        names = list(self.state)
        count = 3
        chunks = [names[i * len(names) // count:(i + 1) * len(names) // count] for i in range(count)]
        index = {}
        for number, chunk in enumerate(chunks, 1):
            shard = f"{stem}-{number:05}-of-{count:05}.{extension}"
            save({name: self.state[name] for name in chunk}, self.folder / shard)
            index.update({name: shard for name in chunk})
        size = sum(tensor.numel() * tensor.element_size() for tensor in self.state.values())
        self.file(f"{stem}.{extension}.index.json", {"metadata": {"total_size": size}, "weight_map": index})

    def shards(self):
        return sorted(path for path in self.folder.iterdir() if re.search(r"-of-\d+\.(safetensors|bin)$", path.name))

    def weights(self):
        """The file, or one of the shards."""
        return (self.shards() or sorted(p for p in self.folder.iterdir() if p.suffix in (".safetensors", ".bin")))[-1]

    def answer(self, **more):
        self.file("scenario.json", {"id": self.folder.name, "root_cause": self.root_cause, "detectable": self.detectable, "target_class": self.class_name if not self.named else None, **more})

    def write(self):
        self.write_config()
        self.write_weights()
        self.answer()
        return self


KINDS = {}


def kind(families=None, stores=None):
    """Registers a kind: called with (name, families it makes sense for, storages)."""
    def register(function):
        KINDS[function.__name__] = (function, families, stores)
        return function
    return register


def has(field):
    return [name for name, family in FAMILIES.items() if family.fields[field]]


CLASSIFIERS = [name for name, family in FAMILIES.items() if family.classifier]
LMS = [name for name, family in FAMILIES.items() if family.lm]
LAYERED = [name for name, family in FAMILIES.items() if family.layer]


# --- controls -------------------------------------------------------------------------------------------------------------------------

@kind()
def control_base(out, family, store):
    Scenario(out, "control_base", family, store, "none").write()


@kind(LMS)
def control_lm(out, family, store):
    Scenario(out, "control_lm", family, store, "none", FAMILIES[family].lm).write()


@kind(CLASSIFIERS)
def control_classifier(out, family, store):
    Scenario(out, "control_classifier", family, store, "none", FAMILIES[family].classifier).write()


@kind(["bert", "distilbert", "roberta", "llama", "gpt2"])
def control_base_prefix(out, family, store):
    """The base class of a file that has the prefix: the loader strips it."""
    scenario = Scenario(out, "control_base_prefix", family, store, "none")
    scenario.rename(lambda name: f"{scenario.base}.{name}")
    scenario.write()


@kind(["bert", "roberta", "distilbert", "electra"])
def control_position_ids(out, family, store):
    scenario = Scenario(out, "control_position_ids", family, store, "none")
    scenario.state["embeddings.position_ids"] = torch.arange(31).unsqueeze(0)
    scenario.write()


@kind(["gpt2"])
def control_attention_bias(out, family, store):
    """Masks that old versions saved with each layer."""
    scenario = Scenario(out, "control_attention_bias", family, store, "none", "GPT2LMHeadModel")
    for layer in range(4):
        scenario.state[f"transformer.h.{layer}.attn.bias"] = torch.tril(torch.ones(1, 1, 31, 31, dtype=torch.uint8))
        scenario.state[f"transformer.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    scenario.write()


@kind(["llama", "qwen2"])
def control_inv_freq(out, family, store):
    scenario = Scenario(out, "control_inv_freq", family, store, "none", FAMILIES[family].lm)
    for layer in range(4):
        scenario.state[f"model.layers.{layer}.self_attn.rotary_emb.inv_freq"] = torch.ones(3)
    scenario.write()


# --- names ----------------------------------------------------------------------------------------------------------------------------

def prefixed(out, kind_name, family, store, prefix, class_name=None):
    scenario = Scenario(out, kind_name, family, store, "key-prefix", class_name)
    scenario.rename(lambda name: prefix + name)
    scenario.write()


@kind()
def prefix_module(out, family, store):
    prefixed(out, "prefix_module", family, store, "module.")


@kind(LMS)
def prefix_compiled(out, family, store):
    prefixed(out, "prefix_compiled", family, store, "_orig_mod.module.", FAMILIES[family].lm)


@kind(CLASSIFIERS)
def prefix_member(out, family, store):
    prefixed(out, "prefix_member", family, store, "backbone.", FAMILIES[family].classifier)


@kind(LAYERED)
def prefix_inside(out, family, store):
    """FSDP and activation checkpointing write their words before each layer's parameters."""
    scenario = Scenario(out, "prefix_inside", family, store, "key-prefix")
    layer = FAMILIES[family].layer
    scenario.rename(lambda name: re.sub(rf"^({re.escape(layer)}\d+\.)", r"\1_fsdp_wrapped_module._checkpoint_wrapped_module.", name))
    scenario.write()


def nested(out, kind_name, family, store, key, beside, class_name=None):
    scenario = Scenario(out, kind_name, family, "bin" if store != "legacy-bin" else store, "nested-state-dict", class_name)
    scenario.write_config()
    torch.save({**beside, key: scenario.state}, scenario.folder / "pytorch_model.bin", _use_new_zipfile_serialization=store != "legacy-bin")
    scenario.answer()


@kind()
def nested_model_state_dict(out, family, store):
    nested(out, "nested_model_state_dict", family, store, "model_state_dict", {"epoch": 3, "loss": 0.25})


@kind()
def nested_with_optimizer(out, family, store):
    moments = {i: {"step": torch.tensor(7.0), "exp_avg": torch.randn(5, 6), "exp_avg_sq": torch.rand(5, 6)} for i in range(9)}
    nested(out, "nested_with_optimizer", family, store, "model", {"optimizer": {"state": moments, "param_groups": [{"lr": 1e-3, "params": list(range(9))}]}, "iteration": 99})


@kind(["bert", "gpt2", "vit", "llama"])
def nested_lightning(out, family, store):
    """A Lightning checkpoint: nested, and under the name of the module's member."""
    scenario = Scenario(out, "nested_lightning", family, "bin", "nested-state-dict", FAMILIES[family].base)
    scenario.rename(lambda name: "model." + name)
    scenario.write_config()
    torch.save({"epoch": 1, "global_step": 10, "pytorch-lightning_version": "2.5.0", "state_dict": scenario.state, "optimizer_states": [], "lr_schedulers": []}, scenario.folder / "pytorch_model.bin")
    scenario.answer()


@kind(["bert", "roberta", "electra", "albert"])
def old_layer_norm(out, family, store):
    scenario = Scenario(out, "old_layer_norm", family, store, "renamed-keys")
    scenario.rename(lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"))
    scenario.write()


@kind(["bert", "distilbert", "roberta", "albert", "electra", "vit", "llama", "t5", "bart", "opt"])
def transposed_kernels(out, family, store):
    """Linear layers as Flax keeps them. Embeddings and convolutions stay."""
    scenario = Scenario(out, "transposed_kernels", family, store, "transposed")
    skip = re.compile("embed|shared|relative|pos_")
    scenario.state = {name: tensor.T.contiguous() if tensor.dim() == 2 and (not skip.search(name) or "mapping" in name) else tensor for name, tensor in scenario.state.items()}
    scenario.write()


# --- classes and heads ----------------------------------------------------------------------------------------------------------------

def base_names(family, base):
    names = build(family, FAMILIES[family].base)[0]
    return set(names) | {f"{base}.{name}" for name in names}


@kind(LMS)
def class_lm_as_base(out, family, store):
    scenario = Scenario(out, "class_lm_as_base", family, store, "class-differs", FAMILIES[family].lm)
    scenario.config["architectures"] = [FAMILIES[family].base]
    # Where the head is tied and has nothing of its own, the file is whole.
    if not set(scenario.state) - base_names(family, scenario.base):
        scenario.root_cause = "none"
    scenario.write()


@kind([f for f in LMS if f in CLASSIFIERS])
def class_lm_as_classifier(out, family, store):
    scenario = Scenario(out, "class_lm_as_classifier", family, store, "class-differs", FAMILIES[family].lm)
    scenario.config["architectures"] = [FAMILIES[family].classifier]
    if not set(scenario.state) - base_names(family, scenario.base):
        scenario.root_cause = "head-missing"
    scenario.write()


@kind(CLASSIFIERS)
def head_missing(out, family, store):
    scenario = Scenario(out, "head_missing", family, store, "head-missing", FAMILIES[family].classifier)
    scenario.keep(lambda name: name.startswith(scenario.base + "."))
    scenario.write()


@kind(["bert", "distilbert", "gpt2", "llama", "qwen2", "gpt_neox", "opt"])
def untied_head_missing(out, family, store):
    scenario = Scenario(out, "untied_head_missing", family, store, "tie-word-embeddings", FAMILIES[family].lm)
    heads = re.compile(r"lm_head\.weight|embed_out\.weight|decoder\.weight$|vocab_projector\.weight|predictions\.decoder")
    scenario.keep(lambda name: not heads.search(name))
    scenario.config["tie_word_embeddings"] = False
    scenario.write()


@kind(["bert", "distilbert", "roberta", "gpt2", "llama", "vit", "t5"])
def extra_module(out, family, store):
    scenario = Scenario(out, "extra_module", family, store, "custom-architecture")
    scenario.state.update({"crf.transitions": torch.randn(5, 5), "crf.start": torch.randn(5), "projection.0.weight": torch.randn(7, 24)})
    scenario.write()


# --- sizes ----------------------------------------------------------------------------------------------------------------------------

def resized(out, kind_name, family, store, field, value, root_cause, class_name=None):
    scenario = Scenario(out, kind_name, family, store, root_cause, class_name)
    scenario.config[FAMILIES[family].fields[field]] = value
    scenario.write()


@kind(has(0))
def hidden_size(out, family, store):
    resized(out, "hidden_size", family, store, 0, 48, "hidden-size")


@kind([f for f in has(0) if f in LMS])
def hidden_size_lm(out, family, store):
    resized(out, "hidden_size_lm", family, store, 0, 12, "hidden-size", FAMILIES[family].lm)


@kind(has(1))
def layers_too_many(out, family, store):
    resized(out, "layers_too_many", family, store, 1, 6, "num-hidden-layers")


@kind([f for f in has(1) if f in LMS])
def layers_too_few(out, family, store):
    resized(out, "layers_too_few", family, store, 1, 2, "num-hidden-layers", FAMILIES[family].lm)


@kind(has(2))
def intermediate_size(out, family, store):
    resized(out, "intermediate_size", family, store, 2, 64, "intermediate-size")


@kind(has(3))
def vocab_size(out, family, store):
    resized(out, "vocab_size", family, store, 3, 28996, "vocab-size")


@kind([f for f in has(3) if f in LMS])
def vocab_size_lm(out, family, store):
    resized(out, "vocab_size_lm", family, store, 3, 90, "vocab-size", FAMILIES[family].lm)


@kind(has(4))
def positions(out, family, store):
    resized(out, "positions", family, store, 4, 62, "max-position-embeddings")


@kind(["vit"])
def image_size(out, family, store):
    """The positions of a vision model: a row per patch."""
    scenario = Scenario(out, "image_size", family, store, "max-position-embeddings")
    scenario.config["image_size"] = 64
    scenario.write()


@kind(["bert", "electra", "albert", "roberta"])
def type_vocab_size(out, family, store):
    scenario = Scenario(out, "type_vocab_size", family, store, "type-vocab-size")
    scenario.config["type_vocab_size"] = 5
    scenario.write()


@kind(CLASSIFIERS)
def num_labels(out, family, store):
    scenario = Scenario(out, "num_labels", family, store, "num-labels", FAMILIES[family].classifier)
    scenario.config.update(id2label={str(i): f"LABEL_{i}" for i in range(7)}, label2id={f"LABEL_{i}": i for i in range(7)})
    scenario.write()


@kind([f for f in has(5) if f != "t5"])
def heads_do_not_divide(out, family, store):
    resized(out, "heads_do_not_divide", family, store, 5, 5, "num-attention-heads")


@kind(LAYERED)
def layer_gap(out, family, store):
    scenario = Scenario(out, "layer_gap", family, store, "layer-gap")
    scenario.keep(lambda name: not name.startswith(FAMILIES[family].layer + "1."))
    scenario.write()


@kind(["bert", "llama", "gpt2", "vit"])
def base_and_large(out, family, store):
    """The config of a larger model: several sizes at once."""
    scenario = Scenario(out, "base_and_large", family, store, "hidden-size")
    fields = FAMILIES[family].fields
    scenario.config.update({fields[0]: 48, fields[1]: 8, fields[5]: 8})
    if fields[2] and scenario.config.get(fields[2]):
        scenario.config[fields[2]] = 96
    scenario.write()


# --- config ---------------------------------------------------------------------------------------------------------------------------

OTHER_TYPES = {"bert": "roberta", "roberta": "bert", "distilbert": "bert", "electra": "albert", "albert": "bert", "gpt2": "gpt_neox", "gpt_neox": "gpt2", "llama": "opt", "qwen2": "bart",
               "t5": "bart", "bart": "t5", "opt": "llama", "vit": "bert", "deberta-v2": "bert"}


@kind(list(OTHER_TYPES))
def other_model_type(out, family, store):
    scenario = Scenario(out, "other_model_type", family, store, "model-type")
    other = OTHER_TYPES[family]
    scenario.config = build(other, FAMILIES[other].base)[1]
    scenario.write()


@kind(["distilbert", "gpt2", "vit", "llama", "electra", "t5", "deberta-v2", "bart"])
def only_type_changed(out, family, store):
    """Nothing but model_type was edited by hand; the fields are those of the file."""
    scenario = Scenario(out, "only_type_changed", family, store, "model-type")
    scenario.config["model_type"] = OTHER_TYPES[family]
    del scenario.config["architectures"]
    scenario.write()


@kind()
def config_missing(out, family, store):
    scenario = Scenario(out, "config_missing", family, store, "config-missing")
    scenario.write_weights()
    scenario.answer()


def broken_config(out, kind_name, family, store, edit, root_cause="config-syntax"):
    scenario = Scenario(out, kind_name, family, store, root_cause)
    scenario.write_weights()
    scenario.file("config.json", edit(json.dumps(scenario.config, indent=2)))
    scenario.answer()


@kind(["distilbert", "gpt2", "llama", "vit"])
def config_comma(out, family, store):
    broken_config(out, "config_comma", family, store, lambda text: re.sub(r"\n}\s*$", ",\n}", text))


@kind(["distilbert", "roberta", "llama", "t5"])
def config_cut(out, family, store):
    broken_config(out, "config_cut", family, store, lambda text: text[:len(text) // 2])


@kind(["bert", "gpt2", "vit"])
def config_python(out, family, store):
    broken_config(out, "config_python", family, store, lambda text: str(json.loads(text)))


@kind(["bert", "llama"])
def config_comment(out, family, store):
    broken_config(out, "config_comment", family, store, lambda text: text.replace("{\n", "{\n  // sizes of the small model\n", 1))


@kind(["distilbert", "gpt2", "vit"])
def config_pointer(out, family, store):
    broken_config(out, "config_pointer", family, store, lambda _: "version https://git-lfs.github.com/spec/v1\noid sha256:" + "ab" * 32 + "\nsize 1234\n", "git-lfs-pointer")


@kind(["roberta", "llama"])
def config_html(out, family, store):
    broken_config(out, "config_html", family, store, lambda _: "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>", "html-page")


@kind(["distilbert", "gpt2", "llama", "vit", "t5"])
def config_yaml(out, family, store):
    scenario = Scenario(out, "config_yaml", family, store, "config-format")
    scenario.write_weights()
    fields = {**FAMILIES[family].config, "model_type": family, "architectures": scenario.config["architectures"]}
    scenario.file("config.yaml", "".join(f"{key}: {json.dumps(value)}\n" for key, value in fields.items()))
    scenario.answer()


@kind(["distilbert", "gpt2", "llama", "vit"])
def config_yaml_depth(out, family, store):
    scenario = Scenario(out, "config_yaml_depth", family, store, "num-hidden-layers")
    scenario.write_weights()
    fields = {**FAMILIES[family].config, "model_type": family, "architectures": scenario.config["architectures"], FAMILIES[family].fields[1]: 5}
    scenario.file("model.yml", "model:\n" + "".join(f"  {key}: {json.dumps(value)}\n" for key, value in fields.items()) + "train:\n  lr: 0.001\n")
    scenario.answer()


@kind(["distilbert", "gpt2", "llama", "vit"])
def newer_version(out, family, store):
    scenario = Scenario(out, "newer_version", family, store, "transformers-version")
    scenario.config["transformers_version"] = "6.2.1"
    scenario.write()


@kind(["distilbert", "llama", "vit"])
def unknown_type(out, family, store):
    scenario = Scenario(out, "unknown_type", family, store, "unknown-model-type")
    scenario.config["model_type"] = "hyperformer3"
    scenario.config["architectures"] = ["Hyperformer3ForCausalLM"]
    scenario.write()


@kind(["bert", "distilbert", "gpt2", "llama", "vit"])
def half_precision(out, family, store):
    scenario = Scenario(out, "half_precision", family, store, "dtype")
    half = torch.float16 if family in ("bert", "gpt2") else torch.bfloat16
    scenario.state = {name: tensor.to(half) if tensor.is_floating_point() else tensor for name, tensor in scenario.state.items()}
    scenario.config["dtype"] = "float32"
    scenario.write()


# --- what the file holds --------------------------------------------------------------------------------------------------------------

@kind(["distilbert", "gpt2", "llama", "vit", "t5"])
def lora(out, family, store):
    scenario = Scenario(out, "lora", family, store, "adapter", FAMILIES[family].lm or FAMILIES[family].base)
    wanted = re.compile(r"(q_lin|v_lin|c_attn|q_proj|v_proj|query|value|SelfAttention\.[qv])\.weight$")
    state = {}
    for name, tensor in scenario.state.items():
        if wanted.search(name):
            stem = "base_model.model." + name.removesuffix(".weight")
            state[stem + ".lora_A.weight"] = torch.randn(3, tensor.shape[1])
            state[stem + ".lora_B.weight"] = torch.zeros(tensor.shape[0], 3)
    scenario.state = state
    scenario.write()
    scenario.file("adapter_config.json", {"peft_type": "LORA", "r": 3, "base_model_name_or_path": "somebody/base"})


@kind(["distilbert", "gpt2", "llama", "vit", "roberta"])
def unmerged_lora(out, family, store):
    scenario = Scenario(out, "unmerged_lora", family, store, "unmerged-adapter", FAMILIES[family].lm or FAMILIES[family].base)
    wanted = re.compile(r"(q_lin|v_lin|c_attn|q_proj|v_proj|query|value)\.(weight|bias)$")
    state = {}
    for name, tensor in scenario.state.items():
        name = "base_model.model." + name
        match = wanted.search(name)
        if match and match[2] == "weight":
            stem = name.removesuffix(".weight")
            state[stem + ".lora_A.default.weight"] = torch.randn(3, tensor.shape[1])
            state[stem + ".lora_B.default.weight"] = torch.zeros(tensor.shape[0], 3)
        state[wanted.sub(r"\1.base_layer.\2", name)] = tensor
    scenario.state = state
    scenario.write()


@kind(["distilbert", "gpt2", "llama", "vit"])
def optimizer_alone(out, family, store):
    scenario = Scenario(out, "optimizer_alone", family, "bin", "optimizer-state")
    scenario.write_config()
    key = "exp_avg" if family != "vit" else "momentum_buffer"
    moments = {i: {"step": torch.tensor(5.0), key: torch.randn_like(tensor.float())} for i, tensor in enumerate(scenario.state.values())}
    torch.save({"state": moments, "param_groups": [{"lr": 1e-4, "params": list(moments)}]}, scenario.folder / "pytorch_model.bin", _use_new_zipfile_serialization=store != "legacy-bin")
    scenario.answer()


@kind(["distilbert", "gpt2", "llama", "vit", "t5"])
def zero3(out, family, store):
    scenario = Scenario(out, "zero3", family, store, "deepspeed-zero3", FAMILIES[family].lm or FAMILIES[family].base)
    scenario.state = {name: torch.zeros(0) if tensor.dim() == 2 else tensor for name, tensor in scenario.state.items()}
    scenario.write()


def quantized(out, kind_name, family, store, quantize, class_name=None):
    scenario = Scenario(out, kind_name, family, store, "quantization-config-missing", class_name or FAMILIES[family].lm)
    linear = re.compile(r"\.(layers|h|block|layer)\.\d+\..*(proj|fc\d|lin\d?|dense|query|key|value|\.[qkvo]|w[io])\.weight$")
    state = {}
    for name, tensor in scenario.state.items():
        if linear.search(name) and tensor.dim() == 2:
            state.update({name.removesuffix("weight") + key if not key.startswith("weight") else name.removesuffix("weight") + key: value for key, value in quantize(tensor).items()})
        else:
            state[name] = tensor
    scenario.state = state
    scenario.write()


def integers(*shape):
    return torch.randint(0, 100, shape, dtype=torch.int32)


@kind(["llama", "qwen2", "opt"])
def quantized_gptq(out, family, store):
    quantized(out, "quantized_gptq", family, store, lambda w: {"qweight": integers(w.shape[1] // 8, w.shape[0]), "qzeros": integers(1, w.shape[0] // 8 + 1), "scales": torch.rand(1, w.shape[0]).half(),
                                                               "g_idx": torch.zeros(w.shape[1], dtype=torch.int32)})


@kind(["llama", "qwen2"])
def quantized_awq(out, family, store):
    quantized(out, "quantized_awq", family, store, lambda w: {"qweight": integers(w.shape[1], w.shape[0] // 8 + 1), "qzeros": integers(1, w.shape[0] // 8 + 1), "scales": torch.rand(1, w.shape[0]).half()})


@kind(["llama", "bert", "t5"])
def quantized_bnb4(out, family, store):
    quantized(out, "quantized_bnb4", family, store, lambda w: {"weight": torch.randint(0, 255, (w.numel() // 2, 1), dtype=torch.uint8), "weight.absmax": torch.rand(9), "weight.quant_map": torch.rand(16),
                                                               "weight.quant_state.bitsandbytes__nf4": torch.randint(0, 255, (80,), dtype=torch.uint8)})


@kind(["llama", "opt"])
def quantized_bnb8(out, family, store):
    quantized(out, "quantized_bnb8", family, store, lambda w: {"weight": w.to(torch.int8), "SCB": torch.rand(w.shape[0])})


@kind(["llama", "qwen2"])
def quantized_fp8(out, family, store):
    quantized(out, "quantized_fp8", family, "safetensors", lambda w: {"weight": w.to(torch.float8_e4m3fn), "weight_scale_inv": torch.rand(1, 1)})


@kind(["bert", "llama", "gpt2", "vit"])
def whole_module(out, family, store):
    """model itself was pickled: classes of a package that is not installed here."""
    scenario = Scenario(out, "whole_module", family, "bin", "whole-module-pickle")
    scenario.write_config()

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.out = torch.nn.Embedding(11, 8), torch.nn.Linear(8, 3)
    Net.__module__, Net.__qualname__ = f"project_{family}.models", "Net"
    package, module = (type(sys)(name) for name in (f"project_{family}", f"project_{family}.models"))
    module.Net = Net
    sys.modules.update({package.__name__: package, module.__name__: module})
    torch.save(Net(), scenario.folder / "pytorch_model.bin", _use_new_zipfile_serialization=store != "legacy-bin")
    scenario.answer()


# --- damaged files --------------------------------------------------------------------------------------------------------------------

@kind(stores=["safetensors", "bin", "sharded-safetensors", "sharded-bin", "legacy-bin"])
def truncated(out, family, store):
    scenario = Scenario(out, "truncated", family, store, "truncated").write()
    path = scenario.weights()
    data = path.read_bytes()
    path.write_bytes(data[:int(len(data) * random.Random(family).uniform(0.35, 0.9))])


@kind(["bert", "gpt2", "vit", "llama"], ["safetensors", "sharded-safetensors"])
def truncated_header(out, family, store):
    scenario = Scenario(out, "truncated_header", family, store, "truncated").write()
    path = scenario.weights()
    path.write_bytes(path.read_bytes()[:300])


@kind(["distilbert", "gpt2", "llama", "vit"], ["bin", "sharded-bin"])
def checksum(out, family, store):
    """A flipped bit in the values of a zip."""
    scenario = Scenario(out, "checksum", family, store, "checksum").write()
    path = scenario.weights()
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        largest = max((entry for entry in archive.infolist() if "/data/" in entry.filename), key=lambda entry: entry.file_size)
    at = largest.header_offset + 30 + len(largest.filename) + 4
    data[at + largest.file_size // 2] ^= 0x10
    path.write_bytes(bytes(data))


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4f" * 32 + b"\nsize 440449768\n"
PAGES = {
    "bert": b"<!DOCTYPE html>\n<html><head><title>Quota exceeded</title></head></html>", "vit": b"<html>\r\n<head><title>502 Bad Gateway</title></head></html>",
    "roberta": b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
}
SENTENCES = {
    "gpt2": b'{"error":"Repository not found"}', "llama": b"Access to model somebody/model is restricted. You must be authenticated to access it.",
    "t5": b"Entry not found", "opt": b"Invalid username or password.",
}


def replaced(out, kind_name, family, store, content, root_cause):
    scenario = Scenario(out, kind_name, family, store, root_cause).write()
    scenario.weights().write_bytes(content)


@kind(["distilbert", "gpt2", "llama", "vit", "t5"])
def lfs_pointer(out, family, store):
    replaced(out, "lfs_pointer", family, store, POINTER, "git-lfs-pointer")


@kind(list(PAGES))
def server_page(out, family, store):
    replaced(out, "server_page", family, store, PAGES[family], "html-page")


@kind(list(SENTENCES))
def server_sentence(out, family, store):
    replaced(out, "server_sentence", family, store, SENTENCES[family], "not-a-checkpoint")


@kind(["bert", "gpt2", "llama"])
def empty_file(out, family, store):
    replaced(out, "empty_file", family, store, b"", "empty")


# --- shards ---------------------------------------------------------------------------------------------------------------------------

SHARDED = ["sharded-safetensors", "sharded-bin"]


@kind(["distilbert", "gpt2", "llama", "vit", "t5", "roberta"], SHARDED)
def shard_missing(out, family, store):
    scenario = Scenario(out, "shard_missing", family, store, "missing-shard").write()
    scenario.shards()[1].unlink()


@kind(["distilbert", "gpt2", "llama", "vit"], SHARDED)
def shard_unlisted(out, family, store):
    scenario = Scenario(out, "shard_unlisted", family, store, "inconsistent-index").write()
    path = next(scenario.folder.glob("*.index.json"))
    index = json.loads(path.read_text())
    del index["weight_map"][sorted(index["weight_map"])[3]]
    index["metadata"]["total_size"] -= 512
    path.write_text(json.dumps(index))


@kind(["distilbert", "gpt2", "llama", "vit"], SHARDED)
def shard_other_revision(out, family, store):
    """One shard was taken from a model with another intermediate size (or hidden size)."""
    scenario = Scenario(out, "shard_other_revision", family, store, "shard-revision").write()
    fields = FAMILIES[family].fields
    changes = {fields[2]: 64} if fields[2] else {fields[0]: 48}
    other = build(family, scenario.class_name, **changes)[0]
    shard = scenario.shards()[1]
    index = json.loads(next(scenario.folder.glob("*.index.json")).read_text())["weight_map"]
    state = {name: other[name].contiguous() for name, file in index.items() if file == shard.name}
    if store == "sharded-bin":
        torch.save(state, shard)
    else:
        save_file(state, shard, {"format": "pt"})


# --- formats under other names --------------------------------------------------------------------------------------------------------

def misnamed(out, kind_name, family, write, name, root_cause="wrong-format-for-extension"):
    scenario = Scenario(out, kind_name, family, "safetensors", root_cause)
    scenario.write_config()
    write(scenario.state, scenario.folder / name)
    scenario.answer()


@kind(["distilbert", "gpt2", "llama", "vit"])
def named_bin(out, family, store):
    misnamed(out, "named_bin", family, lambda state, path: save_file(state, path, {"format": "pt"}), "pytorch_model.bin")


@kind(["distilbert", "gpt2", "llama", "vit"])
def named_safetensors(out, family, store):
    misnamed(out, "named_safetensors", family, lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=store != "legacy-bin"), "model.safetensors")


@kind(["bert", "gpt2", "llama"])
def named_h5(out, family, store):
    misnamed(out, "named_h5", family, lambda state, path: torch.save(state, path), "model.h5")


@kind(["bert", "gpt2", "vit"])
def gzipped(out, family, store):
    def write(state, path):
        data = io.BytesIO()
        torch.save(state, data)
        path.write_bytes(gzip.compress(data.getvalue()))
    misnamed(out, "gzipped", family, write, "pytorch_model.bin")


@kind(["bert", "gpt2"])
def npz_named_safetensors(out, family, store):
    misnamed(out, "npz_named_safetensors", family, lambda state, path: path.write_bytes(npz(state)), "model.safetensors")


def npz(state):
    data = io.BytesIO()
    numpy.savez(data, **{name: tensor.numpy() for name, tensor in state.items()})
    return data.getvalue()


@kind(["bert", "gpt2", "llama", "vit"])
def named_tf(out, family, store):
    scenario = Scenario(out, "named_tf", family, "bin", "wrong-format")
    name = {"bert": "bert_model.ckpt", "gpt2": "model.ckpt-1000", "llama": "my_model.ckpt", "vit": "model.ckpt-5"}[family]
    torch.save(scenario.state, scenario.folder / name)
    scenario.answer()


# --- tokenizer and input --------------------------------------------------------------------------------------------------------------

def words(count, capital):
    generator = random.Random(count)
    out = []
    for i in range(count):
        word = "".join(generator.choice("abcdefghijklmnoprstuvw") for _ in range(5))
        out.append(word.capitalize() if capital and i % 2 else word)
    return out


@kind(["bert", "distilbert", "electra"])
def tokenizer_vocab(out, family, store):
    scenario = Scenario(out, "tokenizer_vocab", family, store, "tokenizer-larger-than-embedding").write()
    scenario.file("vocab.txt", "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words(90, False)]) + "\n")


@kind(["gpt2", "roberta", "llama", "qwen2", "t5"])
def tokenizer_json(out, family, store):
    scenario = Scenario(out, "tokenizer_json", family, store, "tokenizer-larger-than-embedding", FAMILIES[family].lm).write()
    tokens = words(80, False)
    model = {"type": "Unigram", "unk_id": 0, "vocab": [[token, -1.0] for token in tokens]} if family == "t5" else {"type": "BPE", "vocab": {token: i for i, token in enumerate(tokens)}, "merges": []}
    scenario.file("tokenizer.json", {"version": "1.0", "added_tokens": [{"id": 80 + i, "content": f"<extra_{i}>", "special": True} for i in range(9)], "model": model})


@kind(["bert", "distilbert", "electra"])
def cased_lowered(out, family, store):
    scenario = Scenario(out, "cased_lowered", family, store, "do-lower-case").write()
    scenario.file("vocab.txt", "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words(70, True)]) + "\n")
    scenario.file("tokenizer_config.json", {"do_lower_case": True, "tokenizer_class": "BertTokenizer"})


@kind(["bert", "distilbert"])
def uncased_kept(out, family, store):
    scenario = Scenario(out, "uncased_kept", family, store, "do-lower-case").write()
    scenario.file("vocab.txt", "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words(70, False)]) + "\n")
    scenario.file("tokenizer_config.json", {"do_lower_case": False})


@kind(["vit"])
def input_bytes(out, family, store):
    input_as(out, "input_bytes", family, store, lambda x: x)


@kind(["vit"])
def input_scaled(out, family, store):
    input_as(out, "input_scaled", family, store, lambda x: x / 255)


def input_as(out, kind_name, family, store, edit):
    scenario = Scenario(out, kind_name, family, store, "input-not-normalized").write()
    scenario.file("preprocessor_config.json", {"do_resize": True, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
                                               "image_processor_type": "ViTImageProcessor"})
    pixels = numpy.random.default_rng(3).integers(0, 256, (1, 3, 32, 32)).astype("float32")
    numpy.save(scenario.folder / "pixel_values.npy", edit(pixels))


# --- values ---------------------------------------------------------------------------------------------------------------------------

@kind(["bert", "gpt2", "llama", "vit"])
def nan_values(out, family, store):
    scenario = Scenario(out, "nan_values", family, store, "nan-or-inf")
    name = [name for name, tensor in scenario.state.items() if tensor.dim() == 2][3]
    scenario.state[name][2, 3] = float("nan")
    scenario.write()


@kind(["bert", "gpt2", "llama", "vit"])
def zero_values(out, family, store):
    scenario = Scenario(out, "zero_values", family, store, "all-zero")
    scenario.state = {name: torch.zeros_like(tensor) if tensor.dim() > 1 else tensor for name, tensor in scenario.state.items()}
    scenario.write()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, nargs="?")
    parser.add_argument("--kind", default="", help="a regular expression for the kinds")
    parser.add_argument("--family", default="", help="a regular expression for the families")
    parser.add_argument("--score", type=pathlib.Path, help="weighbridge-cli, to check them with")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    with tempfile.TemporaryDirectory() as temporary:
        out = arguments.out or pathlib.Path(temporary)
        make(out, arguments)
        if arguments.score:
            subprocess.run([sys.executable, pathlib.Path(__file__).with_name("score_scenarios.py"), out, "--cli", arguments.score], check=True)


def make(out, arguments):
    count = 0
    for number, (name, (function, families, stores)) in enumerate(KINDS.items()):
        for turn, family in enumerate(families or FAMILIES):
            if not re.search(arguments.kind, name) or not re.search(arguments.family, family):
                continue
            choices = stores or STORES
            function(out, family, choices[(number + turn) % len(choices)])
            count += 1
    print(f"{count} scenarios of {len(KINDS)} kinds", flush=True)


if __name__ == "__main__":
    main()
