#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes tests/data/keras: small whole models, in both of Keras 3's formats, with every kind of layer that has weights.

    make_keras_data.py [OUT]

Needs keras 3 with tensorflow. Values are zero: the tests are about names and shapes.
"""
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras  # noqa: E402
from keras import layers as L  # noqa: E402

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "tests/data/keras")


def images():
    """A Sequential model of convolutions and norms, one layer of which is not trained."""
    return keras.Sequential([
        keras.Input((12, 12, 3)), L.Conv2D(4, 3, name="conv_a"), L.BatchNormalization(), L.PReLU(shared_axes=[1, 2]), L.SeparableConv2D(6, 3),
        L.DepthwiseConv2D(3, padding="same", strides=2), L.Conv2DTranspose(5, 2, trainable=False), L.GroupNormalization(1), L.MaxPooling2D(), L.Flatten(), L.Dense(7), L.Dropout(.5),
        L.LayerNormalization(), L.UnitNormalization(), L.Dense(3, use_bias=False, name="out")], name="net")


def sequences():
    """A functional model of recurrent layers and attention with a model inside it."""
    ids = keras.Input((9,), dtype="int32", name="ids")
    x = L.Embedding(11, 8)(ids)
    x = L.Add()([x, L.MultiHeadAttention(2, 4, value_dim=3)(x, x)])
    x = L.EinsumDense("abc,cd->abd", output_shape=(None, 8), bias_axes="d")(x)
    x = L.Bidirectional(L.LSTM(5, return_sequences=True))(x)
    x = L.TimeDistributed(L.Dense(6))(x)
    x = L.GRU(4, return_sequences=True)(x)
    x = L.Conv1D(4, 3, groups=2)(x)
    x = L.SimpleRNN(4, return_sequences=True)(x)
    x = L.RNN([L.LSTMCell(3), L.GRUCell(2)])(x)
    inner = keras.Sequential([keras.Input((2,)), L.Dense(4), L.BatchNormalization(), L.Dense(2)], name="inner")
    y = L.Concatenate()([L.Normalization()(inner(x)), x])
    return keras.Model(ids, L.Dense(2, name="head")(y * 2 + 1), name="sequences")


def others():
    x = inputs = keras.Input((5, 6))
    x = L.GroupQueryAttention(4, 4, 2)(x, x)
    x = L.Attention(use_scale=True)([x, x])
    x = L.AdditiveAttention()([x, x])
    x = L.RMSNormalization()(x)
    x = L.ConvLSTM1D(2, 2)(L.Reshape((5, 6, 1))(x))
    return keras.Model(inputs, L.Conv1DTranspose(3, 2)(x), name="others")


@keras.saving.register_keras_serializable("tests")
class Scale(L.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), name="factor")

    def call(self, x):
        return x * self.factor


def custom():
    return keras.Sequential([keras.Input((4,)), L.Dense(3), Scale(), L.Dense(2)], name="custom")


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for build in (images, sequences, others, custom):
        keras.utils.clear_session()
        model = build()
        model.set_weights([w * 0 for w in model.get_weights()])
        for extension in ("keras", "h5"):
            model.save(OUT / f"{build.__name__}.{extension}")


if __name__ == "__main__":
    main()
