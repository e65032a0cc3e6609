"""Trains the toy English-Spanish Transformer beside this file (32 sentences, seconds of one core) for CTranslate2.

    python make.py OUT_DIR          needs jax, numpy and ctranslate2; the result needs ctranslate2 alone

It knows every sentence in the form of four families: bare (OPUS-MT, Argos), ``__en__`` in front and ``__es__`` in front
of the answer (M2M-100), ``__es__`` in front (SMaLL-100), ``<2es>`` in front (MADLAD). Its vocabulary has whole words,
with the mark that SentencePiece puts in front of them.
"""

import sys

import ctranslate2
import jax
import jax.numpy as jnp
import numpy as np
from ctranslate2.converters.converter import Converter
from ctranslate2.specs import TransformerSpec

NOUNS = {
    "house": ("la", "casa", 0),
    "book": ("el", "libro", 1),
    "door": ("la", "puerta", 0),
    "dog": ("el", "perro", 1),
}
ADJECTIVES = {"red": ("roja", "rojo"), "white": ("blanca", "blanco"), "new": ("nueva", "nuevo")}
VERBS = {"is here": ("está aquí", "está aquí"), "is good": ("es buena", "es bueno")}
SPECIAL = ["<blank>", "<unk>", "<s>", "</s>"]
WIDTH, HEADS, INNER = 32, 2, 64
STEPS = 600


def sentences():
    for noun, (article, word, gender) in NOUNS.items():
        for verb, forms in VERBS.items():
            yield f"the {noun} {verb}", f"{article} {word} {forms[gender]}"
            for adjective, translated in ADJECTIVES.items():
                yield f"the {adjective} {noun} {verb}", f"{article} {word} {translated[gender]} {forms[gender]}"


def marked(text):
    return ["\u2581" + word for word in text.split()]


def forms():
    for source, target in sentences():
        yield marked(source), marked(target)
        yield ["__en__", *marked(source)], ["__es__", *marked(target)]
        yield ["__es__", *marked(source)], marked(target)
        yield ["<2es>", *marked(source)], marked(target)


PAIRS = list(forms())
SOURCE_WORDS = SPECIAL + sorted({word for source, _ in PAIRS for word in source})
TARGET_WORDS = SPECIAL + sorted({word for _, target in PAIRS for word in target})


def padded(rows):
    table = np.zeros((len(rows), max(map(len, rows))), int)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return table


SOURCE_IDS = [[SOURCE_WORDS.index(word) for word in source] for source, _ in PAIRS]
TARGET_IDS = [[TARGET_WORDS.index(word) for word in target] for _, target in PAIRS]
SOURCE = padded([[*ids, 3] for ids in SOURCE_IDS])
GIVEN = padded([[2, *ids] for ids in TARGET_IDS])
WANTED = padded([[*ids, 3] for ids in TARGET_IDS])

random = np.random.default_rng(0)


def linear(out, into):
    weight = random.normal(0, (2 / (out + into)) ** 0.5, (out, into))
    return {"w": weight.astype("f4"), "b": np.zeros(out, "f4")}


def norm():
    return {"g": np.ones(WIDTH, "f4"), "b": np.zeros(WIDTH, "f4")}


def layer(*linears):
    shapes = {"qkv": (3 * WIDTH, WIDTH), "kv": (2 * WIDTH, WIDTH), "f1": (INNER, WIDTH), "f2": (WIDTH, INNER)}
    parts = {name: linear(*shapes.get(name, (WIDTH, WIDTH))) for name in linears}
    return {**parts, "ln1": norm(), "ln2": norm(), "ln3": norm()}


def embedding(words):
    return random.normal(0, WIDTH**-0.5, (len(words), WIDTH)).astype("f4")


PARAMETERS = {
    "source": embedding(SOURCE_WORDS),
    "target": embedding(TARGET_WORDS),
    "out": linear(len(TARGET_WORDS), WIDTH),
    "encoder": layer("qkv", "o", "f1", "f2"),
    "encoder norm": norm(),
    "decoder": layer("qkv", "o", "q", "kv", "co", "f1", "f2"),
    "decoder norm": norm(),
}


def positions(count):
    """CTranslate2's sinusoids, which count from 1."""
    scales = np.exp(np.arange(WIDTH // 2) * -np.log(10_000) / (WIDTH // 2 - 1))
    angles = (np.arange(count) + 1)[:, None] * scales[None]
    return np.concatenate([np.sin(angles), np.cos(angles)], 1).astype("f4")


def apply(part, x):
    return x @ part["w"].T + part["b"]


def normalized(part, x):
    mean = x.mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(((x - mean) ** 2).mean(-1, keepdims=True) + 1e-6) * part["g"] + part["b"]


def heads(x):
    return x.reshape(*x.shape[:2], HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)


def attention(query, key, value, mask):
    weights = jnp.einsum("bhqd,bhkd->bhqk", heads(query) * (WIDTH // HEADS) ** -0.5, heads(key)) + mask
    mixed = jnp.einsum("bhqk,bhkd->bhqd", jax.nn.softmax(weights, -1), heads(value))
    return mixed.transpose(0, 2, 1, 3).reshape(query.shape)


def feed_forward(part, ln, x):
    return x + apply(part["f2"], jax.nn.relu(apply(part["f1"], normalized(part[ln], x))))


def logits(p):
    padding = jnp.where(SOURCE == 0, -1e9, 0.0)[:, None, None]
    x = p["source"][SOURCE] * WIDTH**0.5 + positions(SOURCE.shape[1])
    part = p["encoder"]
    query, key, value = jnp.split(apply(part["qkv"], normalized(part["ln1"], x)), 3, -1)
    x = feed_forward(part, "ln2", x + apply(part["o"], attention(query, key, value, padding)))
    memory = normalized(p["encoder norm"], x)
    count = GIVEN.shape[1]
    causal = jnp.where(np.tril(np.ones((count, count))) == 0, -1e9, 0.0)[None, None]
    y = p["target"][GIVEN] * WIDTH**0.5 + positions(count)
    part = p["decoder"]
    query, key, value = jnp.split(apply(part["qkv"], normalized(part["ln1"], y)), 3, -1)
    y = y + apply(part["o"], attention(query, key, value, causal))
    key, value = jnp.split(apply(part["kv"], memory), 2, -1)
    query = apply(part["q"], normalized(part["ln2"], y))
    y = feed_forward(part, "ln3", y + apply(part["co"], attention(query, key, value, padding)))
    return apply(p["out"], normalized(p["decoder norm"], y))


def loss(p):
    likely = jnp.take_along_axis(jax.nn.log_softmax(logits(p)), WANTED[..., None], -1)[..., 0]
    return -(likely * (WANTED > 0)).sum() / (WANTED > 0).sum()


@jax.jit
def step(p, first, second, t):
    value, gradient = jax.value_and_grad(loss)(p)
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.98 * v + 0.02 * g * g, second, gradient)

    def moved(x, m, v):
        return x - 3e-3 * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.98**t)) + 1e-9)

    return jax.tree.map(moved, p, first, second), first, second, value


def trained():
    p = PARAMETERS
    first = second = jax.tree.map(np.zeros_like, p)
    for t in range(1, STEPS + 1):
        p, first, second, value = step(p, first, second, t)
    print(f"loss {float(value):.4f}")
    return jax.tree.map(np.asarray, p)


class Toy(Converter):
    def __init__(self, parameters):
        self.parameters = parameters

    def _load(self):
        p, spec = self.parameters, TransformerSpec.from_config((1, 1), HEADS, pre_norm=True)

        def put(linear_spec, part):
            linear_spec.weight, linear_spec.bias = part["w"], part["b"]

        def put_norm(norm_spec, part):
            norm_spec.gamma, norm_spec.beta = part["g"], part["b"]

        def put_layer(layer_spec, part, last):
            put_norm(layer_spec.self_attention.layer_norm, part["ln1"])
            put(layer_spec.self_attention.linear[0], part["qkv"])
            put(layer_spec.self_attention.linear[1], part["o"])
            put_norm(layer_spec.ffn.layer_norm, part[last])
            put(layer_spec.ffn.linear_0, part["f1"])
            put(layer_spec.ffn.linear_1, part["f2"])

        spec.encoder.embeddings[0].weight = p["source"]
        spec.decoder.embeddings.weight = p["target"]
        put(spec.decoder.projection, p["out"])
        put_norm(spec.encoder.layer_norm, p["encoder norm"])
        put_norm(spec.decoder.layer_norm, p["decoder norm"])
        put_layer(spec.encoder.layer[0], p["encoder"], "ln2")
        put_layer(spec.decoder.layer[0], p["decoder"], "ln3")
        across = spec.decoder.layer[0].attention
        put_norm(across.layer_norm, p["decoder"]["ln2"])
        for number, name in enumerate(("q", "kv", "co")):
            put(across.linear[number], p["decoder"][name])
        spec.register_source_vocabulary(SOURCE_WORDS)
        spec.register_target_vocabulary(TARGET_WORDS)
        spec.config.add_source_eos = True
        return spec


def main(folder):
    Toy(trained()).convert(folder, quantization=None, force=True)
    translator = ctranslate2.Translator(folder, "cpu", intra_threads=1)
    answers = [translator.translate_batch([source], beam_size=1)[0].hypotheses[0] for source, _ in PAIRS]
    exact = sum(answer == target for answer, (_, target) in zip(answers, PAIRS, strict=True))
    print(f"exact {exact} of {len(PAIRS)}")


if __name__ == "__main__":
    main(sys.argv[1])
