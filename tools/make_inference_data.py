#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tiny models with random weights and what transformers computes with them: the data of tst_run.

    make_inference_data.py OUT

Needs torch and transformers. Weights are stored as F16 values of a wide spread, so that every term of the sums matters.
"""
import json
import pathlib
import sys

import torch
import transformers

SMALL = dict(vocab_size=60, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=24)
DISTIL = dict(vocab_size=60, dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=24)
GPT2 = dict(vocab_size=60, n_embd=8, n_layer=2, n_head=2, n_positions=24, bos_token_id=0, eos_token_id=0)
LLAMA = dict(SMALL, num_attention_heads=4, num_key_value_heads=2, bos_token_id=1, eos_token_id=2)
ROBERTA = dict(SMALL, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2)
ALBERT = dict(SMALL, embedding_size=4, num_hidden_layers=3, num_hidden_groups=2, inner_group_num=2)

CASES = [
    ("BertModel", "BertConfig", SMALL), ("BertForMaskedLM", "BertConfig", SMALL), ("BertForPreTraining", "BertConfig", dict(SMALL, hidden_act="relu")),
    ("BertForSequenceClassification", "BertConfig", dict(SMALL, num_labels=3)), ("BertForTokenClassification", "BertConfig", dict(SMALL, num_labels=3)),
    ("BertForQuestionAnswering", "BertConfig", SMALL), ("BertForNextSentencePrediction", "BertConfig", SMALL),
    ("RobertaModel", "RobertaConfig", ROBERTA), ("RobertaForMaskedLM", "RobertaConfig", ROBERTA), ("RobertaForSequenceClassification", "RobertaConfig", ROBERTA),
    ("XLMRobertaForTokenClassification", "XLMRobertaConfig", ROBERTA), ("CamembertForMaskedLM", "CamembertConfig", ROBERTA),
    ("ElectraModel", "ElectraConfig", dict(SMALL, embedding_size=4)), ("ElectraForMaskedLM", "ElectraConfig", dict(SMALL, embedding_size=4)),
    ("ElectraForPreTraining", "ElectraConfig", dict(SMALL, embedding_size=8)), ("ElectraForSequenceClassification", "ElectraConfig", dict(SMALL, embedding_size=4)),
    ("DistilBertModel", "DistilBertConfig", DISTIL), ("DistilBertForMaskedLM", "DistilBertConfig", DISTIL), ("DistilBertForSequenceClassification", "DistilBertConfig", DISTIL),
    ("DistilBertForQuestionAnswering", "DistilBertConfig", DISTIL),
    ("AlbertModel", "AlbertConfig", ALBERT), ("AlbertForMaskedLM", "AlbertConfig", ALBERT), ("AlbertForSequenceClassification", "AlbertConfig", ALBERT),
    ("MPNetModel", "MPNetConfig", ROBERTA), ("MPNetForMaskedLM", "MPNetConfig", ROBERTA),
    ("MPNetForSequenceClassification", "MPNetConfig", ROBERTA),
    ("GPT2Model", "GPT2Config", GPT2), ("GPT2LMHeadModel", "GPT2Config", dict(GPT2, scale_attn_by_inverse_layer_idx=True)),
    ("LlamaForCausalLM", "LlamaConfig", LLAMA), ("LlamaModel", "LlamaConfig", dict(LLAMA, attention_bias=True, rope_parameters={"rope_type": "linear", "factor": 2.0, "rope_theta": 5000.0})),
    ("MistralForCausalLM", "MistralConfig", dict(LLAMA, sliding_window=4)), ("Qwen2ForCausalLM", "Qwen2Config", dict(LLAMA, tie_word_embeddings=True)),
    ("Qwen3ForCausalLM", "Qwen3Config", dict(LLAMA, head_dim=4)),
]


def outputs(model, ids, types):
    arguments = {"input_ids": torch.tensor([ids])}
    if getattr(model.config, "type_vocab_size", 0) > 1 and model.config.model_type != "distilbert":
        arguments["token_type_ids"] = torch.tensor([types])
    with torch.no_grad():
        result = model(**arguments)
    wanted = ["last_hidden_state", "pooler_output", "logits", "prediction_logits", "seq_relationship_logits", "start_logits", "end_logits"]
    return {key: result[key] for key in wanted if key in result and result[key] is not None}


def make(out, class_name, config_class, fields):
    torch.manual_seed(len(class_name) * 1000 + fields["vocab_size"])
    config = getattr(transformers, config_class)(**fields, attn_implementation="eager")
    model = getattr(transformers, class_name)(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            centre = 1.0 if "norm" in name.lower() and name.endswith("weight") or ".ln_" in name and name.endswith("weight") else 0.0
            parameter.copy_((torch.randn_like(parameter) * 0.25 + centre).half().float())
    ids = [0, 7, 31, 5, 58, 12, 44, 3, 19, 2]
    types = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
    expected = outputs(model, ids, types)
    folder = out / class_name
    model.half().save_pretrained(folder)
    for spare in folder.glob("generation_config.json"):
        spare.unlink()
    config = json.loads((folder / "config.json").read_text())
    config["dtype"] = "float16"
    (folder / "config.json").write_text(json.dumps(config, separators=(",", ":")))
    (folder / "input.json").write_text(json.dumps({"input_ids": ids, "token_type_ids": types}))
    rounded = {key: {"shape": list(value.shape), "values": [float(f"{v:.7g}") for v in value.flatten().tolist()]} for key, value in expected.items()}
    (folder / "expected.json").write_text(json.dumps(rounded, separators=(",", ":")))


def main():
    out = pathlib.Path(sys.argv[1])
    for case in CASES:
        make(out, *case)


if __name__ == "__main__":
    main()
