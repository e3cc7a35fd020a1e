import ArgumentParser
import Domain
import Foundation
import Logging
import Operations
import Store
import Web

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves the desk and the API until it is told to stop.",
        discussion: """
            The first start prints a link that opens the administrator's account, once. Behind a proxy that ends TLS, listen on a loopback \
            address.
            Example: florin serve --database books.sqlite --port 8080
            """)

    @OptionGroup var books: BooksOptions
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The port; 0 takes a free one.") var port = 8080
    @Option(help: "The business day that the desk works on; each day's own when left out.") var on: Day?
    @Flag(inversion: .prefixedNo, help: "Run the days, letters and webhooks too, beside answering.") var schedule = true

    func run() async throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port takes 0 to 65535") }
        try await explained {
            // Before the books are opened, which brings their schema up to date.
            try await WebServer.tryListening(host: host, port: port)
            try await serve(try await books.open(toWrite: true), host: host, port: port, on: on, schedule: schedule)
        }
    }
}

/// Serves until the process is told to stop; then what runs is finished, or stopped between two transactions.
func serve(_ open: OpenBooks, host: String, port: Int, on day: Day? = nil, schedule: Bool = true) async throws {
    LoggingSystem.bootstrap { _ in JSONLog() }
    let books = DeskBooks(
        open.database, open.entity, open.configuration.terms, clock: { .now }, on: day,
        importFile: { try await takeFile($0, $1, open.of($2), by: $3) })
    let logger = Logger(label: "florin"), work = Schedule(open, on: day, logger)
    try await WebServer(books, host: host, port: port, logger: logger).run(beside: { if schedule { await work.run() } }) { port in
        // Only a server that listens takes an earlier one's link away.
        let link = try await invitation(open)
        let isHere = ["127.0.0.1", "0.0.0.0", "::1", "::"].contains(host), address = "http://\(isHere ? "localhost" : host):\(port)"
        print("Florin serves \(open.shownLocation) at \(address)")
        if let link { print("Open the administrator's account, once, within a day: \(address)/welcome?token=\(link)") }
        fflush(nil)
    }
}

/// A one-time token while nobody has an account; that of an earlier start is then worth nothing.
private func invitation(_ open: OpenBooks) async throws -> String? {
    let entity = open.entity
    guard try await open.database.read({ try Identify(entity).isFresh(in: $0) }) else { return nil }
    let token = Secret.token("inv_", of: entity), invite = InviteFirst(entity, token: token)
    return try await open.write { try invite.run(in: $0, at: $1) } ? token : nil
}

/// One JSON object a line on the error channel.
struct JSONLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [(name: String, value: String)] = [
            ("at", Instant.now.iso8601), ("level", event.level.rawValue), ("message", event.message.description),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }) {
            fields.append((key == "hb.request.id" ? "request_id" : key, value.description))
        }
        FileHandle.standardError.write(Data(logLine(fields).utf8))
    }
}
