// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/byte_tensors.h"
#include "tests/support/http_server.h"
#include "tests/support/tls_relay.h"

#include <QDirIterator>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSslSocket>
#include <QStandardPaths>
#include <QUrl>
#include <QtTest>

#include <memory>
#include <optional>
#include <tuple>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

const std::string commit = "0123456789abcdef0123456789abcdef01234567";

/// A safetensors file with one tensor whose values are not looked at.
Resource checkpoint()
{
    Resource out;
    out.head = byteTensorsHead({"weight"}, 4).toStdString();
    out.nbytes = out.head.size() + 4;
    return out;
}

Resource redirect(const std::string& to)
{
    Resource out;
    out.redirect = to;
    return out;
}

} // namespace

/// Whom weighbridge-fetch believes and tells a secret, seen from outside: each row is a process of its own, since certificates and tokens are
/// those of its environment.
class TstRemoteTrust : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_server.serve("/files/of/one.safetensors", checkpoint());
        const std::string listing = "{\"sha\":\"" + commit + "\",\"siblings\":[{\"rfilename\":\"model.safetensors\",\"size\":100}]}";
        for (const std::string& revision : {std::string("main"), commit}) {
            Resource document;
            document.head = listing;
            m_server.serve("/api/models/owner/model/revision/" + revision + "?blobs=true", document);
        }
        if (!QStandardPaths::findExecutable(QStringLiteral("openssl")).isEmpty() && QSslSocket::supportsSsl())
            makeCertificates();
    }
    void init()
    {
        m_server.forgetRequests();
        m_home.emplace();
    }

    void onlyACertificateOfATrustedAuthorityIsTaken_data()
    {
        QTest::addColumn<QString>("certificate");
        QTest::addColumn<QString>("variable");
        QTest::addColumn<QString>("reason"); // empty: it is taken
        QTest::newRow("own authority, curl's variable") << "good"
                                                        << "CURL_CA_BUNDLE"
                                                        << "";
        QTest::newRow("own authority, OpenSSL's variable") << "good"
                                                           << "SSL_CERT_FILE"
                                                           << "";
        QTest::newRow("own authority, the variable of the hub's tools") << "good"
                                                                        << "REQUESTS_CA_BUNDLE"
                                                                        << "";
        QTest::newRow("an authority that nobody knows") << "good"
                                                        << ""
                                                        << "issuer";
        QTest::newRow("another host's") << "other"
                                        << "CURL_CA_BUNDLE"
                                        << "subject name";
        QTest::newRow("expired") << "old"
                                 << "CURL_CA_BUNDLE"
                                 << "expired";
    }
    void onlyACertificateOfATrustedAuthorityIsTaken()
    {
        QFETCH(QString, certificate);
        QFETCH(QString, variable);
        QFETCH(QString, reason);
        if (!hasCertificates())
            QSKIP("there is no openssl to make certificates with");
        const auto relay = tls(certificate);
        const QJsonObject answer =
            inspect(QStringLiteral("https://127.0.0.1:%1/files/of/one.safetensors").arg(relay->port()), {{variable, pem("authority")}});
        if (reason.isEmpty()) {
            QCOMPARE(answer["format"].toString(), QStringLiteral("safetensors"));
            return;
        }
        const QJsonObject error = answer["error"].toObject();
        QCOMPARE(error["rule"].toString(), QStringLiteral("no-access"));
        QVERIFY2(error["message"].toString().contains(QStringLiteral("certificate")), qPrintable(error["message"].toString()));
        QVERIFY2(error["found"].toString().contains(reason), qPrintable(error["found"].toString()));
        QVERIFY(!error["fix"].toString().isEmpty());
        QVERIFY(m_server.requests().empty());
    }

    void encryptionIsNotLeftByARedirect()
    {
        if (!hasCertificates())
            QSKIP("there is no openssl to make certificates with");
        const auto relay = tls(QStringLiteral("good"));
        m_server.serve("/leaves", redirect(m_server.url("/files/of/one.safetensors")));
        const QJsonObject answer =
            inspect(QStringLiteral("https://127.0.0.1:%1/leaves").arg(relay->port()), {{QStringLiteral("CURL_CA_BUNDLE"), pem("authority")}});
        QVERIFY2(answer["error"].toObject()["message"].toString().contains(QStringLiteral("without encryption")),
                 qPrintable(answer["error"].toObject()["message"].toString()));
        QCOMPARE(m_server.requests().size(), size_t(1));
    }

    void theTokenOfTheEnvironmentGoesToTheHubAndIsWrittenNowhere()
    {
        HttpServer elsewhere;
        elsewhere.serve("/blob", checkpoint());
        m_server.serve("/owner/model/resolve/" + commit + "/model.safetensors", redirect(elsewhere.url("/blob")));
        const QJsonObject answer = inspect(QStringLiteral("hf:owner/model"), {{QStringLiteral("HF_TOKEN"), QStringLiteral("hf_secret")}});
        QCOMPARE(answer["tensors"].toArray().size(), qsizetype(1));
        QVERIFY(!m_server.requests().empty() && !elsewhere.requests().empty());
        for (const Request& request : m_server.requests())
            QCOMPARE(request.authorization, std::string("Bearer hf_secret"));
        for (const Request& request : elsewhere.requests())
            QCOMPARE(request.authorization, std::string());
        QVERIFY(!m_said.contains("hf_secret"));
        int files = 0;
        for (QDirIterator file(QString::fromStdString(m_home->path()), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); file.hasNext();
             ++files)
            QVERIFY2(!readFile(file.next()).contains("hf_secret"), qPrintable(file.filePath()));
        QVERIFY(files > 0); // the cache of what was fetched
    }

    void offlineTheHubIsNotAsked()
    {
        const QJsonObject error =
            inspect(QStringLiteral("hf:owner/model"), {{QStringLiteral("HF_HUB_OFFLINE"), QStringLiteral("1")}})["error"].toObject();
        QCOMPARE(error["rule"].toString(), QStringLiteral("unreachable"));
        QVERIFY(m_server.requests().empty());
    }

private:
    [[nodiscard]] QString pem(const char* name) const
    {
        return QString::fromStdString(m_certificates.path(QLatin1String(name) + QStringLiteral(".pem")));
    }
    [[nodiscard]] bool hasCertificates() const { return QFileInfo::exists(pem("old")); }

    std::unique_ptr<TlsRelay> tls(const QString& certificate) const
    {
        const auto read = [&](const char* ending) {
            return readFile(QString::fromStdString(m_certificates.path(certificate + QLatin1String(ending))));
        };
        return std::make_unique<TlsRelay>(uint16_t(QUrl(QString::fromStdString(m_server.url())).port()), read(".pem"), read(".key"));
    }

    static void runOpenssl(const QStringList& arguments)
    {
        QProcess openssl;
        openssl.start(QStringLiteral("openssl"), arguments);
        if (!openssl.waitForFinished() || openssl.exitCode() != 0)
            qFatal("openssl: %s", openssl.readAllStandardError().constData());
    }

    /// Signed by "authority", which signs itself.
    void makeCertificates() const
    {
        const auto path = [this](const QString& name) { return QString::fromStdString(m_certificates.path(name)); };
        const auto newKey = [&path](const QString& name) {
            return QStringList{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=" + name, "-keyout", path(name + ".key")};
        };
        runOpenssl(QStringList{"req", "-x509", "-days", "2", "-out", path("authority.pem")} + newKey("authority"));
        const std::tuple<const char*, const char*, const char*> leaves[] = {
            {"good", "IP:127.0.0.1", "2"}, {"other", "DNS:other.example", "2"}, {"old", "IP:127.0.0.1", "-1"}};
        for (const auto& [name, host, days] : leaves) {
            runOpenssl(QStringList{"req", "-new", "-addext", QStringLiteral("subjectAltName=") + host, "-out", path("request")} + newKey(name));
            runOpenssl({"x509", "-req", "-in", path("request"), "-copy_extensions", "copy", "-CA", path("authority.pem"), "-CAkey", path("authority.key"), "-days", days, "-out",
                        path(QLatin1String(name) + ".pem")});
        }
    }

    QJsonObject inspect(const QString& address, const QList<std::pair<QString, QString>>& variables)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char* name :
             {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"})
            environment.remove(QLatin1String(name));
        environment.insert(QStringLiteral("HF_ENDPOINT"), QString::fromStdString(m_server.url()));
        for (const char* name : {"HOME", "HF_HOME", "XDG_CACHE_HOME"})
            environment.insert(QLatin1String(name), QString::fromStdString(m_home->path()));
        for (const auto& [name, value] : variables)
            if (!name.isEmpty())
                environment.insert(name, value);
        QProcess process;
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-cli"), {QStringLiteral("inspect"), address, QStringLiteral("--json")});
        process.waitForFinished(60'000);
        const QByteArray answer = process.readAllStandardOutput();
        m_said = answer + process.readAllStandardError();
        return QJsonDocument::fromJson(answer).object();
    }

    HttpServer m_server;
    TemporaryFolder m_certificates;
    std::optional<TemporaryFolder> m_home;
    QByteArray m_said;
};

QTEST_GUILESS_MAIN(TstRemoteTrust)
#include "tst_remote_trust.moc"
