import Domain
import Foundation
import Synchronization

/// Clients that each post one order after the other over a connection of their own.
final class HTTPLoad: Sendable {
    struct Measure: Sendable {
        var count = 0
        /// Requests a second.
        var rate = 0
        /// Microseconds.
        var p50 = 0, p99 = 0
    }
    private struct State {
        var times: [Int] = []
        var left = 0
        var failure: Failure?
    }

    private let port: Int
    private let token: String
    private let seconds: Int
    private let state = Mutex(State())
    init(port: Int, token: String, seconds: Int) { (self.port, self.token, self.seconds) = (port, token, seconds) }

    func run(clients: Int) async throws -> Measure {
        let start = ContinuousClock.now, end = start + .seconds(seconds)
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
        let (elapsed, _) = (ContinuousClock.now - start).components
        let (times, failure) = state.withLock { ($0.times.sorted(), $0.failure) }
        if let failure { throw failure }
        guard !times.isEmpty else { throw Failure("no request was answered") }
        return Measure(
            count: times.count, rate: times.count / max(Int(elapsed), 1), p50: times[times.count / 2], p99: times[times.count * 99 / 100])
    }

    /// - Returns: Microseconds of each request.
    private func post(_ client: Int, until end: ContinuousClock.Instant) throws -> [Int] {
        let socket = try connected()
        defer { close(socket) }
        var times: [Int] = [], number = 0, buffer = [UInt8](repeating: 0, count: 1 << 16)
        while ContinuousClock.now < end {
            number += 1
            let request = Array(text("c\(client)-n\(number)").utf8), start = ContinuousClock.now
            try write(request, to: socket)
            try readAnswer(socket, &buffer)
            let (whole, parts) = (ContinuousClock.now - start).components
            times.append(Int(whole) * 1_000_000 + Int(parts / 1_000_000_000_000))
        }
        return times
    }

    private func text(_ number: String) -> String {
        let body =
            "{\"orders\":[{\"channel\":\"bench\",\"number\":\"\(number)\",\"customer_number\":\"K\(number.hashValue & 1023)\",\"country\":\"DE\",\"ordered_on\":\"2026-03-09\","
            + "\"currency\":\"EUR\",\"lines\":[{\"sku\":\"A-1\",\"description\":\"Article\",\"quantity_milli\":2000,\"price_micro\":12500000}]}]}"
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
            if whole == nil, let head = buffer[..<have].firstRange(of: Array("\r\n\r\n".utf8)) {
                let lines = String(decoding: buffer[..<head.lowerBound], as: UTF8.self).lowercased().split(whereSeparator: \.isNewline)
                let length = lines.first { $0.hasPrefix("content-length:") }.flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
                guard lines.first?.contains(" 200 ") == true else {
                    throw Failure("an answer was \(String(decoding: buffer[..<have], as: UTF8.self))")
                }
                whole = head.upperBound + length
            }
        }
    }
}
