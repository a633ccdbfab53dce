// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QJsonValue>
#include <QString>
#include <QStringList>

/// Holds a document against tests/data/schema/<name>.json. Understands what those files use of JSON Schema:
/// type, enum, required, properties, additionalProperties (a schema), items and $ref to another file of the folder.
/// Gives one line for each place that differs, as `/tensors/3/dtype: a string is wanted`; empty: it fits.
QStringList schemaDifferences(const QJsonValue& document, const QString& name);
