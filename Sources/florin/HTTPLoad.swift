import Domain
import Foundation
import Synchronization

/// Clients that each post one order after the other over a connection of their own, for a second.
final class HTTPLoad: Sendable {
    struct Measure: Sendable {
        var count = 0
        /// Requests a second.
        var rate = 0
        /// Microseconds.
        var p50 = 0, p99 = 0
        /// Microseconds of processor time a request, of server and clients together.
        var processor = 0
    }
    private struct State {
        var times: [Int] = []
        var left = 0
        var failure: Failure?
    }

    private let port: Int
    private let token: String
    private let turn: Int
    private let state = Mutex(State())

    /// - Parameter turn: Each posts orders of its own.
    init(port: Int, token: String, turn: Int) { (self.port, self.token, self.turn) = (port, token, turn) }

    func run(clients: Int) async throws -> Measure {
        let start = ContinuousClock.now, end = start + .seconds(1), spent = Self.processorMicroseconds
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            state.withLock { $0.left = clients }
            for client in 0..<clients {
                Thread.detachNewThread {
                    let result = Result { try self.post(client, until: end) }
                    let isLast = self.state.withLock { state in
                        switch result {
                        case .success(let times): state.times += times
                        case .failure(let error): state.failure = error as? Failure ?? Failure("\(error)")
                        }
                        state.left -= 1
                        return state.left == 0
                    }
                    if isLast { done.resume() }
                }
            }
        }
        let elapsed = ContinuousClock.now - start
        let (times, failure) = state.withLock { ($0.times.sorted(), $0.failure) }
        if let failure { throw failure }
        guard !times.isEmpty else { throw Failure("no request was answered") }
        return Measure(
            count: times.count, rate: Int(Double(times.count) / (elapsed / .seconds(1))), p50: times[times.count / 2],
            p99: times[times.count * 99 / 100],
            processor: (Self.processorMicroseconds - spent) / times.count)
    }

    private static var processorMicroseconds: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000 + Int(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }

    /// - Returns: Microseconds of each request.
    private func post(_ client: Int, until end: ContinuousClock.Instant) throws -> [Int] {
        let socket = try connected()
        defer { close(socket) }
        var times: [Int] = [], number = 0, buffer = [UInt8](repeating: 0, count: 1 << 16)
        while ContinuousClock.now < end {
            number += 1
            let request = Array(text("t\(turn)-c\(client)-n\(number)", customer: (client &* 31 &+ number &* 17) % 1024).utf8),
                start = ContinuousClock.now
            try write(request, to: socket)
            try readAnswer(socket, &buffer)
            let (whole, parts) = (ContinuousClock.now - start).components
            times.append(Int(whole) * 1_000_000 + Int(parts / 1_000_000_000_000))
        }
        return times
    }

    private func text(_ number: String, customer: Int) -> String {
        let body =
            "{\"orders\":[{\"channel\":\"bench\",\"number\":\"\(number)\",\"customer_number\":\"K\(customer)\","
            + "\"country\":\"DE\",\"ordered_on\":\"2026-03-09\",\"currency\":\"EUR\","
            + "\"lines\":[{\"sku\":\"A-1\",\"description\":\"Article\",\"quantity_milli\":2000,\"price_micro\":12500000}]}]}"
        return "POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\nContent-Type: application/json\r\n"
            + "Idempotency-Key: bench-\(number)-0123456789\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func connected() throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) } }
        guard code == 0 else { throw Failure("port \(port): cannot connect") }
        return socket
    }

    private func write(_ bytes: [UInt8], to socket: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { send(socket, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure("the server closed the connection") }
            sent += count
        }
    }

    /// Reads one answer whole; anything but 200 ends the measurement.
    private func readAnswer(_ socket: Int32, _ buffer: inout [UInt8]) throws {
        var have = 0, whole: Int?
        while whole.map({ have < $0 }) ?? true {
            let count = buffer.withUnsafeMutableBytes { recv(socket, $0.baseAddress! + have, $0.count - have, 0) }
            guard count > 0 else { throw Failure("the server closed the connection") }
            have += count
            if whole == nil { whole = try buffer.withUnsafeBytes { try Self.length(UnsafeRawBufferPointer(rebasing: $0[..<have])) } }
        }
    }

    /// The bytes of head and body, once the head is there; read as cheaply as a client in C would, so that what is measured is the server.
    private static func length(_ bytes: UnsafeRawBufferPointer) throws -> Int? {
        guard var line = bytes.baseAddress else { return nil }
        let end = line + bytes.count
        var length: Int?
        while let feed = memchr(line, 10, end - line), feed + 1 < UnsafeMutableRawPointer(mutating: end) {
            if line == bytes.baseAddress, memcmp(line, "HTTP/1.1 200 ", 13) != 0 {
                throw Failure("an answer was \(String(decoding: bytes, as: UTF8.self))")
            }
            line = UnsafeRawPointer(feed) + 1
            if strncasecmp(line.assumingMemoryBound(to: CChar.self), "content-length:", 15) == 0 {
                length = atol((line + 15).assumingMemoryBound(to: CChar.self))
            }
            guard line.load(as: UInt8.self) == 13 else { continue }
            guard let length else { throw Failure("an answer does not tell its length") }
            return bytes.baseAddress!.distance(to: line) + 2 + length
        }
        return nil
    }
}
