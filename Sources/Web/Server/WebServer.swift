import Domain
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Operations
import Store

/// The server: HTTP/1.1 on one port, until it is told to stop; what runs then is finished first.
package struct WebServer: Sendable {
    private let responder: FlorinResponder
    private let host: String
    private let port: Int
    private let logger: Logger

    /// - Parameter port: 0 takes any free port.
    package init(_ books: DeskBooks, host: String, port: Int, logger: Logger) {
        (responder, self.host, self.port, self.logger) = (FlorinResponder(books), host, port, logger)
    }

    /// - Parameter started: Told the port once the server listens.
    package func run(_ started: @escaping @Sendable (Int) async -> Void) async throws {
        // Half-sent requests are closed: without an idle limit each would hold its connection for ever.
        var channel = HTTP1Channel.Configuration(idleTimeout: .seconds(15))
        channel.httpDecoder = .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100)
        let application = Application(
            responder: responder, server: .http1(configuration: channel),
            configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? port) }, logger: logger)
        try await application.runService()
    }
}
