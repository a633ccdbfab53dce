#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes texts of the world, small tokenizers of each kind and the ids that the `tokenizers` library gives: the data of tst_tokenizer.

    make_tokenizer_data.py OUT [--lines 120] [--tokenizer FOLDER]...

Needs tokenizers, and sentencepiece and transformers for the kinds that come as sentencepiece models: the ids of BPE are those of sentencepiece itself, those of Unigram
what transformers makes of the model, whose normalizer goes over graphemes and so differs from sentencepiece's for some combining marks. With --lines 10000 and WEIGHBRIDGE_TOKENIZER_DATA=OUT the same test compares ten thousand lines per kind.
"""
import argparse
import io
import json
import pathlib
import random
import shutil

import sentencepiece
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

RANGES = [(0x20, 0x7E), (0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x4FF), (0x531, 0x587), (0x5D0, 0x5EA), (0x620, 0x64A), (0x904, 0x939), (0x985, 0x9B9),
          (0xB85, 0xBB9), (0xE01, 0xE3A), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1E00, 0x1EFF), (0x3041, 0x30FF), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0xFF01, 0xFF5E),
          (0x2000, 0x206F), (0x2070, 0x209C), (0x2100, 0x214F), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x1F300, 0x1F64F), (0x1F680, 0x1F6C5), (0x1D400, 0x1D454), (0x10330, 0x1034A)]
MARKS = [0x300, 0x301, 0x308, 0x30A, 0x327, 0x338, 0x5B0, 0x64E, 0x94D, 0x93F, 0xE31, 0x20E3, 0xFE0F, 0x200D, 0x1F3FD]
CONTROLS = [0x0, 0x1, 0x7, 0x9, 0xA, 0xB, 0xD, 0x1B, 0x7F, 0x85, 0x9F, 0xAD, 0x180E, 0x200B, 0x2028, 0xFEFF, 0xFFFD, 0xE000]
WORDS = """the of and to in is that it was for on are as with his they at be this from have or by one had not but what all were when we there can an your which
their said if do will each about how up out them then she many some so these would other into has more her two like him see time could no make than first been its who now
people my made over did down only way find use may water long little very after words called just where most know I'll you're it's don't we've he'd 3.14 2,000 1st x86_64
Straße naïve café coöperate Œuvre Ünïcödé İstanbul ΟΔΥΣΣΕΥΣ Привет мир ёлка Здравствуйте שלום עולם مرحبا بالعالم नमस्ते दुनिया বাংলা தமிழ் สวัสดีชาวโลก 你好世界 中文字符 日本語のテキスト 안녕하세요
ﬁne ½ ㎏ Ⅷ ① ｆｕｌｌｗｉｄｔｈ e\u0301 A\u030A o\u0308\u0323 👩‍👩‍👧‍👦 👍🏽 🇩🇪 ❤️ [MASK] [SEP] <mask> </s> <unk> <|endoftext|> <extra_id_0> __init__ http://a.b/c?d=e#f a@b.cd C++ #!/bin/sh
don’t “quoted” – — … € £ ¥ © ® ™ § ° µ × ÷ ≠ ≤ ∞ → ∑ <0x0A> ▁ ▁▁ ## ##ing Ġ""".split()


def line(random_):
    kind = random_.random()
    if kind < 0.55:
        text = random_.choice([" ", " ", " ", "  ", "", "\t", "\u00a0", "\u3000"]).join(random_.choices(WORDS, k=random_.randint(1, 14)))
    elif kind < 0.8:
        text = "".join(chr(random_.randint(*random_.choice(RANGES))) for _ in range(random_.randint(1, 24)))
    elif kind < 0.9:
        low, high = random_.choice(RANGES)
        text = "".join(chr(random_.randint(low, high)) + (chr(random_.choice(MARKS)) if random_.random() < 0.3 else "") for _ in range(random_.randint(1, 16)))
    elif kind < 0.97:
        text = "".join(random_.choice([chr(random_.choice(CONTROLS)), random_.choice(WORDS), chr(random_.choice(MARKS)), " "]) for _ in range(random_.randint(1, 12)))
    else:
        text = random_.choice(WORDS) * random_.randint(2, 60)
    return random_.choice(["", "", "", " ", "  "]) + text + random_.choice(["", "", "", " ", "\n"])


def texts(count):
    random_ = random.Random(20260501)
    return ["", " ", "\u2581"] + [line(random_) for _ in range(count - 3)]


def word_piece(lines):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(vocab_size=900, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def word_piece_cased(lines):
    tokenizer = word_piece(lines)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Replace(Regex("[0-9]+"), "0")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)])
    return tokenizer


def byte_level(lines):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=900, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False,
                                                             initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def byte_level_split(lines):
    """As Llama 3 and Qwen2 divide the text."""
    tokenizer = byte_level(lines)
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    return tokenizer


def byte_fallback(lines):
    """As Llama 2."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(vocab_size=1600, special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)], show_progress=False,
                                                             limit_alphabet=150, max_token_length=12))
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = state["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    return tokenizer


def unigram(lines):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(left=False), normalizers.Replace(Regex(" {2,}"), "▁")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(lines, trainers.UnigramTrainer(vocab_size=1200, special_tokens=["<pad>", "</s>", "<unk>", "<extra_id_0>"], unk_token="<unk>", show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


# How the models of T5 and Llama 2 were trained, and what stands around a text.
SENTENCEPIECE = {
    "sentencepiece_unigram": ("t5", "spiece.model", dict(model_type="unigram", vocab_size=1200, pad_id=0, eos_id=1, unk_id=2, bos_id=-1), [], [1]),
    "sentencepiece_bpe": ("llama", "tokenizer.model", dict(model_type="bpe", vocab_size=1800, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
                                                           split_digits=True, allow_whitespace_only_pieces=True, unk_id=0, bos_id=1, eos_id=2, pad_id=-1), [1], []),
}
SPECIAL = ["</s>", "<s>", "<unk>", "<pad>", "<extra_id_"]  # which sentencepiece takes for text, and a tokenizer does not


def write_sentencepiece(folder, lines):
    model_type, name, fields, before, after = SENTENCEPIECE[folder.name]
    written = io.BytesIO()
    training = iter([line_.replace("\n", " ").replace("\0", " ") for line_ in lines[:400] if line_.strip()])
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=training, model_writer=written, minloglevel=2, hard_vocab_limit=False, character_coverage=0.98, **fields)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(written.getvalue())
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    if model_type == "t5":
        fast = transformers.AutoTokenizer.from_pretrained(folder).backend_tokenizer
        encode = lambda text: fast.encode(text, add_special_tokens=False).ids
    else:
        encode = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue()).encode
    plain = [line_ for line_ in lines if not any(special in line_ for special in SPECIAL)]
    (folder / "texts.json").write_text(json.dumps(plain, separators=(",", ":")))
    encoded = [before + encode(line_) + after for line_ in plain]
    (folder / "ids.json").write_text(json.dumps(encoded, separators=(",", ":")))
    pair = before + encode(plain[5]) + after + encode(plain[6]) + after
    (folder / "pair.json").write_text(json.dumps({"ids": pair, "type_ids": [0] * len(pair)}, separators=(",", ":")))


def write(folder, tokenizer, lines):
    encoded = [tokenizer.encode(text).ids for text in lines]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ids.json").write_text(json.dumps(encoded, separators=(",", ":")))
    pair = tokenizer.encode(lines[5], lines[6])
    (folder / "pair.json").write_text(json.dumps({"ids": pair.ids, "type_ids": pair.type_ids}, separators=(",", ":")))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--lines", type=int, default=120)
    parser.add_argument("--tokenizer", action="append", default=[], type=pathlib.Path, help="a folder with a tokenizer.json; further files beside it are copied too")
    arguments = parser.parse_args()
    lines = texts(arguments.lines)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "texts.json").write_text(json.dumps(lines, separators=(",", ":")))
    for make in (word_piece, word_piece_cased, byte_level, byte_level_split, byte_fallback, unigram):
        folder = arguments.out / make.__name__
        tokenizer = make(lines[:400])
        write(folder, tokenizer, lines)
        (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")))
    for name in SENTENCEPIECE:
        write_sentencepiece(arguments.out / name, lines)
    for given in arguments.tokenizer:
        tokenizer = Tokenizer.from_file(str(given / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        write(arguments.out / given.name, tokenizer, lines)
        shutil.copy(given / "tokenizer.json", arguments.out / given.name)


if __name__ == "__main__":
    main()
