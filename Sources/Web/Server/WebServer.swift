import Domain
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Operations
import ServiceLifecycle
import Store
import UnixSignals

/// The server: HTTP/1.1 on one port, until it is told to stop; what runs then is finished first.
package struct WebServer: Sendable {
    /// How long requests that run and work that is under way may take after SIGTERM or SIGINT; then both are cancelled.
    private static let drain = Duration.seconds(20)

    private let responder: FlorinResponder
    private let host: String
    private let port: Int
    private let logger: Logger

    /// - Parameter port: 0 takes any free port.
    package init(_ books: DeskBooks, host: String, port: Int, limits: ServerLimits = ServerLimits(), logger: Logger) {
        (responder, self.host, self.port, self.logger) = (FlorinResponder(books, limits), host, port, logger)
    }

    /// - Parameters:
    ///   - work: Goes on beside the requests; cancelled when the server is told to stop.
    ///   - started: Told the port once the server listens.
    package func run(
        beside work: @escaping @Sendable () async -> Void = {}, _ started: @escaping @Sendable (Int) async -> Void
    ) async throws {
        // Half-sent requests are closed: without an idle limit each would hold its connection for ever.
        var channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [UnreadableRequestPlacing()], idleTimeout: .init(responder.limits.idle))
        channel.httpDecoder = .init(
            maxHeaderFieldSize: UnreadableRequest.fieldBytes, maxHeaderListSize: UnreadableRequest.listBytes,
            maxHeaderFieldCount: UnreadableRequest.fieldCount)
        let application = Application(
            responder: responder, server: .http1(configuration: channel),
            configuration: .init(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: .maximum(responder.limits.connections, logger: logger)),
            onServerRunning: { channel in await started(channel.localAddress?.port ?? port) }, logger: logger)
        let serving = Serving(application: application, work: work)
        var settings = ServiceGroupConfiguration(services: [serving], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        settings.maximumGracefulShutdownDuration = Self.drain
        try await ServiceGroup(configuration: settings).run()
    }
}

/// Requests and the work beside them, told to stop at the same moment.
private struct Serving: Service {
    let application: Application<FlorinResponder>
    let work: @Sendable () async -> Void

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask { await cancelWhenGracefulShutdown { await work() } }
            try await group.waitForAll()
        }
    }
}
