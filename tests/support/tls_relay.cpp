// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/tls_relay.h"

#include <QSslCertificate>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslServer>
#include <QTcpSocket>

namespace weighbridge::test {
namespace {

/// All that the client sends goes to the target, and back; both end together.
void pass(QTcpSocket* client, uint16_t to)
{
    auto* target = new QTcpSocket(client);
    const auto forward = [client, target] { target->write(client->readAll()); };
    QObject::connect(client, &QTcpSocket::readyRead, target, forward);
    QObject::connect(target, &QTcpSocket::connected, target, forward);
    QObject::connect(target, &QTcpSocket::readyRead, client, [client, target] { client->write(target->readAll()); });
    QObject::connect(target, &QTcpSocket::disconnected, client, &QTcpSocket::disconnectFromHost);
    QObject::connect(client, &QTcpSocket::disconnected, client, &QObject::deleteLater);
    target->connectToHost(QHostAddress::LocalHost, to);
}

uint16_t listen(QObject* place, uint16_t to, const QByteArray& certificate, const QByteArray& key)
{
    auto* server = new QSslServer(place);
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificate(QSslCertificate(certificate));
    configuration.setPrivateKey(QSslKey(key, QSsl::Ec));
    server->setSslConfiguration(configuration);
    if (configuration.localCertificate().isNull() || configuration.privateKey().isNull() || !server->listen(QHostAddress::LocalHost))
        qFatal("no TLS server with this certificate");
    QObject::connect(server, &QTcpServer::pendingConnectionAvailable, server, [server, to] {
        while (QTcpSocket* client = server->nextPendingConnection())
            pass(client, to);
    });
    return server->serverPort();
}

} // namespace

TlsRelay::TlsRelay(uint16_t to, const QByteArray& certificate, const QByteArray& key)
    : m_place(new QObject)
{
    m_place->moveToThread(&m_thread);
    m_thread.start();
    QMetaObject::invokeMethod(
        m_place, [&] { m_port = listen(m_place, to, certificate, key); }, Qt::BlockingQueuedConnection);
}

TlsRelay::~TlsRelay()
{
    QMetaObject::invokeMethod(
        m_place, [this] { delete m_place; }, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

} // namespace weighbridge::test
