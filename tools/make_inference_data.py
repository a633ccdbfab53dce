#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tiny models with random weights and what transformers computes with them: the data of tst_run.

    make_inference_data.py OUT [CLASS...]

Needs torch, transformers and Pillow. Weights are stored as F16 values of a wide spread, so that every term of the sums matters.
"""
import copy
import json
import pathlib
import sys

import numpy
import PIL.Image
import torch
import transformers

SMALL = dict(vocab_size=60, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=24)
DISTIL = dict(vocab_size=60, dim=8, n_layers=2, n_heads=2, hidden_dim=12, max_position_embeddings=24)
GPT2 = dict(vocab_size=60, n_embd=8, n_layer=2, n_head=2, n_positions=24, bos_token_id=0, eos_token_id=0)
LLAMA = dict(SMALL, num_attention_heads=4, num_key_value_heads=2, bos_token_id=1, eos_token_id=2)
ROBERTA = dict(SMALL, type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2)
ALBERT = dict(SMALL, embedding_size=4, num_hidden_layers=3, num_hidden_groups=2, inner_group_num=2)
OPT = dict(SMALL, ffn_dim=12, word_embed_proj_dim=8, bos_token_id=2, eos_token_id=2)
OPT.pop("intermediate_size")
NEOX = dict(SMALL, bos_token_id=0, eos_token_id=0)
GEMMA = dict(LLAMA, head_dim=4)
PHI3 = dict(LLAMA, pad_token_id=0, sliding_window=5)
LONGROPE = {"rope_type": "longrope", "rope_theta": 10000.0, "short_factor": [1.25], "long_factor": [2.0], "original_max_position_embeddings": 12}
LLAMA3 = {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
T5 = dict(vocab_size=60, d_model=8, d_kv=4, d_ff=12, num_layers=2, num_decoder_layers=3, num_heads=2, relative_attention_num_buckets=8, relative_attention_max_distance=9, decoder_start_token_id=0)
BART = dict(vocab_size=60, d_model=8, encoder_layers=2, decoder_layers=3, encoder_attention_heads=2, decoder_attention_heads=4, encoder_ffn_dim=12, decoder_ffn_dim=10, max_position_embeddings=24,
            bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2)
DEBERTA = dict(SMALL, type_vocab_size=0, relative_attention=True, position_buckets=4, norm_rel_ebd="layer_norm", share_att_key=True, pos_att_type=["p2c", "c2p"], position_biased_input=False, pad_token_id=0)
VIT = dict(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, image_size=16, patch_size=8)
RESNET = dict(embedding_size=4, hidden_sizes=[8, 12], depths=[2, 1])
CONVNEXT = dict(hidden_sizes=[4, 6], depths=[1, 2], num_stages=2, patch_size=4)
CLIP_TEXT = dict(SMALL, bos_token_id=0, eos_token_id=2, projection_dim=6)
CLIP_VISION = dict(VIT, projection_dim=6)
CLIP = dict(text_config=CLIP_TEXT, vision_config=CLIP_VISION, projection_dim=6)

# How an image becomes the model's input: the class, and its fields.
VIT_IMAGES = ("ViTImageProcessor", dict(size={"height": 16, "width": 16}))
DEIT_IMAGES = ("DeiTImageProcessor", dict(size={"height": 20, "width": 20}, crop_size={"height": 16, "width": 16}))
CONVNEXT_IMAGES = ("ConvNextImageProcessor", dict(size={"shortest_edge": 24}, crop_pct=0.875, resample=2))
RESNET_IMAGES = ("ConvNextImageProcessor", dict(size={"shortest_edge": 30}))
CLIP_IMAGES = ("CLIPImageProcessor", dict(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}))

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
    ("Qwen3ForCausalLM", "Qwen3Config", dict(LLAMA, head_dim=4)), ("LlamaForSequenceClassification", "LlamaConfig", dict(LLAMA, rope_parameters=LLAMA3, num_labels=3)),
    ("GPT2ForSequenceClassification", "GPT2Config", dict(GPT2, num_labels=3)),
    ("OPTForCausalLM", "OPTConfig", OPT), ("OPTModel", "OPTConfig", dict(OPT, word_embed_proj_dim=4, do_layer_norm_before=False)),
    ("GPTNeoXForCausalLM", "GPTNeoXConfig", dict(NEOX, rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "partial_rotary_factor": 0.5})),
    ("GPTNeoXModel", "GPTNeoXConfig", dict(NEOX, use_parallel_residual=False)),
    ("GemmaForCausalLM", "GemmaConfig", GEMMA), ("Gemma2ForCausalLM", "Gemma2Config", dict(GEMMA, sliding_window=4, query_pre_attn_scalar=6, attn_logit_softcapping=2.0, final_logit_softcapping=1.5)),
    ("Phi3ForCausalLM", "Phi3Config", PHI3), ("Phi3Model", "Phi3Config", dict(PHI3, sliding_window=None, num_attention_heads=4, rope_parameters=LONGROPE)),
    ("T5ForConditionalGeneration", "T5Config", T5), ("T5Model", "T5Config", dict(T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False)), ("T5EncoderModel", "T5Config", T5),
    ("BartForConditionalGeneration", "BartConfig", BART), ("BartModel", "BartConfig", dict(BART, scale_embedding=True)), ("BartForSequenceClassification", "BartConfig", BART),
    ("DebertaV2ForMaskedLM", "DebertaV2Config", DEBERTA), ("DebertaV2ForSequenceClassification", "DebertaV2Config", dict(DEBERTA, type_vocab_size=2, conv_kernel_size=3, conv_act="gelu", num_labels=3)),
    ("DebertaV2ForQuestionAnswering", "DebertaV2Config", dict(DEBERTA, share_att_key=False, position_buckets=-1, max_relative_positions=6)),
    ("DebertaV2Model", "DebertaV2Config", dict(DEBERTA, position_biased_input=True, relative_attention=False, norm_rel_ebd="none", pos_att_type=[])),
    ("ViTForImageClassification", "ViTConfig", VIT, VIT_IMAGES), ("ViTModel", "ViTConfig", VIT, VIT_IMAGES),
    ("DeiTForImageClassification", "DeiTConfig", VIT, DEIT_IMAGES), ("DeiTForImageClassificationWithTeacher", "DeiTConfig", VIT, DEIT_IMAGES), ("DeiTModel", "DeiTConfig", VIT, DEIT_IMAGES),
    ("ResNetForImageClassification", "ResNetConfig", RESNET, RESNET_IMAGES), ("ResNetModel", "ResNetConfig", dict(RESNET, layer_type="basic", downsample_in_first_stage=True), RESNET_IMAGES),
    ("ConvNextForImageClassification", "ConvNextConfig", CONVNEXT, CONVNEXT_IMAGES), ("ConvNextModel", "ConvNextConfig", CONVNEXT, CONVNEXT_IMAGES),
    ("CLIPModel", "CLIPConfig", CLIP, CLIP_IMAGES), ("CLIPTextModel", "CLIPTextConfig", CLIP_TEXT), ("CLIPVisionModel", "CLIPVisionConfig", CLIP_VISION, CLIP_IMAGES),
]

QUANTIZED = ["BertForMaskedLM", "LlamaForCausalLM", "ViTForImageClassification"]  # what PyTorch's dynamic quantization makes of them is kept too

IDS = [0, 7, 31, 5, 58, 12, 44, 3, 19, 2]
TYPES = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
TEXTS = [[0, 7, 31, 5, 58, 2], [0, 44, 3, 2]]  # what CLIP compares the image with


def write_image(out):
    """A picture with slopes and noise, neither square nor a multiple of anything."""
    random = numpy.random.default_rng(1)
    rows, columns = numpy.mgrid[0:35, 0:46]
    slopes = numpy.stack([rows * 7, columns * 5, 255 - rows * 3 - columns * 2], axis=-1)
    PIL.Image.fromarray(numpy.clip(slopes + random.normal(0, 30, slopes.shape), 0, 255).astype(numpy.uint8)).save(out / "image.png")


def image_processor(name, fields):
    # without torchvision the classes that stand on Pillow carry another name
    return getattr(transformers, name + "Pil", None) or getattr(transformers, name), fields


def inputs(model, folder, images):
    """The call's arguments, and the request that says the same to the worker."""
    request, arguments = {}, {}
    if images:
        processor_class, fields = image_processor(*images)
        processor = processor_class(**fields)
        processor.save_pretrained(folder)
        request["image"] = "image.png"
        arguments["pixel_values"] = processor(images=PIL.Image.open(folder.parent / "image.png"), return_tensors="pt")["pixel_values"]
    if model.config.model_type == "clip":
        request["texts_input_ids"] = TEXTS
        longest = max(len(text) for text in TEXTS)
        arguments["input_ids"] = torch.tensor([text + [2] * (longest - len(text)) for text in TEXTS])
        arguments["attention_mask"] = torch.tensor([[1] * len(text) + [0] * (longest - len(text)) for text in TEXTS])
    elif not images:
        request["input_ids"], request["token_type_ids"] = IDS, TYPES
        arguments["input_ids"] = torch.tensor([IDS])
        if getattr(model.config, "type_vocab_size", 0) > 1 and model.config.model_type != "distilbert":
            arguments["token_type_ids"] = torch.tensor([TYPES])
        if model.config.is_encoder_decoder and (model.config.model_type == "t5" or "Generation" in type(model).__name__):
            start = [model.config.decoder_start_token_id, 9, 33, 4]
            request["decoder_input_ids"] = start
            arguments["decoder_input_ids"] = torch.tensor([start])
    return arguments, request


def outputs(model, arguments):
    with torch.no_grad():
        result = model(**arguments)
    wanted = ["last_hidden_state", "pooler_output", "logits", "prediction_logits", "seq_relationship_logits", "start_logits", "end_logits", "encoder_last_hidden_state",
              "cls_logits", "distillation_logits", "logits_per_image", "text_embeds", "image_embeds"]
    return {key: result[key] for key in wanted if key in result and result[key] is not None}


def spread(model):
    """Values of a wide spread that F16 holds: every term of the sums matters."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            is_scale = ("norm" in name.lower() or ".ln_" in name) and name.endswith("weight")
            parameter.copy_((torch.randn_like(parameter) * 0.25 + (1.0 if is_scale else 0.0)).half().float())
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_((torch.randn_like(buffer) * 0.25).half().float())
            if name.endswith("running_var"):
                buffer.copy_((torch.rand_like(buffer) + 0.5).half().float())


def listed(outputs_):
    return {key: {"shape": list(value.shape), "values": [float(f"{v:.7g}") for v in value.flatten().tolist()]} for key, value in outputs_.items()}


def write_json(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")))


def make(out, class_name, config_class, fields, images=None):
    torch.manual_seed(len(class_name) * 1000 + fields.get("vocab_size", 0))
    config = getattr(transformers, config_class)(**fields, attn_implementation="eager")
    model = getattr(transformers, class_name)(config).eval()
    spread(model)
    folder = out / class_name
    folder.mkdir(exist_ok=True)
    arguments, request = inputs(model, folder, images)
    write_json(folder / "expected.json", listed(outputs(model, arguments)))
    if class_name in QUANTIZED:
        quantized = torch.ao.quantization.quantize_dynamic(copy.deepcopy(model), {torch.nn.Linear}, dtype=torch.qint8)
        write_json(folder / "expected_int8.json", listed(outputs(quantized, arguments)))
    model.half().save_pretrained(folder)
    for spare in folder.glob("generation_config.json"):
        spare.unlink()
    config = json.loads((folder / "config.json").read_text())
    config["dtype"] = "float16"
    write_json(folder / "config.json", config)
    (folder / "input.json").write_text(json.dumps(request))


def main():
    out = pathlib.Path(sys.argv[1])
    write_image(out)
    for case in CASES:
        if len(sys.argv) < 3 or case[0] in sys.argv[2:]:
            make(out, *case)


if __name__ == "__main__":
    main()
