#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the bundled sample, a small BERT, as masked language model, and writes the four folders of resources/samples.

    train_sample.py [--resume FOLDER] [--out resources/samples]      (torch and transformers; some minutes on one core)

The text is made by the grammar below: sentences about a small world with facts that can be learned (capitals, opposites,
what follows what) and with agreement of number. So the model's answers can be judged, and the text needs no licence but ours.
"""
import argparse
import collections
import json
import math
import pathlib
import random
import re
import shutil

import torch
from tokenizers import BertWordPieceTokenizer
from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

SEED = 1
LENGTH = 28
BATCH = 32
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

CAPITALS = dict(word.split(":") for word in
                "france:paris italy:rome spain:madrid germany:berlin austria:vienna poland:warsaw greece:athens norway:oslo "
                "finland:helsinki ireland:dublin japan:tokyo egypt:cairo".split())
OPPOSITES = dict(word.split(":") for word in
                 "hot:cold big:small old:new long:short high:low full:empty heavy:light fast:slow open:closed strong:weak".split())
COLOURS = dict(word.split(":") for word in "grass:green snow:white blood:red coal:black gold:yellow smoke:grey wood:brown milk:white".split())
YOUNG = dict(word.split(":") for word in "cow:calf horse:foal sheep:lamb dog:puppy cat:kitten hen:chick goat:kid bear:cub".split())
WORK = {"baker": ("bakes", "bread"), "farmer": ("grows", "wheat"), "driver": ("drives", "lorries"), "writer": ("writes", "books"),
        "painter": ("paints", "pictures"), "mason": ("builds", "walls"), "cook": ("makes", "soup"), "teacher": ("teaches", "children"),
        "tailor": ("sews", "coats"), "miller": ("grinds", "flour"), "fisher": ("catches", "fish"), "doctor": ("heals", "people")}
CYCLES = ["monday tuesday wednesday thursday friday saturday sunday".split(), "spring summer autumn winter".split(),
          "january february march april may june july august september october november december".split()]
NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
THINGS = "lorry bridge box barrel wheel tower house table boat basket stone letter bottle ladder bell".split()
PLURAL = {"lorry": "lorries", "box": "boxes"}
LOADS = "bricks sand apples coal bottles timber wheat stones paper iron".split()
PLACES = "market river station harbour mill village forest field town road".split()
OWNERS = {"king": "his", "queen": "her", "man": "his", "woman": "her", "boy": "his", "girl": "her", "uncle": "his", "aunt": "her"}
KINDS = 2 * [0, 1, 2, 3, 4, 5] + list(range(6, 14))  # sentences with a fact in them come twice as often ...
REVISION = 5 * [0, 1, 2, 3, 4, 5] + list(range(6, 14))  # ... and in the second phase five times
TIMES = ["today", "at night", "in the morning", "every day", "again"]


def plural(noun):
    return PLURAL.get(noun, noun + "s")


def article(noun):
    return "an" if noun[0] in "aeiou" else "a"


def subject(rng):
    """A noun phrase and the forms of `be` and `stand` that agree with it, with a distractor of the other number between."""
    noun, other, many = rng.choice(THINGS), rng.choice(THINGS), rng.random() < 0.5
    head = plural(noun) if many else noun
    if rng.random() < 0.4:
        head += " near the " + (other if many else plural(other))
    return "the " + head, ("are", "stand", "have") if many else ("is", "stands", "has")


def sentence(rng, kinds=KINDS):
    """One sentence of the grammar, lower case, ended by a full stop."""
    pick = lambda table: rng.choice(sorted(table.items()))
    kind = rng.choice(kinds)
    if kind == 0:
        country, city = pick(CAPITALS)
        return rng.choice([f"the capital of {country} is {city} .", f"{city} is the capital of {country} .", f"in {country} we went to {city} , the capital ."])
    if kind == 1:
        word, other = pick(OPPOSITES)
        if rng.random() < 0.5:
            word, other = other, word
        thing = rng.choice(THINGS)
        return rng.choice([f"the opposite of {word} is {other} .", f"the {thing} is not {word} but {other} .", f"if it is not {word} , it is {other} ."])
    if kind == 2:
        thing, colour = pick(COLOURS)
        return rng.choice([f"{thing} is {colour} .", f"the colour of {thing} is {colour} .", f"it is {colour} like {thing} ."])
    if kind == 3:
        animal, child = pick(YOUNG)
        return rng.choice([f"the young of a {animal} is a {child} .", f"a {child} grows up to be a {animal} .", f"the {animal} looks after the {child} ."])
    if kind == 4:
        worker, (verb, what) = pick(WORK)
        return rng.choice([f"the {worker} {verb} {what} {rng.choice(TIMES)} .", f"a {worker} {verb} {what} ."])
    if kind == 5:
        cycle = rng.choice(CYCLES)
        i = rng.randrange(len(cycle))
        after = cycle[(i + 1) % len(cycle)]
        return rng.choice([f"after {cycle[i]} comes {after} .", f"{cycle[i]} comes before {after} ."])
    if kind == 6:
        a = rng.randrange(1, 5)
        b = rng.randrange(1, 5)
        return f"{NUMBERS[a - 1]} and {NUMBERS[b - 1]} make {NUMBERS[a + b - 1]} ."
    if kind == 7:
        i = rng.randrange(len(NUMBERS) - 1)
        return f"{NUMBERS[i + 1]} is more than {NUMBERS[i]} , and {NUMBERS[i]} is less than {NUMBERS[i + 1]} ."
    if kind == 8:
        owner, whose = pick(OWNERS)
        return f"the {owner} {rng.choice(['lost', 'sold', 'found', 'forgot'])} {whose} {rng.choice(THINGS)} {rng.choice(['at', 'near'])} the {rng.choice(PLACES)} ."
    if kind == 9:
        phrase, (be, stand, have) = subject(rng)
        return f"{phrase} {be} {rng.choice(sorted(OPPOSITES))} ." if rng.random() < 0.5 else f"{phrase} {stand} by the {rng.choice(PLACES)} ."
    if kind == 10:
        phrase, (be, stand, have) = subject(rng)
        return f"{phrase} {have} been at the {rng.choice(PLACES)} for {rng.choice(NUMBERS[1:])} days ."
    if kind == 11:
        load = rng.choice(LOADS)
        return rng.choice([f"the lorry carries {load} to the {rng.choice(PLACES)} .", f"the papers say {load} , so the lorry must carry {load} .",
                           f"we weigh the lorry with {load} on the bridge ."])
    if kind == 12:
        thing = rng.choice(THINGS + ["apple", "egg", "owl", "island"])
        return f"there is {article(thing)} {thing} in the {rng.choice(PLACES)} ."
    thing = rng.choice(THINGS)
    first, second = rng.sample(sorted(OWNERS), 2)
    return f"the {first} gave the {thing} to the {second} , and now the {second} has the {thing} ."


def text(rng, kinds):
    return sentence(rng, kinds) if rng.random() < 0.5 else sentence(rng, kinds) + " " + sentence(rng, kinds)


def vocabulary(rng, sentences=20000):
    """Special tokens, each character alone and as a continuation, then every word of the grammar by frequency."""
    counts = collections.Counter(word for _ in range(sentences) for word in sentence(rng).split())
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pieces = list(letters) + ["##" + letter for letter in letters] + list(".,;:!?'()-")
    words = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])) if word not in pieces]
    return SPECIAL + pieces + words


def batch(rng, generator, tokenizer, kinds=KINDS, maskShare=0.25):
    """Token ids, attention mask and labels: masked as in BERT (80 % [MASK], 10 % another token, 10 % unchanged)."""
    encoded = tokenizer([text(rng, kinds) for _ in range(BATCH)], padding="longest", truncation=True, max_length=LENGTH, return_tensors="pt")
    ids, attention = encoded["input_ids"], encoded["attention_mask"]
    special = ids < len(SPECIAL)
    draw = torch.rand(ids.shape, generator=generator)
    chosen = (draw < maskShare) & ~special
    labels = ids.masked_fill(~chosen, -100)
    how = torch.rand(ids.shape, generator=generator)
    other = torch.randint(len(SPECIAL), tokenizer.vocab_size, ids.shape, generator=generator)
    ids = torch.where(chosen & (how < 0.8), tokenizer.mask_token_id, torch.where(chosen & (how >= 0.9), other, ids))
    return ids, attention, labels


@torch.no_grad()
def evaluate(model, tokenizer, seed, batches=40):
    """Loss and share of right predictions on masked tokens of text drawn anew from the same grammar."""
    model.eval()
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    loss = right = count = 0.0
    for _ in range(batches):
        ids, attention, labels = batch(rng, generator, tokenizer)
        out = model(input_ids=ids, attention_mask=attention, labels=labels)
        masked = labels >= 0
        right += (out.logits.argmax(-1) == labels)[masked].sum().item()
        count += masked.sum().item()
        loss += out.loss.item() / batches
    model.train()
    return loss, right / count


@torch.no_grad()
def predict(model, tokenizer, sentence):
    """The most likely word for [MASK] and its probability."""
    model.eval()
    encoded = tokenizer(sentence, return_tensors="pt")
    at = (encoded["input_ids"][0] == tokenizer.mask_token_id).nonzero().item()
    best = model(**encoded).logits[0, at].softmax(-1).max(-1)
    return tokenizer.convert_ids_to_tokens(best.indices.item()), best.values.item()


def facts():
    """Every fact of the grammar as a sentence with one [MASK], and its answer."""
    yield from ((f"the capital of {country} is [MASK] .", city) for country, city in CAPITALS.items())
    yield from ((f"the opposite of {a} is [MASK] .", b) for a, b in OPPOSITES.items())
    yield from ((f"the young of a {animal} is a [MASK] .", child) for animal, child in YOUNG.items())
    yield from ((f"the {worker} {verb} [MASK] every day .", what) for worker, (verb, what) in WORK.items())
    yield from ((f"after {cycle[i]} comes [MASK] .", cycle[(i + 1) % len(cycle)]) for cycle in CYCLES for i in range(len(cycle)))


def train(model, tokenizer, steps, rate, kinds, seed):
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=rate)
    warmup = steps // 20
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * step / steps)))
    model.train()
    for step in range(steps):
        ids, attention, labels = batch(rng, generator, tokenizer, kinds)
        loss = model(input_ids=ids, attention_mask=attention, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 250 == 0:
            print(f"step {step:5d}  loss {loss.item():.3f}", flush=True)


def reinitialise(model, layer):
    """What a loader leaves where the checkpoint has nothing for a layer: the initialiser's values."""
    torch.manual_seed(SEED)
    for module in model.bert.encoder.layer[layer].modules():
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.normal_(module.weight, 0.0, 0.02)
            torch.nn.init.zeros_(module.bias)
        elif isinstance(module, torch.nn.LayerNorm):
            torch.nn.init.ones_(module.weight)
            torch.nn.init.zeros_(module.bias)


def save(folder, model, tokenizer):
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "vocab.txt").write_text("".join(token + "\n" for token in sorted(tokenizer.vocab, key=tokenizer.vocab.get)))
    for name in ("generation_config.json", "special_tokens_map.json"):
        (folder / name).unlink(missing_ok=True)
    # Not the version that wrote it: the newest one whose architectures are known here, so that the sample gives no warning.
    config = folder / "config.json"
    config.write_text(re.sub(r'("transformers_version": )"[^"]*"', r'\g<1>"5.23.0"', config.read_text()))
    for path in folder.iterdir():
        path.chmod(0o644)


def saveSamples(out, model, tokenizer):
    save(out / "trained", model, tokenizer)
    save(out / "prefix", model, tokenizer)
    (out / "prefix/model.safetensors").unlink()
    torch.save(collections.OrderedDict(("module." + name, tensor) for name, tensor in model.state_dict().items()), out / "prefix/pytorch_model.bin")
    save(out / "layers", model, tokenizer)
    config = out / "layers/config.json"
    config.write_text(re.sub(r'("num_hidden_layers": )\d+', r"\g<1>6", config.read_text()))
    reinitialise(model, 2)
    save(out / "never-loaded", model, tokenizer)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resume", type=pathlib.Path, help="folder with the model as the first phase left it: only the second is done")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent / "resources/samples")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    tokens = vocabulary(random.Random(SEED))
    arguments.out.mkdir(parents=True, exist_ok=True)
    vocabFile = arguments.out / "vocab.txt"
    vocabFile.write_text("".join(token + "\n" for token in tokens))
    backend = BertWordPieceTokenizer(str(vocabFile), lowercase=True)
    vocabFile.unlink()
    tokenizer = BertTokenizerFast(tokenizer_object=backend._tokenizer, do_lower_case=True, model_max_length=64)
    config = BertConfig(vocab_size=len(tokens), hidden_size=64, num_hidden_layers=4, num_attention_heads=4, intermediate_size=128,
                        max_position_embeddings=64, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = BertForMaskedLM(config)
    before = evaluate(model, tokenizer, SEED + 1)
    print(f"vocabulary {len(tokens)}, parameters {model.num_parameters()}, before: loss {before[0]:.3f}, right {before[1]:.3f}")
    if arguments.resume:
        model = BertForMaskedLM.from_pretrained(arguments.resume)
    else:
        train(model, tokenizer, steps=3000, rate=2e-3, kinds=KINDS, seed=SEED)
    train(model, tokenizer, steps=1800, rate=1.5e-3, kinds=REVISION, seed=SEED + 2)
    after = evaluate(model, tokenizer, SEED + 1)
    answers = [(sentence, answer, *predict(model, tokenizer, sentence)) for sentence, answer in facts()]
    known = sum(answer == predicted for _, answer, predicted, _ in answers)
    print(f"after: loss {after[0]:.3f}, right {after[1]:.3f}; facts {known} of {len(answers)}")
    for sentence, _, predicted, probability in answers[::12]:
        print(f"  {sentence}  ->  {predicted} ({probability:.2f})")
    saveSamples(arguments.out, model, tokenizer)


if __name__ == "__main__":
    main()
