import Domain
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Operations
import ServiceLifecycle
import Store
import UnixSignals

/// The server: HTTP/1.1 on one port, until it is told to stop; what runs then is finished first.
package struct WebServer: Sendable {
    private let responder: FlorinResponder
    private let host: String
    private let port: Int
    private let logger: Logger

    /// - Parameter port: 0 takes any free port.
    package init(_ books: DeskBooks, host: String, port: Int, limits: ServerLimits = ServerLimits(), logger: Logger) {
        (responder, self.host, self.port, self.logger) = (FlorinResponder(books, limits), host, port, logger)
    }

    /// Listens for a moment: whoever cannot is told before anything else is done.
    ///
    /// - Parameter port: 0 asks about the host alone.
    /// - Errors: `ListenFault` when a server could not listen there now.
    package static func tryListening(host: String, port: Int) async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(ChannelOptions.autoRead, value: false)
        do { try await bootstrap.bind(host: host, port: port).get().close() } catch {
            throw ListenFault(error, host: host, port: port) ?? error
        }
    }

    /// - Parameters:
    ///   - work: Begins once the server listens and goes on beside the requests; cancelled when the server is told to stop.
    ///   - started: Told the port once the server listens, before the first request is answered; what it throws ends the server.
    /// - Errors: `ListenFault` when it cannot listen; what `started` throws.
    package func run(
        beside work: @escaping @Sendable () async -> Void = {}, _ started: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        // Half-sent requests are closed: without an idle limit each would hold its connection for ever.
        var channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [UnreadableRequestPlacing()], idleTimeout: .init(responder.limits.idle))
        channel.httpDecoder = .init(
            maxHeaderFieldSize: UnreadableRequest.fieldBytes, maxHeaderListSize: UnreadableRequest.listBytes,
            maxHeaderFieldCount: UnreadableRequest.fieldCount)
        let (ready, listens) = AsyncThrowingStream<Void, any Error>.makeStream()
        let application = Application(
            responder: responder, server: .http1(configuration: channel),
            configuration: .init(
                address: .hostname(host, port: port), serverName: nil,
                availableConnectionsDelegate: .maximum(responder.limits.connections, logger: logger)),
            onServerRunning: { channel in
                do {
                    try await started(channel.localAddress?.port ?? port)
                    listens.finish()
                } catch { listens.finish(throwing: error) }
            }, logger: logger)
        let serving = Serving(application: application, ready: ready, work: work)
        var settings = ServiceGroupConfiguration(services: [serving], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        settings.maximumGracefulShutdownDuration = responder.limits.drain
        settings.maximumCancellationDuration = responder.limits.end
        do { try await ServiceGroup(configuration: settings).run() } catch { throw ListenFault(error, host: host, port: port) ?? error }
    }
}

/// Requests and the work beside them, told to stop at the same moment.
private struct Serving: Service {
    let application: Application<FlorinResponder>
    /// Ends once the server listens and whoever started it knows.
    let ready: AsyncThrowingStream<Void, any Error>
    let work: @Sendable () async -> Void

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask {
                try await cancelWhenGracefulShutdown {
                    for try await _ in ready {}
                    if !Task.isCancelled { await work() }
                }
            }
            // The first that fails ends the others: `waitForAll` would wait for them.
            for try await _ in group {}
        }
    }
}

/// Why the server cannot listen, in words for who started it.
package struct ListenFault: Error, CustomStringConvertible {
    package let description: String

    init?(_ error: any Error, host: String, port: Int) {
        switch (error, (error as? IOError)?.errnoCode) {
        case (_, EADDRINUSE): description = "port \(port) is taken: name another with --port"
        case (_, EACCES): description = "port \(port) may be opened by root alone: name another with --port"
        case (_, EADDRNOTAVAIL), (is SocketAddressError, _), (is SocketAddressError.UnknownHost, _):
            description = "\(host) is no address of this machine: name another with --host"
        default: return nil
        }
    }
}
