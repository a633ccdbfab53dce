// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/json_schema.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>

namespace {

QJsonObject loadSchema(const QString& file)
{
    QFile in(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/schema/") + file);
    return in.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(in.readAll()).object() : QJsonObject();
}

bool isOfType(const QJsonValue& value, const QString& type)
{
    if (type == QLatin1String("integer"))
        return value.isDouble() && std::floor(value.toDouble()) == value.toDouble();
    if (type == QLatin1String("number"))
        return value.isDouble();
    if (type == QLatin1String("string"))
        return value.isString();
    if (type == QLatin1String("boolean"))
        return value.isBool();
    if (type == QLatin1String("array"))
        return value.isArray();
    if (type == QLatin1String("object"))
        return value.isObject();
    return type == QLatin1String("null") && value.isNull();
}

bool fitsType(const QJsonValue& value, const QJsonValue& wanted)
{
    if (!wanted.isArray())
        return isOfType(value, wanted.toString());
    const QJsonArray types = wanted.toArray();
    return std::any_of(types.begin(), types.end(), [&value](const QJsonValue& type) { return isOfType(value, type.toString()); });
}

QString asText(const QJsonValue& value)
{
    return QString::fromUtf8(QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact));
}

void compare(const QJsonValue& value, const QJsonObject& schema, const QString& at, QStringList& out)
{
    if (schema.contains(QLatin1String("$ref"))) {
        const QString file = schema.value(QLatin1String("$ref")).toString();
        const QJsonObject other = loadSchema(file);
        if (other.isEmpty())
            out += at + QStringLiteral(": there is no schema ") + file;
        return compare(value, other, at, out);
    }
    const QJsonValue type = schema.value(QLatin1String("type"));
    if (!type.isUndefined() && !fitsType(value, type)) {
        out += at + QStringLiteral(": %1 is wanted, %2 found").arg(asText(type), asText(value).left(80));
        return;
    }
    const QJsonValue words = schema.value(QLatin1String("enum"));
    if (words.isArray() && !words.toArray().contains(value))
        out += at + QStringLiteral(": one of %1 is wanted, %2 found").arg(asText(words), asText(value).left(80));
    for (const QJsonValue& key : schema.value(QLatin1String("required")).toArray()) {
        if (!value.toObject().contains(key.toString()))
            out += at + QLatin1Char('/') + key.toString() + QStringLiteral(": missing");
    }
    const QJsonObject properties = schema.value(QLatin1String("properties")).toObject();
    const QJsonValue others = schema.value(QLatin1String("additionalProperties"));
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        const QJsonValue sub = properties.contains(it.key()) ? properties.value(it.key()) : others;
        if (sub.isObject())
            compare(it.value(), sub.toObject(), at + QLatin1Char('/') + it.key(), out);
    }
    const QJsonValue items = schema.value(QLatin1String("items"));
    const QJsonArray array = value.toArray();
    for (qsizetype i = 0; items.isObject() && i < array.size(); ++i)
        compare(array.at(i), items.toObject(), at + QLatin1Char('/') + QString::number(i), out);
}

} // namespace

QStringList schemaDifferences(const QJsonValue& document, const QString& name)
{
    const QJsonObject schema = loadSchema(name + QStringLiteral(".json"));
    if (schema.isEmpty())
        return {QStringLiteral("there is no schema ") + name};
    QStringList out;
    compare(document, schema, QString(), out);
    return out;
}
